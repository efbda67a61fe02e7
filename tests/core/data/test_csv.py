"""csv: what is read, and the sentence for each thing that can be wrong with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.errors import BadInput, TooLarge
from core.settings import settings

GOOD = {
    "comma": "a,b,y\n1,2.5,0\n3,4,1\n",
    "semicolon": "a;b;y\n1;2.5;0\n3;4;1\n",
    "tab": "a\tb\ty\n1\t2.5\t0\n3\t4\t1\n",
    "windows line ends": "a,b,y\r\n1,2.5,0\r\n3,4,1\r\n",
    "old line ends": "a,b,y\r1,2.5,0\r3,4,1\r",
    "byte order mark": "\ufeffa,b,y\n1,2.5,0\n3,4,1\n",
    "no last line end": "a,b,y\n1,2.5,0\n3,4,1",
    "blank lines": "\na,b,y\n\n1,2.5,0\n\n3,4,1\n\n",
    "spaces after commas": "a, b, y\n1, 2.5, 0\n3, 4, 1\n",
    "quoted numbers": '"a","b","y"\n"1","2.5","0"\n"3","4","1"\n',
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_forms(files: Any, content: str) -> None:
    """Delimiters, line ends, blank lines, quotes and a byte order mark make no difference."""
    dataset = files.load("points.csv", content)
    np.testing.assert_array_equal(dataset.X, np.array([[1, 2.5], [3, 4]], dtype=np.float32))
    assert dataset.X.dtype == np.float32
    assert dataset.y.tolist() == [0, 1]
    assert (dataset.classes, dataset.feature_names, dataset.shape) == (("0", "1"), ("a", "b"), (2,))


BAD = {
    "empty": ("", "points.csv is empty (0 bytes)."),
    "blank": ("\n \n", "nothing but blank lines"),
    "header only": ("a,b\n", "points.csv has a header line and no rows below it."),
    "header only, no line end": ("a,b", "points.csv has a header line and no rows below it."),
    "text in a number column": (
        "a,b,c\n1,2,3\n4,oops,6\n7,8,9\n",
        "points.csv: column 'b' holds numbers, but row 2 (line 3) holds 'oops'; correct the cell",
    ),
    "text in a number column after a row of two lines": (
        'a,b,c\n1,2,"x\ny"\n4,oops,z\n7,8,w\n5,5,5\n',
        "column 'b' holds numbers, but row 2 (line 4) holds 'oops'",
    ),
    "text after many numbers": (
        "a,b\n" + "1,2\n" * 5000 + "1,x\n",
        "column 'b' holds numbers, but row 5,001 (line 5,002) holds 'x'",
    ),
    "decimal comma": ("a;b\n1,5;2\n2,5;3\n", "row 1 (line 2) holds '1,5'; write decimal numbers with a point."),
    "text column": (
        "a,city\n1,Paris\n2,Rome\n",
        "column 'city' holds 'Paris' in row 1 (line 2), text where numbers are expected; leave the column out, "
        "turn it into numbers, or choose it as the label column with target=city.",
    ),
    "date column": ("a,day\n1,2020-01-01\n2,2020-01-02\n", "column 'day' holds '2020-01-01' in row 1 (line 2), text"),
    "pipes": ("a|b|c\n1|2|3\n", "the fields seem to be separated by '|'; separate them by commas."),
    "spaces": ("a b c\n1 2 3\n", "the fields seem to be separated by spaces; separate them by commas."),
    "unclear delimiter": ("a;b,c\n1;2,3\n", "it is unclear what separates the fields of line 1"),
    "delimiter of header and rows differ": (
        "a,b,c\n1;2;3\n",
        "row 1 (line 2) has 1 field where the header has 3: it is separated by semicolon, the header by comma; "
        "use one delimiter.",
    ),
    "short row": ("a,b,c\n1,2,3\n4,5\n7,8,9\n", "row 2 (line 3) has 2 fields where the header has 3; give each row"),
    "long row": ("a,b\n1,2\n4,5,6\n7,8\n", "row 2 (line 3) has 3 fields where the header has 2; give each row"),
    "short row after a row of two lines": ('a,b\n1,"2\n3"\n\n4\n5,6\n', "row 2 (line 5) has 1 field"),
    "cut off": ("a,b,c\n1,2,3\n4,5", "row 2 (line 3) has 2 fields where the header has 3; it is the last row, so the"),
    "empty cell": (
        "a,b\n1,2\n,4\nNaN,3\n",
        "column 'a' has no value (an empty cell or NaN) in row 2 (line 3); 2 such values in all: every value must be "
        "a finite number, so fill them in or remove the rows.",
    ),
    "question mark": ("a,b\n1,2\n?,4\n", "column 'a' has no value (an empty cell or NaN) in row 2 (line 3)"),
    "infinite": ("a,b\n1,2\n1,-inf\n", "column 'b' is infinite in row 2 (line 3); 1 such value in all"),
    "too large": ("a,b\n1,2\n1,1e300\n", "column 'b' holds 1e+300 in row 2 (line 3), too large for 32-bit numbers"),
    "empty column": ("a,b\n1,\n2,\n", "column 'b' has no value (an empty cell or NaN) in row 1 (line 2); 2 such"),
    "Latin-1 cell": (b"a,b\n1,2\n1,caf\xe9\n", "points.csv is not UTF-8 text (line 3); save it as csv in UTF-8"),
    "Latin-1 header": (b"a,caf\xe9\n1,2\n", "points.csv is not UTF-8 text (line 1)"),
    "Latin-1 far down": (b"a,b\n" + b"1,2\n" * 2_000_000 + b"1,\xe9\n", "is not UTF-8 text (line 2,000,002)"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "points.csv is not UTF-8 text (line 1)"),
    "zero bytes": (b"a,b\n1,\0\n", "points.csv is not text: it holds zero bytes"),
    "two columns of one name": ("a,b,a\n1,2,3\n", "columns 1 and 3 are both called 'a'; rename one."),
    "row numbers without a name": (",a,b\n0,1,2\n", "column 1 has no name; name it, or leave it out"),
    "no header": ("5.1,3.5,setosa\n4.9,3,setosa\n", "line 1 must name the columns and holds numbers (5.1, 3.5, set"),
    "no header, whole numbers": ("5,1,3\n4,1,2\n", "line 1 must name the columns and holds numbers (5, 1, 3)"),
    "missing label": ("a,y\n1,0\n2,\n3,1\n", "row 2 (line 3) has no label in column 'y', 1 in all"),
    "nothing but labels": ("y\n0\n1\n0\n", "points.csv has no column besides 'y'; at least one feature is needed."),
    "line break in a name": ('"a\nb",b\n1,x\n', "column 'b' holds 'x' in row 1 (line 3), text"),
    "endless name": ("a," + "b" * 5000 + "\n1,2\n", "column 2 has a name of 5,000 characters; at most 200 are read."),
    "endless label": ("a,y\n1,u\n2," + "v" * 5000 + "\n", "column 'y' holds 'u' in row 1 (line 2), text"),
    "open quote in the header": ('a,"b\n' + "1,2\n" * 100_000, "a double quote may have been left open."),
    "open quote far down": ("a,b\n" + "1,2\n" * 30 + '3,"4\n' + "1,2\n" * 9, "row 31 (line 41) holds '4\\n1,2"),
    "open quote": (
        'a,b\n1,2\n3,"4\n' + "1,2\n" * 100_000,
        "column 'b' holds numbers, but row 2 holds '4\\n1,2",
    ),
    "picture": (b"\x89PNG\r\n\x1a\n", "points.csv is not a csv file: it is a PNG picture"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD.keys())
def test_refusals(files: Any, content: bytes | str, sentence: str) -> None:
    """Each fault is refused with a sentence that names the file, the place and the remedy."""
    with pytest.raises(BadInput) as refusal:
        files.load("points.csv", content)
    assert sentence in str(refusal.value)
    assert str(refusal.value).startswith("points.csv")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_wide(files: Any, delimiter: str) -> None:
    """A table of 19,000 columns is read, though its lines are longer than any field may be."""
    names = [f"column{index}" for index in range(19_000)]
    row = [f"{index}.125" for index in range(19_000)]
    dataset = files.load("wide.csv", "\n".join(delimiter.join(cells) for cells in (names, row, row)))
    assert dataset.X.shape == (2, 19_000)
    np.testing.assert_array_equal(dataset.X[1], np.arange(19_000) + 0.125)
    assert dataset.feature_names == tuple(names)


def test_target_of_text(files: Any) -> None:
    """A text column can be chosen as the label; its values become classes in alphabetical order."""
    dataset = files.load("trips.csv", "a,city,b\n1,Rome,2\n3, Paris,4\n5,Rome ,6\n", target="city")
    assert dataset.classes == ("Paris", "Rome")
    assert dataset.y.tolist() == [1, 0, 1]
    assert dataset.feature_names == ("a", "b")


def test_target_of_numbers(files: Any) -> None:
    """Whole numbers become classes in numeric order, whether written with a point or without."""
    dataset = files.load("grades.csv", "a,grade\n1,10\n2,9.0\n3,-1\n4,10\n", target="grade")
    assert dataset.classes == ("-1", "9", "10")
    assert dataset.y.tolist() == [2, 1, 0, 2]


def test_target_of_truth_values(files: Any) -> None:
    """Truth values can be a feature (0 and 1) and a label (false and true)."""
    dataset = files.load("flags.csv", "a,y\ntrue,false\nfalse,true\n")
    assert dataset.X.tolist() == [[1.0], [0.0]]
    assert dataset.classes == ("false", "true")
    assert dataset.y.tolist() == [0, 1]


TARGETS = {
    "unknown": ("a,b\n1,2\n", "c", "points.csv has no column 'c'; it has a, b."),
    "fractions": (
        "a,b\n1,\n2,0.5\n",
        "b",
        "column 'b' can't be class labels: row 2 (line 3) holds 0.5; labels are text or whole",
    ),
    "numbering": (
        "a,b\n" + "".join(f"1,{row}\n" for row in range(50)),
        "b",
        "column 'b' can't be class labels: 50 rows hold 50 different values",
    ),
    "empty": ("a,b\n1,\n2,\n", "b", "column 'b' can't be class labels: it is empty."),
}


@pytest.mark.parametrize(("content", "target", "sentence"), TARGETS.values(), ids=TARGETS.keys())
def test_refused_targets(files: Any, content: str, target: str, sentence: str) -> None:
    """A chosen label column that can't be one is refused by name."""
    with pytest.raises(BadInput) as refusal:
        files.load("points.csv", content, target)
    assert sentence in str(refusal.value)


UNLABELLED = {
    "no such column": (
        "a,b\n1,2\n3,4\n",
        "has no column called y, label, target or class, so it has no labels; choose the",
    ),
    "two such columns": ("a,y,Label\n1,0,1\n2,1,0\n", "the columns y, Label could each be the label; choose the label"),
    "coordinates": ("x,y,z\n1,0.5,2\n2,0.25,1\n", "the values of column 'y' are no class labels"),
}


@pytest.mark.parametrize(("content", "sentence"), UNLABELLED.values(), ids=UNLABELLED.keys())
def test_without_labels(files: Any, content: str, sentence: str) -> None:
    """Without a clear label column all columns are features, and asking for labels says what to choose."""
    dataset = files.load("points.csv", content)
    assert dataset.y is None
    assert dataset.features == content.splitlines()[0].count(",") + 1
    with pytest.raises(BadInput) as refusal:
        dataset.labels()
    assert sentence in str(refusal.value)
    assert "target=NAME" in str(refusal.value)


def test_one_class(files: Any) -> None:
    """One class only is refused where labels are asked, not before."""
    dataset = files.load("points.csv", "a,y\n1,7\n2,7\n")
    with pytest.raises(
        BadInput, match=r"points.csv has one class only: all 2 labels are '7'; a classification needs at least two"
    ):
        dataset.labels()


LIMITS = {"ASSAY_MAX_ROWS": "4 rows", "ASSAY_MAX_COLUMNS": "3 columns", "ASSAY_MAX_VALUES": "12 values"}


@pytest.mark.parametrize(("variable", "found"), LIMITS.items())
def test_limits(files: Any, monkeypatch: pytest.MonkeyPatch, variable: str, found: str) -> None:
    """A table over a limit is refused with what it has, the limit and its name; one at the limit is read."""
    content = "a,b,c\n" + "1,2,3\n" * 4
    count = int(found.split()[0])
    try:
        monkeypatch.setenv(variable, str(count))
        settings.cache_clear()
        assert files.load("points.csv", content).rows == 4
        monkeypatch.setenv(variable, str(count - 1))
        settings.cache_clear()
        with pytest.raises(TooLarge) as refusal:
            files.load("points.csv", content.replace("1", "4"))
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert f"points.csv has {found}; at most {count - 1} are accepted here" in str(refusal.value)
    assert variable in str(refusal.value)


def test_memory(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that does not fit into the free memory is refused before it is read."""
    monkeypatch.setattr("core.data.limits.psutil.virtual_memory", lambda: type("Memory", (), {"available": 1000}))
    with pytest.raises(TooLarge, match=r"points.csv needs .* of memory to be read and 1000 bytes are free"):
        files.load("points.csv", "a,b\n" + "1,2\n" * 100)


@examples(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 3), min_size=1, max_size=20))
def test_round_trip(files: Any, rows: list[tuple[float, ...]]) -> None:
    """Any finite 32-bit numbers that pandas writes come back bit for bit."""
    expected = np.array(rows, dtype=np.float32)
    content = pd.DataFrame(expected.astype(np.float64), columns=["a", "b", "c"]).to_csv(index=False)
    np.testing.assert_array_equal(files.load("points.csv", content).X, expected)
