"""What a malicious file of the corpus is: how it is made, under which name it comes, and what has to become of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Make = Callable[["Ingredients"], bytes]


@dataclass(frozen=True)
class Ingredients:
    """What files are made from.

    Attributes:
        honest: honest files by name.
        canary: a folder that a payload would make.
        secret: a file that nobody may open.
    """

    honest: Mapping[str, bytes]
    canary: Path
    secret: Path


@dataclass(frozen=True)
class Case:
    """One malicious file.

    Attributes:
        name: of the test.
        filename: under which it comes.
        make: its content.
        says: what the one sentence of the refusal has to match; None: it is harmless and is read.
        hint: what the person says that it is.
    """

    name: str
    filename: str
    make: Make
    says: str | None
    hint: str | None = None


class Payload:
    """Makes the canary when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.canary),)


def fixed(content: bytes) -> Make:
    """Content that needs no ingredients."""
    return lambda _: content


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    """Brackets in brackets."""
    return opening * depth + closing * depth
