"""Zip archives that lie: about sizes, names, links, and how often the same bytes are there."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from fuzz.honest import zipped
from tests.malicious.case import Case, Ingredients, Make

MIB = 1 << 20
Build = Callable[[Ingredients, str, bytes], bytes]  # from a member's name and honest content

# File name -> the member that is attacked; each reader opens archives in its own way.
OPENED = {
    "data.npz": "X.npy",
    "mnist.zip": "train-images-idx3-ubyte",
    "telemetry.zip": "telemetry.csv",
    "graphs.zip": "T_A.txt",
    "zoo.zip": "zoo/a/result.json",
    "checkpoints.zip": "a.safetensors",
    "model.pt": "archive/data.pkl",
    "model.pt2": "model/models/model.json",
}

HARMLESS = {("model.pt", "names that are no text")}  # torch goes by the list of contents alone


def archive_cases() -> Iterator[Case]:
    """Each attack on an archive against each reader of archives."""
    for filename, member in OPENED.items():
        for name, (build, says) in ATTACKS.items():
            expected = None if (filename, name) in HARMLESS else says
            yield Case(f"{name} in {filename}", filename, _against(filename, member, build), expected)
    yield Case("path upwards in zoo.zip", "zoo.zip", _renamed("zoo.zip", lambda name: f"../../{name}"), None)
    yield Case("absolute path in zoo.zip", "zoo.zip", _renamed("zoo.zip", lambda name: f"/etc/{name}"), None)
    yield Case(
        "path upwards in telemetry.zip", "telemetry.zip", _renamed("telemetry.zip", lambda n: f"../../{n}"), None
    )
    yield Case("path upwards in mnist.zip", "mnist.zip", _renamed("mnist.zip", lambda name: f"../../{name}"), None)
    yield Case(
        "path upwards in npz", "data.npz", _renamed("data.npz", lambda name: f"../../{name}"), "no array|no samples|X"
    )
    yield Case("link in zoo.zip", "zoo.zip", _linked("zoo.zip", "zoo/a/params.json"), "is a symbolic link")
    yield Case("link in telemetry.zip", "telemetry.zip", _linked("telemetry.zip", "telemetry.csv"), "")
    yield Case("link in checkpoints.zip", "checkpoints.zip", _linked("checkpoints.zip", "a.safetensors"), "")
    yield Case(
        "too many members", "data.npz", lambda _: zipped({f"{n}.npy": b"" for n in range(1001)}), "more than 1,000"
    )
    yield Case("zip in zip in zip", "data.zip", lambda _: zipped({"a.zip": zipped({"b.zip": zipped({})})}), "idx files")
    yield Case("pictures", "data.zip", lambda _: zipped({"images.png": b"\x89PNG\r\n\x1a\n"}), "idx")
    yield Case("markup in a name", "data.zip", lambda _: zipped({"<img src=x onerror=alert(1)>": b""}), "idx files")
    yield Case(
        "tiny members that share their bytes", "mnist.zip", lambda _: overlapping(800, 4 * MIB), "forged|bomb|memory"
    )


def _against(filename: str, member: str, build: Build) -> Make:
    def make(given: Ingredients) -> bytes:
        with zipfile.ZipFile(io.BytesIO(given.honest[filename])) as archive:
            names = {info.filename.partition("/")[2]: info.filename for info in archive.infolist()}
            name = member if member in archive.namelist() else names[member.partition("/")[2]]
        return build(given, name, given.honest[filename])

    return make


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def bomb(given: Ingredients, name: str, content: bytes) -> bytes:
    """200 MiB of zeros in 200 KiB."""
    return zipped({**_members(content), name: bytes(200 * MIB)}, zipfile.ZIP_DEFLATED)


def twice(given: Ingredients, name: str, content: bytes) -> bytes:
    """A second member of the same name, so that two readers may read different ones."""
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"other")
    return stream.getvalue()


def encrypted(given: Ingredients, name: str, content: bytes) -> bytes:
    """All members claim to be encrypted."""
    return _patched(content, 8, 6, struct.pack("<H", 1))


def unusual(given: Ingredients, name: str, content: bytes) -> bytes:
    """All members claim a packing that nobody knows."""
    return _patched(content, 10, 8, struct.pack("<H", 77))


def claims_a_terabyte(given: Ingredients, name: str, content: bytes) -> bytes:
    """A member that claims 2^40 bytes, by the extension of the format for large files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for one, held in _members(content).items():
            archive.writestr(zipfile.ZipInfo(one), held)
        archive.getinfo(name).file_size = archive.getinfo(name).compress_size = 1 << 40
    return stream.getvalue()


def claims_less(given: Ingredients, name: str, content: bytes) -> bytes:
    """64 MiB that the list of contents calls ten bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, held in {**_members(content), name: bytes(64 * MIB)}.items():
            archive.writestr(one, held)
        archive.getinfo(name).file_size = 10
    return stream.getvalue()


def without_list(given: Ingredients, name: str, content: bytes) -> bytes:
    """The list of contents ends with something else."""
    place = content.rindex(b"PK\x01\x02")
    return content[:place] + b"PK\x07\x07" + content[place + 4 :]


def names_that_are_no_text(given: Ingredients, name: str, content: bytes) -> bytes:
    """Each member's own header says that its name is UTF-8, which it is not; the list of contents is honest."""
    changed = bytearray(content)
    place = changed.find(b"PK\x03\x04")
    while place >= 0:
        changed[place + 6 : place + 8] = struct.pack("<H", 0x800)
        changed[place + 30] = 0xB0
        place = changed.find(b"PK\x03\x04", place + 4)
    return bytes(changed)


ATTACKS: dict[str, tuple[Build, str]] = {
    "deflate bomb": (bomb, "bomb|compressed|bytes"),
    "one name twice": (twice, "of one name"),
    "encryption": (encrypted, "encrypted|packed|compressed|damaged"),
    "unknown packing": (unusual, "unusual way|compressed|damaged|can't be loaded"),
    "a terabyte claimed": (claims_a_terabyte, ""),
    "ten bytes claimed": (claims_less, ""),
    "list of contents lost": (without_list, "damaged"),
    "names that are no text": (names_that_are_no_text, "damaged|can't be loaded"),
}


def _patched(content: bytes, in_list: int, in_header: int, value: bytes) -> bytes:
    """A field of all members changed in the list of contents and in their own headers."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x01\x02", in_list), (b"PK\x03\x04", in_header)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + offset : place + offset + len(value)] = value
            place = changed.find(mark, place + 4)
    return bytes(changed)


def _renamed(filename: str, change: Callable[[str], str]) -> Make:
    return lambda given: zipped({change(name): held for name, held in _members(given.honest[filename]).items()})


def _linked(filename: str, member: str) -> Make:
    """A member that says it is a link to the secret."""

    def make(given: Ingredients) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, held in _members(given.honest[filename]).items():
                info = zipfile.ZipInfo(name)
                info.create_system = 3
                info.external_attr = (stat.S_IFLNK | 0o777) << 16 if name == member else 0
                archive.writestr(info, str(given.secret) if name == member else held)
        return stream.getvalue()

    return make


def overlapping(count: int, size: int) -> bytes:
    """An archive whose members all are the same few bytes: packed sizes add up to more than there is (Fifield 2019)."""
    image = struct.pack(">HBBIII", 0, 8, 3, 1, size // 1024, 1024) + np.arange(size, dtype=np.uint8).tobytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(image) + packer.flush()
    sizes = struct.pack("<III", zlib.crc32(image), len(packed), len(image))
    name = b"a0000-images"
    header = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", len(name), 0) + name
    entries = b"".join(
        b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
        + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + b"a%04d-images" % number
        for number in range(count)
    )  # fmt: skip
    ending = struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), len(header) + len(packed), 0)
    return header + packed + entries + b"PK\x05\x06" + ending
