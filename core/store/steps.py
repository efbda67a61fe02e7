"""Finished steps, kept under their content key: plain values as JSON, arrays as npz, tables as parquet; no pickle."""

from __future__ import annotations

import json
import math
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.store.objects import Damaged
from core.store.shelves import STEP_MARKER, FolderShelf, Shelf

if TYPE_CHECKING:
    import pandas as pd


class Steps:
    """A `StepCache` on a shelf, for any number of processes at once.

    A value is None, bool, int, float (nan and infinities too), str, list, tuple, dict, numpy array, numpy
    scalar or DataFrame, nested as you like. `get` gives back what `put` was given, types included.

    Attributes:
        shelf: where the values are kept.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def has(self, key: str) -> bool:
        """Whether a step is finished and kept.

        Raises:
            Unavailable: that can't be known at the moment.
        """
        return self.shelf.has(key)

    def get(self, key: str) -> Any:
        """The value of a finished step.

        Raises:
            KeyError: the step is not there, or its files are damaged (they are removed then).
            Unavailable: it can't be had at the moment.
        """
        try:
            folder = self.shelf.bring(key)
        except FileNotFoundError:
            raise KeyError(key) from None
        except Damaged:
            self.shelf.discard(key)
            raise KeyError(key) from None
        try:
            value = _Reader(folder).decode(json.loads((folder / STEP_MARKER).read_text("utf-8")))
            with suppress(OSError):  # where nothing can be written, what is there can still be read
                os.utime(folder)  # the least recently read goes first
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            self.shelf.discard(key)
            raise KeyError(key) from None
        return value

    def put(self, key: str, value: Any) -> None:
        """Keeps a value; a reader sees all of it or nothing.

        Raises:
            TypeError: the value holds something that is not plain.
            Unavailable: it can't be kept at the moment.
        """
        writer = _Writer()
        written = writer.encode(value)

        def fill(folder: Path) -> None:
            (folder / STEP_MARKER).write_text(json.dumps(written, allow_nan=False), "utf-8")
            if writer.arrays:
                np.savez(folder / "arrays.npz", allow_pickle=False, **writer.arrays)
            for number, frame in enumerate(writer.frames):
                frame.to_parquet(folder / f"{number}.parquet")

        self.shelf.keep(key, fill)


class StepFolder(Steps):
    """Finished steps in a folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(FolderShelf(path, path / "tmp", STEP_MARKER))
        self.path = path


class _Writer:
    """Turns a value into JSON; arrays and tables are put aside and referred to by number."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.frames: list[pd.DataFrame] = []

    def encode(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) is list:
            return [self.encode(item) for item in value]
        if type(value) is tuple:
            return {"tuple": [self.encode(item) for item in value]}
        if isinstance(value, dict):
            return {"dict": [[self.encode(name), self.encode(item)] for name, item in value.items()]}
        if isinstance(value, np.generic):
            return {"scalar": self._put_array(np.asarray(value))}
        if type(value) is np.ndarray:
            return {"array": self._put_array(value)}
        import pandas as pd

        if type(value) is pd.DataFrame:
            self.frames.append(value)
            return {"frame": len(self.frames) - 1}
        raise TypeError(
            f"A step returned a {type(value).__name__}; return numbers, text, lists, tuples, dicts, arrays or DataFrames."
        )

    def _put_array(self, array: np.ndarray) -> str:
        if array.dtype.hasobject:
            raise TypeError("A step returned an array of objects; return an array of numbers or of text.")
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name


class _Reader:
    """The inverse of `_Writer`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        archive = folder / "arrays.npz"
        self.arrays: dict[str, np.ndarray] = {}
        if archive.exists():
            with np.load(archive, allow_pickle=False) as opened:
                self.arrays = {name: opened[name] for name in opened.files}

    def decode(self, written: Any) -> Any:
        if isinstance(written, list):
            return [self.decode(item) for item in written]
        if not isinstance(written, dict):
            return written
        ((tag, content),) = written.items()
        if tag == "float":
            return float(content)
        if tag == "tuple":
            return tuple(self.decode(item) for item in content)
        if tag == "dict":
            return {self.decode(name): self.decode(item) for name, item in content}
        if tag == "scalar":
            return self.arrays[content][()]
        if tag == "array":
            return self.arrays[content]
        import pandas as pd

        return pd.read_parquet(self.folder / f"{content}.parquet")
