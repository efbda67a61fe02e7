"""Text from strangers, made fit to be shown. It is never part of a path."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 200
_TAIL = 50
_JOINER = "\u200d"  # holds composed emoji together


def shown(text: str, otherwise: str = "untitled") -> str:
    """A name as people will see it: control characters replaced, at most 200 characters, never empty.

    A longer one is cut in the middle, since its ending tells what kind of file it is.
    """
    cleaned = "".join(_visible(character) for character in text.strip())
    if len(cleaned) > LONGEST:
        cleaned = f"{cleaned[: LONGEST - _TAIL - 1]}…{cleaned[-_TAIL:]}"
    return cleaned or otherwise


def file_suffix(filename: str) -> str:
    """The suffix under which a file is stored: ".csv", ".csv.gz", or ".bin" where the name has no plain one."""
    suffixes = PurePosixPath(filename.lower()).suffixes
    kept = "".join(suffixes[-2:] if suffixes[-1:] == [".gz"] else suffixes[-1:])
    return kept if re.fullmatch(r"(\.[a-z0-9]{1,12}){1,2}", kept) else ".bin"


def _visible(character: str) -> str:
    invisible = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != _JOINER
    return "\ufffd" if invisible else character
