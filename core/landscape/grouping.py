"""Rows of a table as cells of a plane: what the phases and the pruning regimes start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import BadInput


@dataclass(frozen=True, eq=False)
class Cells:
    """C cells with up to S rows (seeds or pairs) each; missing rows are NaN.

    Attributes:
        axes: axis -> [C].
        cell_of_row: [rows of the table] the cell of each.
        rows: [C] rows of each cell.
        values: metric -> [C, S].
        standard_errors: metric -> [C, S], from the columns METRIC_standard_error; NaN where not given.
    """

    axes: dict[str, np.ndarray]
    cell_of_row: np.ndarray
    rows: np.ndarray
    values: dict[str, np.ndarray]
    standard_errors: dict[str, np.ndarray]

    @property
    def present(self) -> np.ndarray:
        """[C, S] whether there is such a row."""
        return np.arange(self.rows.max()) < self.rows[:, None]

    def mean(self, name: str) -> np.ndarray:
        """[C] mean of what was measured, NaN where nothing was."""
        return mean_of_rows(self.values[name])

    def error_of_mean(self, name: str) -> np.ndarray:
        """[C] standard error of the mean: from the spread of the rows, or what came with the only one."""
        rows = self.values[name]
        count = (~np.isnan(rows)).sum(axis=1)
        spread = (rows - mean_of_rows(rows)[:, None]) ** 2
        several = np.sqrt(mean_of_rows(spread) / np.maximum(count - 1, 1))
        return np.where(count > 1, several, mean_of_rows(self.standard_errors[name]))

    def drawn(self, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """One bootstrap resample: positions [C, S] of rows of each cell, and the metrics there.

        Each drawn row is moved by its standard error, where it came with one.
        """
        chosen = (rng.random((len(self.rows), self.rows.max())) * self.rows[:, None]).astype(int)
        found = {}
        for name, rows in self.values.items():
            moved = rows + rng.standard_normal(rows.shape) * np.nan_to_num(self.standard_errors[name])
            found[name] = np.where(self.present, np.take_along_axis(moved, chosen, axis=1), np.nan)
        return chosen, found


def group(
    table: pd.DataFrame, purpose: str, axes: tuple[str, ...], metrics: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Cells:
    """Groups the rows of a table by its axes, ascending.

    Args:
        table: a row a cell, or a row a seed or a pair of seeds.
        purpose: what is being asked, for the refusals: "phases".
        axes: columns that say which cell a row belongs to.
        metrics: columns that must be there, though they may be empty.
        optional: columns that are taken as empty where they are not there; METRIC_standard_error always is.

    Raises:
        BadInput: a column is missing or holds no numbers, or a place is not finite.
    """
    missing = [name for name in (*axes, *metrics) if name not in table]
    if missing:
        raise BadInput(
            f"The table lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: {purpose} need "
            f"{', '.join((*axes, *metrics))}; a column may be empty where its values were not measured."
        )
    if not len(table):
        raise BadInput(f"The table has no rows: {purpose} need a row for each cell of {' and '.join(axes)}.")
    places = np.column_stack([numbers(table, name) for name in axes])
    for axis, name in enumerate(axes):
        refuse(~np.isfinite(places[:, axis]), table, name, "a finite number is expected")
    unique, cell = np.unique(places, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    rows = np.bincount(cell, minlength=len(unique))
    position = _position_in_cell(cell, rows)

    def padded(name: str) -> np.ndarray:
        found = np.full((len(rows), rows.max()), np.nan)
        if name in table:
            found[cell, position] = numbers(table, name)
        return found

    names = (*metrics, *optional)
    return Cells(
        axes=dict(zip(axes, unique.T, strict=True)),
        cell_of_row=cell,
        rows=rows,
        values={name: padded(name) for name in names},
        standard_errors={name: padded(f"{name}_standard_error") for name in names},
    )


def refuse(wrong: np.ndarray, table: pd.DataFrame, name: str, expected: str) -> None:
    """Refuses the first row that is wrong.

    Raises:
        BadInput: names column, row, what was found and what is expected.
    """
    if wrong.any():
        row = int(wrong.argmax())
        raise BadInput(f"Column {name}, row {row + 1} of the table: {table[name].iloc[row]!s} was found; {expected}.")


def refuse_outside(table: pd.DataFrame, name: str, low: float, high: float, expected: str) -> None:
    """Refuses values of a column, where there is one, below `low` or above `high`; missing and infinite ones pass."""
    if name in table:
        values = numbers(table, name)
        refuse(np.isfinite(values) & ((values < low) | (values > high)), table, name, expected)


def mean_of_rows(rows: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN; NaN where all is."""
    known = ~np.isnan(rows)
    count = known.sum(axis=-1)
    return np.where(count > 0, np.where(known, rows, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column as float64, NaN where it is empty.

    Raises:
        BadInput: an entry is neither empty nor a number.
    """
    found = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
    refuse(np.isnan(found) & ~table[name].isna().to_numpy(), table, name, "a number is expected")
    return found


def _position_in_cell(cell: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which row of its cell each row is, counted from 0."""
    order = np.argsort(cell, kind="stable")
    position = np.empty(len(cell), int)
    position[order] = np.arange(len(cell)) - np.repeat(np.cumsum(rows) - rows, rows)
    return position
