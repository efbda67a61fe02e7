"""Tables as csv that a spreadsheet opens without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet computes instead of showing it


def table_csv(table: pd.DataFrame) -> str:
    """A table with a header line and without row numbers.

    Text and headings that a spreadsheet would take for a formula, which names in an upload may hold, get an apostrophe in
    front (OWASP, "CSV Injection"). Text that is a number stays as it is. Parquet and JSON hold every text unchanged.

    >>> import pandas as pd
    >>> table_csv(pd.DataFrame({"name": ["=1+1", "-2", "a"], "x": [-1.0, 2.0, 3.0]})).split()
    ['name,x', "'=1+1,-1.0", '-2,2.0', 'a,3.0']
    """
    import pandas as pd

    shown = table.rename(columns=inert)
    for place, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            shown.isetitem(place, table.iloc[:, place].map(inert).to_numpy())
    return shown.to_csv(index=False)


def inert(cell: object) -> object:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
