"""The lists of packages."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[^ ;]+( *;.*)?")


def test_every_requirement_is_pinned() -> None:
    """Two installations of one commit have the same packages."""
    files = sorted(ROOT.glob("requirements*.txt"))
    lines = [line.partition("#")[0].strip() for file in files for line in file.read_text().splitlines()]
    assert len(files) > 2
    assert [line for line in lines if line and not line.startswith("-r ") and not PINNED.fullmatch(line)] == []
