"""The arrays of an npz by name: sizes and headers first, values on demand, mapped where they are stored as they are."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from core.data.archive import check_archive, member, opened
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

    def read_item(self, name: str, index: int) -> np.ndarray:
        """`array[index]` along the first axis; of an array that is stored uncompressed, only this part is read.

        A compressed array is unpacked up to the item, without being kept.

        Raises:
            BadInput: the values are damaged.
        """
        header, info = self.headers[name], self.members[name]
        if header.fortran_order:  # the first axis varies fastest: an item is spread over the whole array
            return self.read(name)[index]
        item = Header(header.shape[1:], False, header.dtype)
        size = int(np.prod(item.shape, dtype=np.int64)) * header.dtype.itemsize
        if info.compress_type == zipfile.ZIP_STORED:
            with self.path.open("rb") as file:
                file.seek(_content_start(file, info))
                read_header(file, self.filename, name)
                file.seek(index * size, 1)
                return read_values(file, item)
        with member(self.archive, info, f"{self.filename}: {name}") as stream:
            read_header(stream, self.filename, name)
            stream.seek(index * size, 1)
            return read_values(stream, item)


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
    with opened(path, filename) as archive:
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
