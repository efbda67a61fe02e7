"""Parquet: what is read, and the sentence for each thing that can be wrong with it."""

from __future__ import annotations

import decimal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import BadInput, TooLarge


def test_row_groups(files: Any, parquet: Any) -> None:
    """Rows keep their order over row groups; text labels are merged over their dictionaries."""
    columns = {"a": np.arange(10, dtype=np.float32), "b": np.arange(10) * 2, "label": list("uvwuvwvvvv")}
    dataset = files.load("points.parquet", parquet(columns, row_group_size=3))
    np.testing.assert_array_equal(dataset.X, np.stack([np.arange(10), np.arange(10) * 2], axis=1))
    assert dataset.classes == ("u", "v", "w")
    assert dataset.y.tolist() == [0, 1, 2, 0, 1, 2, 1, 1, 1, 1]


def test_column_types(files: Any, parquet: Any) -> None:
    """Integers, half precision, decimals and truth values are numbers; a dictionary of text can be the label."""
    columns = {
        "small": pa.array([1, 2, 3], pa.uint8()),
        "large": pa.array([2**63, 1, 2], pa.uint64()),
        "half": pa.array(np.array([0.5, 1, 2], np.float16)),
        "decimal": [decimal.Decimal("1.5"), decimal.Decimal("2"), decimal.Decimal("3")],
        "truth": [True, False, True],
        "class": pa.array(["b", "a", "b"]).dictionary_encode(),
    }
    dataset = files.load("points.parquet", parquet(columns))
    expected = [[1, 2**63, 0.5, 1.5, 1], [2, 1, 1, 2, 0], [3, 2, 2, 3, 1]]
    np.testing.assert_array_equal(dataset.X, np.array(expected, dtype=np.float32))
    assert (dataset.classes, dataset.y.tolist()) == (("a", "b"), [1, 0, 1])


BAD = {
    "no rows": ({"a": np.zeros(0)}, "points.parquet holds a table without rows."),
    "lists": ({"a": [[1], [2]]}, "column 'a' has type list<"),
    "nested": ({"a": [{"b": 1}]}, "column 'a' has type struct<"),
    "bytes": ({"a": [b"x"]}, "column 'a' has type binary; numbers, truth values or text are expected"),
    "null": (
        {"a": [1, None, 3], "b": [1.0, 2.0, float("nan")]},
        "column 'a' has no value (an empty cell or NaN) in row 2; 2 such",
    ),
    "text": ({"a": [1, 2], "b": [None, "x"]}, "column 'b' holds 'x' in row 2, text where numbers are expected"),
    "day": ({"a": [1], "b": pa.array([0], pa.date32())}, "column 'b' holds '1970-01-01' in row 1, text"),
}


@pytest.mark.parametrize(("columns", "sentence"), BAD.values(), ids=BAD.keys())
def test_refusals(files: Any, parquet: Any, columns: dict[str, Any], sentence: str) -> None:
    """Each fault is refused with a sentence that names the file and the place."""
    with pytest.raises(BadInput) as refusal:
        files.load("points.parquet", parquet(columns))
    assert sentence in str(refusal.value)


def test_duplicate_columns(files: Any, parquet: Any) -> None:
    """Two columns of one name are refused."""
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(BadInput, match=r"columns 1 and 2 are both called 'a'; rename one"):
        files.load("points.parquet", parquet(table))


def test_truncated(files: Any, parquet: Any) -> None:
    """A file cut off anywhere is refused as damaged."""
    content = parquet({"a": np.arange(1000.0)})
    for kept in (3, 5, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(
            BadInput, match=r"points.parquet (can't be read as Parquet, it is damaged|is not a parquet file)"
        ):
            files.load("points.parquet", content[:kept])


def test_size_before_reading(files: Any, parquet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes that stand for too many rows are refused from the footer, before any row is read."""
    content = parquet({"a": np.zeros(6_000_000)})
    assert len(content) < 50_000
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.read_row_group", None)
    with pytest.raises(TooLarge, match=r"points.parquet has 6,000,000 rows; at most 5,000,000 are accepted here"):
        files.load("points.parquet", content)


def test_repeated_text_stays_small(files: Any, parquet: Any) -> None:
    """One long text that a small file repeats is held once in memory."""
    notes = pa.DictionaryArray.from_arrays(np.tile([0, 1], 1000), ["x" * 1_000_000, "y"])
    path = files.put("points.parquet", parquet({"a": np.arange(2000.0), "note": notes}))
    code = (
        "import sys, pathlib, pyarrow\n"
        "from core.data import inspect_dataset\n"
        "details = inspect_dataset(pathlib.Path(sys.argv[1]), 'points.parquet')\n"
        "assert details['columns'][1]['distinct'] == 2\n"
        "print(pyarrow.default_memory_pool().max_memory())\n"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", code, str(path)], cwd=root, check=True, capture_output=True, text=True)
    assert 0 < int(run.stdout) < 50_000_000  # plain text would take a billion


def test_damaged_text(files: Any, parquet: Any) -> None:
    """Text that is not UTF-8 is refused as damage."""
    content = parquet({"a": [1, 2], "label": ["uuuu", "vvvv"]}, compression="none").replace(
        b"uuuu", b"\xff\xfe\xfd\xfc"
    )
    with pytest.raises(
        BadInput, match=r"points.parquet can't be read as Parquet, it is damaged or was cut off \(.*UTF-?8"
    ):
        files.load("points.parquet", content)
