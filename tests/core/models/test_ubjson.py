"""The UBJSON reader takes what XGBoost writes and nothing else."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from booster_files import saved, train

from core.models.ubjson import Damaged, read_ubjson, write_ubjson


def plain(value: Any) -> Any:
    """Numpy arrays as lists."""
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray | list):
        return [plain(entry) for entry in value]
    return value.item() if isinstance(value, np.generic) else value


def as_float32(value: Any) -> Any:
    """Floats rounded to float32, as UBJSON holds them and JSON prints them."""
    if isinstance(value, dict):
        return {name: as_float32(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [as_float32(entry) for entry in value]
    return float(np.float32(value)) if isinstance(value, float) else value


def test_both_files_of_one_booster_hold_the_same_document(tmp_path: Path):
    """What is read from model.ubj is what json reads from model.json, number by number."""
    booster = train()
    from_json = json.loads(saved(booster, tmp_path).read_text())
    from_ubjson = read_ubjson(saved(booster, tmp_path, "model.ubj").read_bytes())
    assert as_float32(plain(from_ubjson)) == as_float32(from_json)


def test_what_is_written_is_read_back():
    """Text, numbers, lists, objects and typed arrays survive."""
    value = {"a": [1, -5, {"b": "text, ü"}], "c": 0.5, "d": {}}
    arrays = [np.array([1, -2], np.int32), np.array([0.25], np.float32), np.array([7], np.uint8), np.zeros(0, np.int64)]
    found = read_ubjson(write_ubjson({**value, "arrays": arrays}))
    assert {name: found[name] for name in value} == value
    for back, array in zip(found["arrays"], arrays, strict=True):
        assert back.dtype == array.dtype and back.tolist() == array.tolist()


LONG = b"L" + struct.pack(">q", 1 << 40)
DAMAGED = {
    "nothing": b"",
    "a text that ends too early": b"{i\x05ab",
    "a list of 2^40 entries": b"{i\x01a[#" + LONG,
    "a typed array of 2^40 numbers": b"{i\x01a[$d#" + LONG,
    "a count below zero": b"{i\x01a[$d#i\xff}",
    "an unknown marker": b"{i\x01aQ}",
    "a typed array of texts": b"{i\x01a[$S#i\x01i\x01b}",
    "a typed array of nothing": b"{i\x01a[$Z#" + LONG + b"}",
    "a typed array without count": b"{i\x01a[$di\x01}",
    "bytes after the end": b"{}x",
    "a name twice": b"{i\x01aZi\x01aZ}",
    "a name that is no UTF-8": b"{i\x01\xffZ}",
    "an open end": b"{i\x01a{i\x01b",
    "endless nesting": b"{" + b"i\x01a[" * 5000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_anything_else_is_refused(content: bytes):
    """No allocation by a claimed size, no endless recursion, no second meaning."""
    with pytest.raises(Damaged):
        read_ubjson(content)
