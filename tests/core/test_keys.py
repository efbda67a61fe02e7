"""Content keys and digests."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.analysis import Source
from core.keys import canonical_json, content_key, digest_of_bytes, digest_of_file, digest_of_stream


def test_a_digest_is_blake2b_of_160_bits(tmp_path: Path):
    """Bytes, stream and file of one content have the same digest, which the standard library confirms."""
    content = b"one content" * 1000
    expected = hashlib.blake2b(content, digest_size=20).hexdigest()
    (tmp_path / "file").write_bytes(content)
    assert digest_of_bytes(content) == expected
    assert digest_of_stream(io.BytesIO(content), chunk=7) == expected
    assert digest_of_file(tmp_path / "file") == expected


def test_canonical_json_has_one_text():
    """Names are sorted, spaces left out, tuples are lists, numpy scalars are numbers."""
    value = {"b": (1, 2.5), "a": {"z": None, "y": True}, "c": np.float32(0.5), "d": "ä"}
    assert canonical_json(value) == '{"a":{"y":true,"z":null},"b":[1,2.5],"c":0.5,"d":"\\u00e4"}'


@dataclass
class Pair:
    left: int
    right: str


def test_data_classes_and_sources_have_a_canonical_form():
    """A data class is its fields; a source is its digest, whatever it is called and wherever it lies."""
    assert canonical_json(Pair(1, "x")) == '{"left":1,"right":"x"}'
    assert canonical_json(Source("dataset", "a", "d1", "/p")) == canonical_json(Source("dataset", "b", "d1", "/q"))


def test_arrays_are_named_by_content():
    """Arrays of equal dtype, shape and values have one key, whatever their memory layout."""
    array = np.arange(6.0).reshape(2, 3)
    same = np.asfortranarray(array)
    assert content_key(array) == content_key(same)
    others = [array.astype(np.float32), array.reshape(3, 2), array + 1]
    assert len({content_key(array), *map(content_key, others)}) == 4


def test_a_key_does_not_depend_on_the_order_of_names():
    """Mappings with the same items in another order have the same key; parts in another order do not."""
    assert content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})
    assert content_key("a", "b") != content_key("b", "a")
    assert content_key("ab") != content_key("a", "b")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, float("-inf")]])
def test_numbers_without_a_json_form_are_refused(value: object):
    """NaN and infinity have no key."""
    with pytest.raises(ValueError, match=r"not JSON compliant|Out of range"):
        canonical_json(value)


def test_objects_without_a_canonical_form_are_refused():
    """An unknown object is refused by its type, instead of being named by its address."""
    with pytest.raises(TypeError, match="object has no canonical form"):
        canonical_json({"x": object()})
