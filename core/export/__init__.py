"""What leaves the workbench: archives, one-file pages, snippets, citations, and the check of what comes back."""
