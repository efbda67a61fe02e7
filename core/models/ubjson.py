"""UBJSON, the binary form of JSON that XGBoost writes: a strict reader and a writer.

The format is that of ubjson.org, draft 12: a marker byte, then big-endian numbers; typed arrays are `[$type#count`.
Only what XGBoost writes is read: no high-precision numbers, no no-ops, no typed objects.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

DEEPEST = 24  # levels of nesting; a model has 7
_INTEGERS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q"}
_FLOATS = {b"d": ">f", b"D": ">d"}
_NUMBERS = {**_INTEGERS, **_FLOATS}
_CONSTANTS = {b"T": True, b"F": False, b"Z": None}
_MARKERS = {"int8": b"i", "uint8": b"U", "int16": b"I", "int32": b"l", "int64": b"L", "float32": b"d", "float64": b"D"}


class Damaged(ValueError):
    """The bytes are no UBJSON; the message says where and what was found."""


def read_ubjson(content: bytes) -> Any:
    """The value that some bytes hold: dictionaries, lists, text, numbers; typed arrays as numpy arrays.

    Raises:
        Damaged: anything that does not belong there, a name twice in one object, more nesting than any model has.
    """
    reader = _Reader(content)
    value = reader.value(reader.marker(), 0)
    if reader.place != len(content):
        raise Damaged(f"{len(content) - reader.place:,} bytes follow after its end")
    return value


def write_ubjson(value: Any) -> bytes:
    """The bytes of dictionaries, lists, text, whole numbers, floats (as float32) and numpy arrays.

    >>> read_ubjson(write_ubjson({"trees": [{"id": 7}]}))
    {'trees': [{'id': 7}]}
    """
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0

    def take(self, count: int) -> bytes:
        if count < 0 or count > len(self.content) - self.place:
            raise Damaged(f"byte {self.place:,} announces {count:,} bytes, and {self.left:,} are left")
        start, self.place = self.place, self.place + count
        return self.content[start : self.place]

    @property
    def left(self) -> int:
        return len(self.content) - self.place

    def marker(self) -> bytes:
        return self.take(1)

    def next_is(self, marker: bytes) -> bool:
        if self.content[self.place : self.place + 1] == marker:
            self.place += 1
            return True
        return False

    def number(self, marker: bytes) -> int | float:
        form = _NUMBERS[marker]
        found: int | float = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return found

    def count(self) -> int:
        marker = self.marker()
        if marker not in _INTEGERS:
            raise self.unexpected(marker, "a count")
        return int(self.number(marker))

    def text(self) -> str:
        start = self.place
        try:
            return self.take(self.count()).decode()
        except UnicodeDecodeError:
            raise Damaged(f"the text at byte {start:,} is not UTF-8") from None

    def value(self, marker: bytes, depth: int) -> Any:
        if marker in _NUMBERS:
            return self.number(marker)
        if marker == b"S":
            return self.text()
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        if depth >= DEEPEST:
            raise Damaged(f"byte {self.place:,} lies {DEEPEST} levels deep, and no model does")
        if marker == b"{":
            return self.mapping(depth + 1)
        if marker == b"[":
            return self.array(depth + 1)
        raise self.unexpected(marker, "a value")

    def mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self.next_is(b"}"):
            start = self.place
            name = self.text()
            if name in found:
                raise Damaged(f"the name {name[:40]!r} at byte {start:,} stands twice in one object")
            found[name] = self.value(self.marker(), depth)
        return found

    def array(self, depth: int) -> Any:
        if self.next_is(b"$"):
            return self.typed_array()
        if self.next_is(b"#"):
            count = self.count()
            if not 0 <= count <= self.left:  # an entry takes at least one byte
                raise Damaged(f"byte {self.place:,} announces {count:,} entries, and {self.left:,} bytes are left")
            return [self.value(self.marker(), depth) for _ in range(count)]
        entries = []
        while not self.next_is(b"]"):
            entries.append(self.value(self.marker(), depth))
        return entries

    def typed_array(self) -> np.ndarray:
        marker = self.marker()
        if marker not in _NUMBERS:
            raise self.unexpected(marker, "a type of numbers")
        if not self.next_is(b"#"):
            raise Damaged(f"byte {self.place:,} lacks the count of a typed array")
        kind = np.dtype(_NUMBERS[marker])
        return np.frombuffer(self.take(self.count() * kind.itemsize), dtype=kind).astype(kind.newbyteorder("="))

    def unexpected(self, marker: bytes, wanted: str) -> Damaged:
        return Damaged(f"byte {self.place - 1:,} is {marker!r} where {wanted} should begin")


def _write(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, Mapping):
        parts.append(b"{")
        for name, entry in value.items():
            _write_text(name, parts)
            _write(entry, parts)
        parts.append(b"}")
    elif isinstance(value, np.ndarray):
        parts += [b"[$", _MARKERS[value.dtype.name], b"#", _count(len(value))]
        parts.append(value.astype(value.dtype.newbyteorder(">")).tobytes())
    elif isinstance(value, str):
        parts.append(b"S")
        _write_text(value, parts)
    elif isinstance(value, Sequence):
        parts += [b"[#", _count(len(value))]
        for entry in value:
            _write(entry, parts)
    elif isinstance(value, float):
        parts.append(b"d" + struct.pack(">f", value))
    else:
        parts.append(_count(value))


def _write_text(text: str, parts: list[bytes]) -> None:
    encoded = text.encode()
    parts += [_count(len(encoded)), encoded]


def _count(number: int) -> bytes:
    return b"L" + struct.pack(">q", number)
