"""A `Source` as a row keeps it, and its file on this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from core.analysis import Inputs, Source
from core.errors import BadInput
from core.store.shelves import Shelves


def neutral(source: Source) -> Source:
    """The source under a name that tells nobody how its owner calls it: jobs and results are shared."""
    if source.builtin:
        return source
    return dataclasses.replace(source, name=f"{source.kind} {source.digest[:10]}")


def as_row(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Slot -> the fields of its source, as plain JSON values; rows of the data themselves are left out."""
    return {
        slot: {
            "kind": source.kind,
            "name": source.name,
            "digest": source.digest,
            "location": source.location,
            "details": {name: found for name, found in source.details.items() if name != "preview"},
        }
        for slot, source in inputs.items()
    }


def from_row(row: Mapping[str, Mapping[str, Any]]) -> dict[str, Source]:
    """The inverse of `as_row`."""
    return {slot: Source(**fields) for slot, fields in row.items()}


@contextmanager
def here(shelves: Shelves, inputs: Inputs) -> Iterator[dict[str, Source]]:
    """Sources whose locations are those of this machine; within this block their files stay.

    A row says where a file was on the machine that took it in; it is found by its digest on every other.

    Raises:
        BadInput: a file was deleted.
        Unavailable: it can't be had at the moment.
    """
    with ExitStack() as files:
        yield {slot: files.enter_context(source_here(shelves, source)) for slot, source in inputs.items()}


@contextmanager
def source_here(shelves: Shelves, source: Source) -> Iterator[Source]:
    """One such source.

    Raises:
        BadInput: its file was deleted.
        Unavailable: it can't be had at the moment.
    """
    if source.builtin or not source.digest:  # what has no digest was not stored, and is where it says
        yield source
        return
    with ExitStack() as file:
        try:
            path = file.enter_context(held_file(shelves, source.digest, Path(source.location).name))
        except FileNotFoundError:
            raise BadInput(f"The file of {source.name} was deleted before the run began. Upload it again.") from None
        yield dataclasses.replace(source, location=str(path))


@contextmanager
def held_file(shelves: Shelves, digest: str, name: str) -> Iterator[Path]:
    """The stored content of a digest under a name such as "content.csv", whose ending tells readers what it is.

    Raises:
        FileNotFoundError: it is not kept.
        Unavailable: it can't be had at the moment.
    """
    with shelves.uploads.hold(digest) as folder:
        path = folder / name
        if not path.exists():  # the same bytes came under another ending too
            with suppress(FileExistsError):
                path.hardlink_to(next(folder.glob("content.*"), path))
        yield path
