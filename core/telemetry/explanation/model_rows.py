"""The rows that an uploaded model is asked about, as it takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.data.formats import shown
from core.data.table import as_floats
from core.data.telemetry_copy import columns_of_source
from core.data.telemetry_file import Columns, ColumnTable
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source

LARGEST = float(np.finfo(np.float32).max)


def open_rows(source: Source) -> Columns:
    """The table that a person handed in as telemetry: all its columns, and no need of times.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    if source.builtin:
        from core.telemetry.synthetic.builtin import make

        grid = make(source.builtin).grid
        return ColumnTable(source.name, pa.table(dict(zip(grid.names, grid.values.T, strict=True))))
    return columns_of_source(source)


def spread_rows(rows: int, count: int, chosen: Sequence[int], table: str) -> np.ndarray:
    """Row numbers in ascending order: `count` of them evenly spread, and those that a person chose.

    Raises:
        BadInput: a chosen row that the table does not have.
    """
    for row in chosen:
        if not 0 <= row < rows:
            raise BadInput(f"Row {row:,} does not exist: {table} has rows 0 to {rows - 1:,}.")
    spread = np.arange(rows) if rows <= count else np.linspace(0, rows - 1, count).round().astype(np.int64)
    return np.union1d(spread, np.asarray(chosen, dtype=np.int64))


def read_rows(columns: Columns, names: Sequence[str], rows: np.ndarray) -> np.ndarray:
    """[rows, names] float32, NaN where a cell is empty.

    Raises:
        BadInput: an infinite value, or one too large for float32.
    """
    values = np.empty((len(rows), len(names)), dtype=np.float32)
    place = {name: position for position, name in enumerate(names)}
    for name, cells in columns.each(names):
        column = as_floats(cells)[rows]
        beyond = np.abs(column) > LARGEST
        if beyond.any():
            at = int(np.argmax(beyond))
            raise BadInput(
                f"{columns.filename}: column {name!r} holds {column[at]:g} in row {rows[at]:,} (counted from 0), too large "
                "for the 32-bit numbers of the model; leave such cells empty."
            )
        values[:, place[name]] = column
    return values


def file_name(source: Source) -> str:
    """As messages show it."""
    return source.name if source.builtin else shown(source.name or Path(source.location).name)
