"""Where on a page, and for whom, a result stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class OwnRun:
    """The visitor's own run of a result: they may add to it."""

    workspace: str
    run: str


@dataclass(frozen=True)
class SharedResult:
    """A result behind a link, which its visitor may only read: the token, and the place among its results from 1."""

    token: str
    place: int


@dataclass(frozen=True)
class Place:
    """Where a result stands.

    Attributes:
        files: the address of its files.
        element: a name that is unique on the page.
        names: for those whose inputs they are, the names of these, by slot.
        held: by what right it is shown; None where nothing but the result itself is.
    """

    files: str
    element: str
    names: Mapping[str, str] | None = None
    held: OwnRun | SharedResult | None = None
