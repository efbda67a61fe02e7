"""A table of runs as cells of the temperature-load plane, checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import BadInput

AXES = ("load", "temperature")
METRICS = ("train_loss", "trace", "mode_connectivity", "cka")
TRAIN_ERROR, TEST_ERROR = "train_error", "test_error"
ERRORS = (TRAIN_ERROR, TEST_ERROR)


@dataclass(frozen=True, eq=False)
class Cells:
    """C cells with up to S rows (seeds or pairs) each; missing rows are NaN.

    Attributes:
        load: [C].
        temperature: [C].
        cell_of_row: [rows] the cell of each row of the table.
        rows: [C] rows of each cell.
        values: metric -> [C, S]; `train_error` and `test_error` in points are NaN where the table has no such column.
        standard_errors: metric -> [C, S], from the columns METRIC_standard_error; NaN where not given.
    """

    load: np.ndarray
    temperature: np.ndarray
    cell_of_row: np.ndarray
    rows: np.ndarray
    values: dict[str, np.ndarray]
    standard_errors: dict[str, np.ndarray]


def cells_of(table: pd.DataFrame) -> Cells:
    """Groups the rows of a table by load and temperature.

    Args:
        table: a row a cell, or a row a seed or a pair of seeds, with `load`, `temperature`, `train_loss`, `trace`,
            `mode_connectivity` (points) and `cka`; empty where a value was not measured. Optional: `train_error` and
            `test_error` (points) and METRIC_standard_error.

    Raises:
        BadInput: a column is missing, or a value can't be what its column says.
    """
    missing = [name for name in (*AXES, *METRICS) if name not in table]
    if missing:
        raise BadInput(
            f"The table lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: phases need "
            f"{', '.join((*AXES, *METRICS))}; a column may be empty where its values were not measured."
        )
    if not len(table):
        raise BadInput("The table has no rows: phases need a row for each cell of load and temperature.")
    columns = {name: _numbers(table, name) for name in (*AXES, *METRICS)}
    for name in AXES:
        _refuse(~np.isfinite(columns[name]), table, name, "a finite number is expected")
    for name in ERRORS:
        columns[name] = _numbers(table, name) if name in table else np.full(len(table), np.nan)
    _check_values(columns, table)
    places = np.column_stack([columns[name] for name in AXES])
    unique, cell = np.unique(places, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    rows = np.bincount(cell, minlength=len(unique))
    position = _position_in_cell(cell, rows)
    errors = {name: f"{name}_standard_error" for name in METRICS}
    return Cells(
        load=unique[:, 0],
        temperature=unique[:, 1],
        cell_of_row=cell,
        rows=rows,
        values={name: _padded(columns[name], cell, position, rows) for name in (*METRICS, *ERRORS)},
        standard_errors={
            name: _padded(_numbers(table, error), cell, position, rows)
            if error in table
            else np.full((len(rows), rows.max()), np.nan)
            for name, error in errors.items()
        },
    )


def _check_values(columns: dict[str, np.ndarray], table: pd.DataFrame) -> None:
    _refuse(columns["train_loss"] < 0, table, "train_loss", "a loss is at least 0")
    known = np.isfinite(columns["train_loss"])  # of a run that diverged nothing need be finite
    for name in METRICS[1:]:
        _refuse(np.isinf(columns[name]) & known, table, name, "a finite number is expected, or none")
    connectivity = columns["mode_connectivity"]
    _refuse(
        np.isfinite(connectivity) & (np.abs(connectivity) > 100),
        table,
        "mode_connectivity",
        "it is in points of error, from -100 to 100",
    )
    _refuse(np.isfinite(columns["cka"]) & (columns["cka"] > 1 + 1e-6), table, "cka", "a similarity is at most 1")
    for name in ERRORS:
        _refuse((columns[name] < 0) | (columns[name] > 100), table, name, "an error is in points, from 0 to 100")


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
    _refuse(np.isnan(numbers) & ~table[name].isna().to_numpy(), table, name, "a number is expected")
    return numbers


def _refuse(wrong: np.ndarray, table: pd.DataFrame, name: str, expected: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise BadInput(f"Column {name}, row {row + 1} of the table: {table[name].iloc[row]!s} was found; {expected}.")


def _position_in_cell(cell: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which row of its cell each row is, counted from 0."""
    order = np.argsort(cell, kind="stable")
    position = np.empty(len(cell), int)
    position[order] = np.arange(len(cell)) - np.repeat(np.cumsum(rows) - rows, rows)
    return position


def _padded(column: np.ndarray, cell: np.ndarray, position: np.ndarray, rows: np.ndarray) -> np.ndarray:
    padded = np.full((len(rows), rows.max()), np.nan)
    padded[cell, position] = column
    return padded
