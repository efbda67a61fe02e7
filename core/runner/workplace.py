"""Where a step finds its files and keeps its value, on whichever machine it runs."""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.analysis import Source, Step
from core.errors import BadInput
from core.settings import Settings, settings
from core.store.shelves import Shelves, open_shelves
from core.store.sources import source_here
from core.store.steps import Steps

PATIENCE = 300.0  # seconds that an object store is asked again before the job fails


@dataclass(frozen=True)
class Workplace:
    """Travels from the runner to the workers.

    Without an object store all of them work in the home folder of the runner. With one each works in a home folder of its
    own, and the object store is what they share.

    Attributes:
        home: the home folder of the runner.
        store: its ASSAY_STORE.
    """

    home: str
    store: str = ""

    def shelves(self) -> Shelves:
        """The shelves of this machine.

        Raises:
            BadInput: runner and worker were set up with different object stores.
        """
        if self.store and settings().store != self.store:
            raise BadInput(
                f"This worker has ASSAY_STORE={settings().store or '(empty)'}, its runner ASSAY_STORE={self.store}; "
                "set both to the same."
            )
        return _shelves(self)

    def steps(self) -> Steps:
        """The finished steps."""
        return Steps(self.shelves().steps)


@cache
def _shelves(place: Workplace) -> Shelves:
    own = settings() if place.store else Settings(home=Path(place.home), store="")
    return open_shelves(own, PATIENCE)


def pack(step: Step) -> bytes:
    """A step as it travels: its sources are named by their digests, wherever they stand in its arguments."""
    stream = io.BytesIO()
    _Packer(stream).dump(step)
    return stream.getvalue()


@contextmanager
def unpacked(parcel: bytes, place: Workplace) -> Iterator[Step]:
    """A step that has travelled, with the files of its sources on this machine; within this block they stay.

    Raises:
        BadInput: a file was deleted.
        Unavailable: a file can't be had at the moment.
    """
    with ExitStack() as files:
        yield _Unpacker(parcel, place, files).load()


class _Packer(pickle.Pickler):
    def persistent_id(self, value: Any) -> tuple[Any, ...] | None:
        if type(value) is not Source:
            return None
        return tuple(getattr(value, field.name) for field in dataclasses.fields(Source))


class _Unpacker(pickle.Unpickler):
    def __init__(self, parcel: bytes, place: Workplace, files: ExitStack) -> None:
        super().__init__(io.BytesIO(parcel))
        self._place = place
        self._files = files

    def persistent_load(self, fields: tuple[Any, ...]) -> Source:
        return self._files.enter_context(source_here(self._place.shelves(), Source(*fields)))
