"""Opens zip archives that come from anyone: sizes first, nothing is written to disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.data.limits import check_memory
from core.errors import BadInput, TooLarge
from core.settings import settings
from core.sizes import in_bytes

MOST_MEMBERS = 1000
BOMB_BYTES = 64 << 20  # up to here any packing is accepted
BOMB_RATIO = 500  # deflate reaches about 1,030 on constant bytes; MNIST is packed 5-fold, one-hot tables 50-fold
_UNREADABLE = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error)  # of a list of contents
# Of a member, on opening (its own header may give it a name that is no text) or while it is read.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, UnicodeDecodeError)


def open_zip(path: Path, filename: str) -> zipfile.ZipFile:
    """Opens an archive.

    Raises:
        BadInput: it is damaged or cut off.
    """
    try:
        return zipfile.ZipFile(path)
    except _UNREADABLE:
        raise BadInput(
            f"{filename} is damaged or was cut off: it has no readable list of contents; bring it again."
        ) from None


def names_in_zip(path: Path) -> list[str]:
    """The names of what a file holds if it is a zip archive that can be opened; empty otherwise."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except _UNREADABLE:
        return []


@contextmanager
def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[IO[bytes]]:
    """Opens one file of an archive to read from it.

    Raises:
        BadInput: it turns out to be damaged, on opening or while it is read.
    """
    try:
        with archive.open(info) as stream:
            yield stream
    except DAMAGED:
        raise BadInput(f"{name} is damaged or was cut off; bring it again.") from None


def check_archive(
    archive: zipfile.ZipFile,
    filename: str,
    most: int = MOST_MEMBERS,
    wanted: Callable[[str], bool] = lambda name: True,
) -> dict[str, zipfile.ZipInfo]:
    """The files in an archive by name, after a look at their number and sizes.

    Unpacking never yields more than a member's declared size, so what is checked here holds.

    Args:
        archive: opened.
        filename: for the messages.
        most: files that it may hold.
        wanted: of a name: whether that file is going to be read; the others are counted, but neither returned nor weighed.

    Raises:
        BadInput: encrypted or packed other than by deflate, two members of one name, too many of them, or more packed
            bytes than the file has, as where members share their bytes.
        TooLarge: unpacked more than the limits allow, than there is memory, or packed like a bomb.
    """
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    members = {info.filename: info for info in infos}
    if len(infos) > most or len(members) < len(infos):
        fault = f"{len(infos):,} files, more than {most:,}" if len(infos) > most else "two files of one name"
        raise BadInput(f"{filename} holds {fault}; bring a plain archive.")
    infos = [info for info in infos if wanted(info.filename)]
    members = {info.filename: info for info in infos}
    if any(info.flag_bits & 0x1 for info in infos):
        raise BadInput(f"{filename} is encrypted; bring it without a password.")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise BadInput(
            f"{filename} is packed in an unusual way; pack it again as an ordinary zip (stored or deflated)."
        )
    unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if packed > _size(archive):
        raise BadInput(
            f"{filename} declares {in_bytes(packed)} of packed members in a file of {in_bytes(_size(archive))}: it is damaged "
            "or forged; pack it again as an ordinary zip."
        )
    most = 8 * settings().max_values
    if unpacked > most:
        raise TooLarge(
            f"{filename} would unpack to {in_bytes(unpacked)}; at most {in_bytes(most)} are accepted here "
            "(8 bytes for each of ASSAY_MAX_VALUES values): bring a part of it."
        )
    if unpacked > max(BOMB_BYTES, BOMB_RATIO * packed):
        raise TooLarge(
            f"{filename} would unpack from {in_bytes(packed)} to {in_bytes(unpacked)}, as a decompression bomb does; "
            "if these are real data, save them uncompressed (numpy.savez)."
        )
    check_memory(filename, unpacked)
    return members


def _size(archive: zipfile.ZipFile) -> int:
    """Bytes of the archive itself."""
    return Path(str(archive.filename)).stat().st_size
