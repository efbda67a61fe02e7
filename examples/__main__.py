"""`python -m examples`: the notebook of each script. A script is the source; a notebook is never edited by hand.

Cells begin at lines of `# %%`; a cell `# %% [markdown]` holds words, as comments.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def scripts() -> list[Path]:
    """The examples, by name."""
    return sorted(path for path in FOLDER.glob("*.py") if not path.name.startswith("_"))


def cells(text: str) -> list[tuple[str, str]]:
    """The cells of a script: "markdown" or "code", and what stands in each.

    >>> cells("# %% [markdown]\\n# # Title\\n# Words.\\n\\n# %%\\nx = 1\\n")
    [('markdown', '# Title\\nWords.'), ('code', 'x = 1')]
    """
    found = []
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        kind = "markdown" if "[markdown]" in head else "code"
        lines = body.strip("\n").splitlines()
        found.append(
            (
                kind,
                "\n".join(line.removeprefix("#").removeprefix(" ") if kind == "markdown" else line for line in lines),
            )
        )
    return found


def notebook(text: str) -> str:
    """A script as a notebook without outputs (nbformat 4.5)."""
    made: list[dict[str, Any]] = []
    for place, (kind, body) in enumerate(cells(text)):
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": f"cell-{place}",
            "metadata": {},
            "source": body.splitlines(True),
        }
        made.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": made,
        "metadata": {"kernelspec": python, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Writes every notebook beside its script."""
    for script in scripts():
        target = script.with_suffix(".ipynb")
        target.write_text(notebook(script.read_text("utf-8")), "utf-8")
        print(target.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
