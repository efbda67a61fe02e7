"""Finished steps come back as they were put, and never in part."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.store.folders import place_of
from core.store.steps import StepFolder

KEY = "ab" * 20

arrays = hnp.arrays(
    st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16", "U5", "M8[s]"]), hnp.array_shapes(min_dims=0, min_side=0)
)
frames = st.builds(
    lambda n, seed: pd.DataFrame(
        {
            "number": np.random.default_rng(seed).normal(size=n),
            "missing": np.where(np.arange(n) % 2, np.nan, np.inf),
            "whole": np.arange(n),
            "text": [f"é{i}" for i in range(n)],
            "truth": np.arange(n) % 2 == 0,
        }
    ),
    st.integers(0, 5),
    st.integers(0, 9),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | arrays
    | frames
    | st.builds(np.float32, st.floats(width=32))
    | st.builds(np.int64, st.integers(-(2**63), 2**63 - 1))
)
names = st.text() | st.integers() | st.tuples(st.integers(), st.floats(allow_nan=False))
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    """Equal in type and value; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fcM")
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b)
        return True
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    if isinstance(a, float | np.floating):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))
    return a == b


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values)
def test_value_comes_back_as_it_was(tmp_path_factory, value):
    """Whatever plain value a step returns, the next reader gets the same, types included."""
    steps = StepFolder(tmp_path_factory.mktemp("steps"))
    steps.put(KEY, value)
    assert same(value, steps.get(KEY))


def test_step_that_is_not_there_raises_key_error(tmp_path):
    """A cache says that it has nothing by KeyError."""
    with pytest.raises(KeyError):
        StepFolder(tmp_path).get(KEY)


def test_first_value_is_kept(tmp_path):
    """Two workers that finish the same step write the same value; the second one changes nothing."""
    steps = StepFolder(tmp_path)
    steps.put(KEY, 1)
    steps.put(KEY, 2)
    assert steps.get(KEY) == 1
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), [b"bytes"], pd.Series([1])])
def test_value_that_is_not_plain_is_refused(tmp_path, value):
    """Nothing is pickled: a value of another kind is an error of the step, and leaves nothing."""
    with pytest.raises(TypeError, match="return"):
        StepFolder(tmp_path).put(KEY, value)
    assert list(tmp_path.iterdir()) == []


def test_writer_that_dies_leaves_no_step(tmp_path, monkeypatch):
    """Killed between the files, a step is not there; its temporary folder is never read."""
    steps = StepFolder(tmp_path)
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        steps.put(KEY, np.ones(3))
    with pytest.raises(KeyError):
        steps.get(KEY)


@pytest.mark.parametrize("name", ["value.json", "arrays.npz", "0.parquet"])
@pytest.mark.parametrize("content", [b"", b"torn", b"PK\x03\x04torn"])
def test_damaged_step_is_computed_again(tmp_path, name, content):
    """A file that the disk has lost counts as no step, and the next put heals it."""
    steps, value = StepFolder(tmp_path), [np.ones(3), pd.DataFrame({"a": [1.0]})]
    steps.put(KEY, value)
    (place_of(tmp_path, KEY) / name).write_bytes(content)
    with pytest.raises(KeyError):
        steps.get(KEY)
    steps.put(KEY, value)
    assert same(value, steps.get(KEY))


def test_missing_part_is_computed_again(tmp_path):
    """So does a folder without its arrays."""
    steps = StepFolder(tmp_path)
    steps.put(KEY, np.ones(3))
    (place_of(tmp_path, KEY) / "arrays.npz").unlink()
    with pytest.raises(KeyError):
        steps.get(KEY)
    steps.put(KEY, np.ones(3))
    assert same(np.ones(3), steps.get(KEY))
