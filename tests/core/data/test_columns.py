"""What the inspection tells before anything is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.analysis import Source
from core.data.columns import check_classes, check_columns, only_text_column
from core.errors import BadInput


def table(*columns: dict[str, Any], labels: str | None = None) -> Source:
    return Source("dataset", "trips.csv", "0" * 40, "/nowhere", {"columns": list(columns), "labels": labels})


A = {"name": "a", "type": "number", "missing": 0}
CITY = {"name": "city", "type": "text", "missing": 0}
GAPS = {"name": "gaps", "type": "number", "missing": 7}


def test_text_that_is_not_the_label_is_refused() -> None:
    """A text column is named, unless it is the chosen or the guessed label."""
    with pytest.raises(BadInput, match=r"trips\.csv: column 'city' holds text; choose it as the label column"):
        check_columns(table(A, CITY), "")
    check_columns(table(A, CITY), "city")
    check_columns(table(A, CITY, labels="city"), "")


def test_missing_values_are_refused_with_their_number() -> None:
    """A column with missing values is named with how many there are."""
    with pytest.raises(BadInput, match="column 'gaps' has 7 missing values"):
        check_columns(table(A, GAPS), "")


def test_the_one_text_column_is_proposed_as_label() -> None:
    """One text column is proposed; none or two, or a guessed label, leave the choice to the person."""
    assert only_text_column(table(A, CITY)) == "city"
    assert only_text_column(table(A)) == ""
    assert only_text_column(table(CITY, {**CITY, "name": "land"})) == ""
    assert only_text_column(table(A, CITY, labels="a")) == ""


def test_nothing_to_tell_apart_is_refused() -> None:
    """No labels and a single class are refused by what the inspection counted; what it did not count is left alone."""
    once = {**CITY, "distinct": 1}
    with pytest.raises(BadInput, match=r"no class labels .* choose the column"):
        check_classes(counted(table(A, CITY), "csv", 0), "")
    with pytest.raises(BadInput, match=r"no class labels .* bring an npz file"):
        check_classes(counted(table(A), "npy", 0), "")
    for source, target in ((counted(table(A, labels="y"), "npz", 1), ""), (counted(table(A, once), "csv", 0), "city")):
        with pytest.raises(BadInput, match="one class only"):
            check_classes(source, target)
    check_classes(counted(table(A, labels="y"), "npz", 2), "")
    check_classes(counted(table(A, CITY), "csv", 0), "city")
    check_classes(table(A), "")


def counted(source: Source, format_: str, classes: int) -> Source:
    """The source with what the inspection says of its format and classes."""
    return replace(source, details={**source.details, "format": format_, "classes": classes})
