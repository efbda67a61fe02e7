"""Reads npz: every member's size and header are checked before any is unpacked; nothing is unpickled."""

from __future__ import annotations

from pathlib import Path

from core.data.arrays import Arrays, check_labels, check_samples
from core.data.npz_arrays import open_npz
from core.errors import BadInput

_SAVE = "numpy.savez(path, X=X, y=y)"


def read_npz(path: Path, filename: str) -> Arrays:
    """Reads X and, where there is one, y; other arrays are left alone.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: not an npz, no X, an object array anywhere, labels of another length, damaged or cut off.
        TooLarge: more than the limits, than there is memory, or packed so tightly that it can only be a bomb.
    """
    with open_npz(path, filename, _SAVE) as held:
        if "X" not in held:
            raise BadInput(f"{filename} has no array called X (it holds {held.held}); save it with {_SAVE}.")
        check_samples(filename, held.headers["X"].shape, held.headers["X"].dtype)
        X = held.read("X")
        y = held.read("y") if "y" in held else None
    arrays = Arrays(filename, X, y, remedy=f"save it with {_SAVE}")
    check_labels(arrays)
    return arrays
