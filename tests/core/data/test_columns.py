"""What the inspection tells before anything is read."""

from __future__ import annotations

from typing import Any

import pytest

from core.analysis import Source
from core.data.columns import check_columns, only_text_column
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
