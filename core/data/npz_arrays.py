"""The arrays of an npz by name: sizes and headers first, values on demand, mapped where they are stored as they are."""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from core.data.archive import check_archive, member, open_zip
from core.data.npy_file import Header, check_length, read_header, read_values
from core.errors import BadInput

_LOCAL_HEADER = 30  # bytes before the name in a zip member's own header


@dataclass(frozen=True)
class NpzArrays:
    """An open npz whose headers were checked.

    Attributes:
        path: the file.
        filename: as messages show it.
        archive: open for reading.
        members: array name -> member.
        headers: array name -> shape and type.
    """

    path: Path
    filename: str
    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    headers: dict[str, Header]

    def __contains__(self, name: str) -> bool:
        return name in self.headers

    @property
    def held(self) -> str:
        """The names in a sentence."""
        return ", ".join(sorted(self.headers)[:10]) or "nothing"

    def read(self, name: str) -> np.ndarray:
        """All values of an array, in memory.

        Raises:
            BadInput: they are damaged.
        """
        with member(self.archive, self.members[name], f"{self.filename}: {name}") as stream:
            return read_values(stream, read_header(stream, self.filename, name))

    def read_items(self, name: str, start: int, stop: int) -> Iterator[np.ndarray]:
        """`array[start]` to `array[stop - 1]` along the first axis, one at a time.

        Of an array that is stored uncompressed nothing else is read; a compressed one is unpacked up to `start`,
        without being kept; one in Fortran order is read whole.

        Raises:
            BadInput: the values are damaged.
        """
        header, info = self.headers[name], self.members[name]
        if header.fortran_order:  # the first axis varies fastest: an item is spread over the whole array
            yield from self.read(name)[start:stop]
            return
        item = Header(header.shape[1:], False, header.dtype)
        skipped = start * math.prod(item.shape) * item.dtype.itemsize
        with self._content(info, name) as stream:
            read_header(stream, self.filename, name)
            stream.seek(skipped, 1)
            for _ in range(start, stop):
                yield read_values(stream, item)

    @contextmanager
    def _content(self, info: zipfile.ZipInfo, name: str) -> Iterator[IO[bytes]]:
        """A member's bytes: of an uncompressed one straight from the file, where any place is reached at once."""
        if info.compress_type == zipfile.ZIP_STORED:
            with self.path.open("rb") as file:
                file.seek(_content_start(file, info))
                yield file
        else:
            with member(self.archive, info, f"{self.filename}: {name}") as stream:
                yield stream


@contextmanager
def open_npz(path: Path, filename: str, remedy: str) -> Iterator[NpzArrays]:
    """Opens an npz and checks every member's size and header.

    Args:
        path: the file.
        filename: as messages show it.
        remedy: the line that saves what is expected.

    Raises:
        BadInput: not an npz, an object array anywhere, damaged or cut off.
        TooLarge: more than the limits, than there is memory, or packed so tightly that it can only be a bomb.
    """
    with open_zip(path, filename) as archive:
        members = check_archive(archive, filename)
        strange = [name for name in members if not name.endswith(".npy")]
        if strange:
            raise BadInput(
                f"{filename} is no npz of plain arrays: it holds {strange[0][:60]!r}; save it with {remedy}."
            )
        named = {name.removesuffix(".npy"): info for name, info in members.items()}
        headers = {name: _header(archive, info, filename, name) for name, info in named.items()}
        yield NpzArrays(path, filename, archive, named, headers)


def _header(archive: zipfile.ZipFile, info: zipfile.ZipInfo, filename: str, name: str) -> Header:
    with member(archive, info, f"{filename}: {name}") as stream:
        header = read_header(stream, filename, name)
        check_length(filename, name, header, info.file_size - stream.tell())
    return header


def _content_start(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where a member's content begins: its own header may be longer than the one in the list of contents."""
    file.seek(info.header_offset)
    name_length, extra_length = struct.unpack("<26xHH", file.read(_LOCAL_HEADER))
    return info.header_offset + _LOCAL_HEADER + name_length + extra_length
