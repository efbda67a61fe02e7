"""Documentation out of the code's own declarations: the Help page shows it, and `python -m core docs` writes it as files."""
