"""Whatever happens to a file on its way here, it is read or refused: there is no third outcome."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.data.inspection import inspect_dataset
from core.errors import BadInput

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["change", "remove", "insert", "cut"]), st.integers(0, 10**6), st.binary(min_size=1, max_size=4)
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture
def whole(npy: Any, npz: Any, parquet: Any, idx: Any, zipped: Any) -> dict[str, bytes]:
    X, y = np.random.default_rng(0).random((5, 3)), np.array(["a", "b", "a", "b", "a"])
    images, labels = np.arange(18, dtype=np.uint8).reshape(2, 3, 3), np.array([1, 0], np.uint8)
    return {
        "a.csv": b'a,b,label\n1,2.5,"u"\n3,,v\n5,6,u\n',
        "a.npy": npy(X),
        "a.npz": npz(X=X, y=y),
        "a.parquet": parquet({"a": X[:, 0], "label": y}, row_group_size=2),
        "a.idx.gz": gzip.compress(idx(images), mtime=0),
        "a.zip": zipped({"images.gz": gzip.compress(idx(images), mtime=0), "labels": idx(labels)}),
    }


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "a.npz", "a.parquet", "a.idx.gz", "a.zip"])
@examples(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_damaged_files(files: Any, whole: dict[str, bytes], name: str, edits: list[tuple[str, int, bytes]]) -> None:
    """A file with bytes changed, lost, added or cut off is described or refused in one line, never anything else."""
    content = bytearray(whole[name])
    for kind, position, new in edits:
        at = position % (len(content) + 1)
        if kind == "change":
            content[at : at + len(new)] = new
        elif kind == "remove":
            del content[at : at + len(new)]
        elif kind == "insert":
            content[at:at] = new
        else:
            del content[at:]
    try:
        details = inspect_dataset(files.put(name, bytes(content)), name)
    except BadInput as refusal:
        assert str(refusal).startswith(name)
        assert "\n" not in str(refusal)
    else:
        assert details["rows"] > 0
