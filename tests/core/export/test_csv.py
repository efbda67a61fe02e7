from __future__ import annotations

import io

import pandas as pd
import pytest

from core.export.csv import table_csv


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_formulas_are_text(cell: str) -> None:
    """A cell or heading that a spreadsheet would compute begins with an apostrophe."""
    read = pd.read_csv(io.StringIO(table_csv(pd.DataFrame({cell: [cell]})), newline=""), lineterminator="\n")
    assert (read.columns[0], read.iloc[0, 0]) == (f"'{cell}", f"'{cell}")


def test_everything_else_is_as_it_was() -> None:
    """Numbers, negative ones too, and text that is a number or no formula stay as they are."""
    table = pd.DataFrame({"x": [-1.5, float("nan")], "name": ["-2", "a=b"], "kind": pd.Categorical(["+3e5", None])})
    assert table_csv(table) == table.to_csv(index=False)
