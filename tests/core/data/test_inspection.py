"""The details that the library shows and estimates use."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.data.inspection import inspect_dataset
from core.data.reading import load_dataset
from core.errors import BadInput
from tests.core.data.conftest import source_of


def inspected(files: Any, name: str, content: bytes | str) -> dict[str, Any]:
    details = inspect_dataset(files.put(name, content), name)
    assert json.loads(json.dumps(details, allow_nan=False)) == details
    return details


def test_table(files: Any) -> None:
    """A table is described column by column, as plain JSON."""
    assert inspected(files, "points.csv", "a,b,y\n1,2.5,u\n3,,v\n-7,1,u\n") == {
        "format": "csv",
        "kind": "dataset",
        "rows": 3,
        "shape": [2],
        "features": 2,
        "columns": [
            {"name": "a", "type": "number", "missing": 0, "distinct": 3},
            {"name": "b", "type": "number", "missing": 1, "distinct": 2},
            {"name": "y", "type": "text", "missing": 0, "distinct": 2},
        ],
        "column_count": 3,
        "labels": "y",
        "classes": 2,
        "class_counts": {"u": 2, "v": 1},
        "missing": 1,
        "infinite": 0,
        "preview": {"columns": ["a", "b", "y"], "rows": [[1, 2.5, "u"], [3, None, "v"], [-7, 1.0, "u"]]},
        "value_range": [-7.0, 3.0],
        "decoded_bytes": 24,
    }


def test_text_columns_are_listed(files: Any) -> None:
    """A table with text columns is accepted into the library: one of them may be chosen as the label later."""
    details = inspected(files, "trips.csv", "a,city\n1,Rome\n2,Paris\n3,Rome\n")
    assert [column["type"] for column in details["columns"]] == ["number", "text"]
    assert details["labels"] is None
    dataset = load_dataset(source_of(files.folder / "trips.csv"), "city")
    assert dataset.classes == ("Paris", "Rome")


def test_missing_and_infinite_values_are_counted(files: Any, npz: Any, parquet: Any) -> None:
    """Files with missing or infinite values are accepted, with their numbers in the details."""
    X = np.array([[1, np.nan, np.inf], [np.nan, 2, 3], [4, -np.inf, 5]])
    columns = {name: X[:, index] for index, name in enumerate("abc")}
    text = "a,b,c\n1,,inf\nnan,2,3\n4,-inf,5\n"
    for name, content in (("a.csv", text), ("a.npz", npz(X=X)), ("a.parquet", parquet(columns))):
        details = inspected(files, name, content)
        assert (details["missing"], details["infinite"], details["value_range"]) == (2, 2, [1.0, 5.0])
        assert [column["missing"] for column in details["columns"]] == [1, 1, 0]
        assert details["preview"]["rows"] == [[1, None, "inf"], [None, 2, 3], [4, "-inf", 5]]


def test_arrays(files: Any, npz: Any) -> None:
    """Arrays are described like tables; images list no columns."""
    details = inspected(files, "a.npz", npz(X=np.eye(3), y=np.array([5, 6, 5])))
    assert (details["shape"], details["labels"], details["class_counts"]) == ([3], "y", {"5": 2, "6": 1})
    assert details["preview"] == {
        "columns": ["x1", "x2", "x3", "y"],
        "rows": [[1, 0, 0, "5"], [0, 1, 0, "6"], [0, 0, 1, "5"]],
    }
    images = inspected(files, "b.npz", npz(X=np.zeros((2, 4, 5), np.uint8)))
    assert (images["shape"], images["features"], images["columns"], images["column_count"]) == ([4, 5], 20, [], 20)
    assert images["decoded_bytes"] == 160


def test_long_lists_are_cut(files: Any) -> None:
    """At most 200 columns, 100 classes, 8 rows and 12 columns of preview are listed; the counts stay whole."""
    names = [f"c{index}" for index in range(300)] + ["label"]
    rows = [",".join(["1"] * 300 + [str(row % 150)]) for row in range(600)]
    details = inspected(files, "wide.csv", "\n".join([",".join(names), *rows]))
    assert (len(details["columns"]), details["column_count"], details["features"]) == (200, 301, 300)
    assert (len(details["class_counts"]), details["classes"]) == (100, 150)
    assert (len(details["preview"]["rows"]), len(details["preview"]["rows"][0])) == (8, 12)


def test_empty_column(files: Any) -> None:
    """A column without any value is a number column with as many missing values as rows."""
    details = inspected(files, "a.csv", "a,b\n1,\n2,\n")
    assert details["columns"][1] == {"name": "b", "type": "number", "missing": 2, "distinct": 0}


def test_nothing_to_measure(files: Any) -> None:
    """A table of text alone is refused."""
    with pytest.raises(BadInput, match=r"names.txt holds no column of numbers; at least one is needed."):
        inspected(files, "names.txt", "name,city\nAda,London\nEmmy,Erlangen\n")


def test_texts_whose_labels_have_a_name_of_their_own(files: Any) -> None:
    """A table of text is taken where a column repeats few values: it may be chosen as the labels."""
    details = inspected(files, "reviews.csv", "review,feeling\nlovely,good\nslow,bad\nsweet,good\n")
    assert (details["kind"], details["labels"]) == ("dataset", None)
    assert [(one["name"], one["type"], one["distinct"]) for one in details["columns"]] == [
        ("review", "text", 3),
        ("feeling", "text", 2),
    ]


@pytest.mark.parametrize(
    ("content", "label", "classes"),
    [("y\n0\n1\n0\n", "y", {"0": 2, "1": 1}), ("label\ncat\ndog\ncat\n", "label", {"cat": 2, "dog": 1})],
)
def test_a_single_column_of_labels_is_a_table(files: Any, content: str, label: str, classes: dict[str, int]) -> None:
    """Nothing can be measured in it, but it may go beside what can."""
    details = inspected(files, "labels.csv", content)
    assert (details["kind"], details["rows"], details["features"]) == ("table", 3, 0)
    assert (details["labels"], details["class_counts"]) == (label, classes)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.csv", "../../etc/passwd.csv", "😀.csv", "n" * 296 + ".csv"]
)
def test_names(files: Any, name: str) -> None:
    """A name is shown as text, without its folders, and cut when it is long; it is never used as a path."""
    with pytest.raises(BadInput) as refusal:
        inspect_dataset(files.put("stored", ""), name)
    assert str(refusal.value).endswith(".csv is empty (0 bytes).")
    assert len(str(refusal.value)) < 110
    assert "../" not in str(refusal.value)


FOREIGN = {
    "points.xlsx": "convert it with pandas.read_excel(path).to_csv('data.csv', index=False).",
    "model.pkl": "convert it with numpy.savez('data.npz', X=X, y=y).",
    "points.csv.gz": "convert it with pandas.read_csv(path).to_parquet('data.parquet').",
    "points": "points does not end in a data format that is read here; accepted: .csv, .parquet, .npz, .npy, .idx, .zip.",
}


@pytest.mark.parametrize(("name", "sentence"), FOREIGN.items())
def test_other_formats(files: Any, name: str, sentence: str) -> None:
    """A file of another format is refused by its name, with the line that converts it."""
    with pytest.raises(BadInput) as refusal:
        inspect_dataset(files.put("stored", b"content"), name)
    assert sentence in str(refusal.value)


def test_missing_file(files: Any) -> None:
    """A file that is not there is a refusal, not a crash."""
    with pytest.raises(BadInput, match=r"gone.csv does not exist."):
        inspect_dataset(files.folder / "gone.csv", "gone.csv")
