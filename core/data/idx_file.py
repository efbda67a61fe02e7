"""Reads idx, the format of MNIST: magic, sizes as big-endian 32-bit numbers, then the raw values."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from core.data.arrays import Arrays, check_samples
from core.errors import BadInput

# Type code in the magic -> numpy type (Y. LeCun, "THE IDX FILE FORMAT", on the MNIST page).
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_UNLABELLED = "bring its labels file too and pair the two"


def read_idx(path: Path, filename: str) -> Arrays:
    """Reads an images file (X), or a labels file on its own (X [rows], read as one feature).

    Args:
        path: the file, plain or gzip-compressed.
        filename: as messages show it.

    Raises:
        BadInput: not idx, or cut off.
        TooLarge: more than the limits, or than there is memory.
    """
    with path.open("rb") as stream:
        return Arrays(filename, read_idx_values(stream, filename), remedy=_UNLABELLED)


def read_idx_values(stream: IO[bytes], filename: str) -> np.ndarray:
    """Reads one idx array from a stream, which may be gzip-compressed; no more is unpacked than it declares.

    Raises:
        BadInput: not idx, cut off, or longer than it declares.
        TooLarge: more than the limits, or than there is memory.
    """
    start = stream.read(2)
    stream.seek(0)
    try:
        if start == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=stream) as unpacked:
                return _values(unpacked, filename)
        return _values(stream, filename)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadInput(f"{filename} is damaged or was cut off; bring it again.") from None


def _values(stream: IO[bytes] | gzip.GzipFile, filename: str) -> np.ndarray:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or not 1 <= magic[3] <= 8:
        raise BadInput(
            f"{filename} is not an idx file: it starts with {magic.hex(' ') or 'nothing'}; "
            "00 00 08 03 (images) or 00 00 08 01 (labels) is expected."
        )
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise EOFError
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    dtype = np.dtype(_TYPES[magic[2]])
    check_samples(filename, shape, dtype)
    expected = math.prod(shape) * dtype.itemsize
    content = stream.read(expected)
    if len(content) < expected or stream.read(1):
        state = f"{len(content):,} are there: it was cut off" if len(content) < expected else "more are there"
        raise BadInput(f"{filename} declares shape {shape}, {expected:,} bytes, and {state}; bring it again.")
    return np.frombuffer(content, dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)
