"""Content keys: the same question, asked by anyone on any machine, has the same name."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic import BaseModel

DIGEST_BYTES = 20  # 160 bits: 40 hexadecimal characters, short enough for a folder name


def digest_of_bytes(content: bytes) -> str:
    """BLAKE2b digest of a byte string, as 40 hexadecimal characters."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


def digest_of_stream(stream: BinaryIO, chunk: int = 1 << 20) -> str:
    """BLAKE2b digest of everything left in a binary stream, read chunk by chunk."""
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    while block := stream.read(chunk):
        hasher.update(block)
    return hasher.hexdigest()


def digest_of_file(path: Path) -> str:
    """BLAKE2b digest of a file's bytes."""
    with path.open("rb") as stream:
        return digest_of_stream(stream)


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN.

    Arrays are named by the digest of their dtype, shape and bytes; an object with a `canonical`
    method (such as `Source`) by what that returns.

    Raises:
        TypeError: the value holds something that has no canonical form.
        ValueError: the value holds NaN or infinity.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_key(*parts: Any) -> str:
    """BLAKE2b digest of the canonical JSON of the parts."""
    return digest_of_bytes(canonical_json(list(parts)).encode())


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        content = np.ascontiguousarray(value)
        return {"array": [str(content.dtype), list(content.shape), digest_of_bytes(content.tobytes())]}
    if hasattr(value, "canonical"):
        return _plain(value.canonical())
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form; pass numbers, text, lists, arrays or data classes")
