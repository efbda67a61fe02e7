"""From a source to a data set: picks the reader, and keeps the last few sets of this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.arrays import Arrays, arrays_dataset
from core.data.dataset import Dataset
from core.data.formats import FORMATS, Format, check_content, format_of, shown
from core.data.table import Table, table_dataset
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source

_READERS = {
    "csv": "csv_file",
    "parquet": "parquet_file",
    "npz": "npz_file",
    "npy": "npy_file",
    "idx": "idx_file",
    "zip": "idx_zip",
}
_CACHED_SETS = 4
_CACHED_BYTES = 1 << 29


def load_dataset(source: Source, target: str = "") -> Dataset:
    """Loads a built-in or stored data set, checked from end to end.

    Args:
        source: of kind "dataset".
        target: the label column of a table; empty: the one called y, label, target or class, if its values can
            be labels, else no labels. Labels of an npz are its y.

    Returns:
        The data set, whose arrays are shared by all callers of this process and read-only.

    Raises:
        BadInput: the file can't be used; one sentence names the file, the place, what was found, what to do.
        TooLarge: more than the limits, or than there is memory.
    """
    kept = _cache.get((source.digest, target))
    if kept is None:
        kept = _load(source, target)
        for array in (kept.X, kept.y):
            if array is not None:
                array.flags.writeable = False
        _cache.put((source.digest, target), kept)
    return replace(kept, name=source.name)


def read_file(path: Path, format_: Format, filename: str) -> Table | Arrays:
    """Reads a whole file with the reader of its format.

    Args:
        path: the file.
        format_: one of `FORMATS`.
        filename: as messages show it.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    if not path.is_file():
        raise BadInput(f"{filename} does not exist.")
    check_content(path, format_, filename)
    return _reader(format_.name)(path, filename)


def _load(source: Source, target: str) -> Dataset:
    if source.builtin:
        from core.data.builtin_loaders import load_builtin

        dataset = load_builtin(source.builtin)
        if target and (target != "y" or dataset.y is None):
            held = "its labels are y" if dataset.y is not None else "it holds no labels"
            raise BadInput(f"{source.name} has no labels called {target!r}; {held}.")
        return dataset
    path, filename = Path(source.location), shown(source.name)
    content = read_file(path, _format_of(source), filename)
    if isinstance(content, Table):
        return table_dataset(content, target, source.name)
    if holds_labels_only(content, _format_of(source)):
        raise BadInput(f"{filename} holds labels without images; pair it with its images file.")
    return arrays_dataset(content, target, source.name)


def holds_labels_only(arrays: Arrays, format_: Format) -> bool:
    """Is this an idx file of labels?"""
    return format_.name == "idx" and arrays.X.ndim == 1


def _format_of(source: Source) -> Format:
    """As the inspection found it; a stored file may lie under its digest and be called anything."""
    for format_ in FORMATS:
        if source.details.get("format") == format_.name:
            return format_
    return format_of(Path(source.location).name, source.name)


def _reader(name: str) -> Callable[[Path, str], Table | Arrays]:
    module = import_module(f"core.data.{_READERS[name]}")  # on demand: reading npz brings in no csv parser
    reader: Callable[[Path, str], Table | Arrays] = getattr(module, f"read_{_READERS[name].removesuffix('_file')}")
    return reader


class _Recent:
    """The data sets used last, a few and of bounded size; a set too big for it is not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Dataset] = OrderedDict()

    def get(self, key: tuple[str, str]) -> Dataset | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[str, str], dataset: Dataset) -> None:
        with self._lock:
            self._kept[key] = dataset
            while len(self._kept) > _CACHED_SETS or sum(one.X.nbytes for one in self._kept.values()) > _CACHED_BYTES:
                self._kept.popitem(last=False)


_cache = _Recent()
