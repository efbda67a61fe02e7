"""Reads npy: the header is checked against the file before anything is allocated; nothing is unpickled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from core.data.arrays import Arrays, check_samples
from core.errors import BadInput

MOST_AXES = 32  # numpy itself stops at 64


@dataclass(frozen=True)
class Header:
    """What an npy header declares."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype


def read_npy(path: Path, filename: str) -> Arrays:
    """Reads the samples X of an npy file.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: a damaged header, an object array, a truncated file, not numbers.
        TooLarge: more than the limits, or than there is memory.
    """
    with path.open("rb") as stream:
        header = read_header(stream, filename, "X")
        check_samples(filename, header.shape, header.dtype)
        check_length(filename, "X", header, path.stat().st_size - stream.tell())
        return Arrays(filename, read_values(stream, header))


def read_header(stream: IO[bytes], filename: str, name: str) -> Header:
    """Reads an npy header and leaves the stream at the first value.

    Raises:
        BadInput: a damaged header, or objects or records instead of plain values.
    """
    try:
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        header = Header(*read(stream))
        if len(header.shape) > MOST_AXES or any(type(length) is not int or length < 0 for length in header.shape):
            raise ValueError(header.shape)
    except Exception:  # numpy raises ValueError, SyntaxError, tokenize errors ... on a damaged header
        raise BadInput(
            f"{filename}: the header of {name} is damaged; write it again with numpy.save or numpy.savez."
        ) from None
    if header.dtype.hasobject:
        raise BadInput(
            f"{filename}: {name} is an object array, which is stored as a pickle and never opened; "
            f"convert it to numbers before saving: {name}.astype(numpy.float32)."
        )
    if header.dtype.names or header.dtype.subdtype or header.dtype.itemsize == 0:
        raise BadInput(
            f"{filename}: {name} has type {str(header.dtype)[:60]}; plain numbers are expected, not records."
        )
    return header


def check_length(filename: str, name: str, header: Header, held: int) -> None:
    """Refuses an array whose declared size is not the size of what follows its header.

    Raises:
        BadInput: names both sizes, in bytes.
    """
    declared = math.prod(header.shape) * header.dtype.itemsize
    if declared != held:
        state = "is cut off" if declared > held else "has bytes that do not belong to it"
        raise BadInput(
            f"{filename}: {name} {state}: its header declares shape {header.shape} of {header.dtype}, "
            f"{declared:,} bytes, and {held:,} are there; write it again with numpy.save or numpy.savez."
        )


def read_values(stream: IO[bytes], header: Header) -> np.ndarray:
    """Reads the values after a header that was checked.

    Raises:
        EOFError: the stream ends before the last value.
    """
    values = np.empty(math.prod(header.shape), dtype=header.dtype)
    view = values.view(np.uint8).data
    filled = 0
    while filled < len(view):
        count = stream.readinto(view[filled : filled + (1 << 24)])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        filled += count
    return values.reshape(header.shape, order="F" if header.fortran_order else "C")
