"""`python -m core.runner`: as a child of the page server, or on its own with `--standalone`."""

from __future__ import annotations


def main() -> None:
    """Reads the command line and the settings, and runs."""
    # Imported here: the workers are spawned, and a spawned process imports this file again.
    import argparse

    from core.catalog import CATALOG
    from core.runner.process import run
    from core.settings import settings

    parser = argparse.ArgumentParser(
        prog="python -m core.runner", description="Runs the jobs of an Assay installation."
    )
    parser.add_argument(
        "--standalone", action="store_true", help="go on when standard input ends (else its end is the parent's end)"
    )
    run(settings(), CATALOG, watch_parent=not parser.parse_args().standalone)


if __name__ == "__main__":
    main()
