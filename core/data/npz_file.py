"""Reads npz: every member's size and header are checked before any is unpacked; nothing is unpickled."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from core.data.archive import check_archive, member, opened
from core.data.arrays import Arrays, check_labels, check_samples
from core.data.npy_file import Header, check_length, read_header, read_values
from core.errors import BadInput


def read_npz(path: Path, filename: str) -> Arrays:
    """Reads X and, where there is one, y; other arrays are left alone.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: not an npz, no X, an object array anywhere, labels of another length, damaged or cut off.
        TooLarge: more than the limits, than there is memory, or packed so tightly that it can only be a bomb.
    """
    with opened(path, filename) as archive:
        members = check_archive(archive, filename)
        strange = [name for name in members if not name.endswith(".npy")]
        if strange:
            raise BadInput(
                f"{filename} is no npz of plain arrays: it holds {strange[0][:60]!r}; save it with numpy.savez(path, X=X, y=y)."
            )
        headers = {name.removesuffix(".npy"): _header(archive, info, filename) for name, info in members.items()}
        if "X" not in headers:
            held = ", ".join(sorted(headers)[:10]) or "nothing"
            raise BadInput(
                f"{filename} has no array called X (it holds {held}); save it with numpy.savez(path, X=X, y=y)."
            )
        check_samples(filename, headers["X"].shape, headers["X"].dtype)
        X = _values(archive, members["X.npy"], filename)
        y = _values(archive, members["y.npy"], filename) if "y" in headers else None
    arrays = Arrays(filename, X, y, remedy="save it with numpy.savez(path, X=X, y=y)")
    check_labels(arrays)
    return arrays


def _header(archive: zipfile.ZipFile, info: zipfile.ZipInfo, filename: str) -> Header:
    name = info.filename.removesuffix(".npy")
    with member(archive, info, f"{filename}: {name}") as stream:
        header = read_header(stream, filename, name)
        check_length(filename, name, header, info.file_size - stream.tell())
    return header


def _values(archive: zipfile.ZipFile, info: zipfile.ZipInfo, filename: str) -> np.ndarray:
    name = info.filename.removesuffix(".npy")
    with member(archive, info, f"{filename}: {name}") as stream:
        return read_values(stream, read_header(stream, filename, name))
