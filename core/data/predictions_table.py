"""Reads predictions from csv and parquet: one row a sample."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from core.data.limits import check_memory
from core.data.predictions import GaussianFile, Place, ScoreFile, ScoreKind, ScorePart, check_disjoint
from core.data.table import Table, as_floats, listed
from core.errors import BadInput

SCORE_COLUMN = re.compile(r"(p|logit)_(\d{1,6})")
GAUSSIAN_COLUMNS = ("mean", "std", "target")
FIT_WORDS = ("val", "valid", "validation", "fit", "calibration", "dev")
REPORT_WORDS = ("test", "report", "eval", "evaluation")
_KINDS: dict[str, ScoreKind] = {"p": "probabilities", "logit": "logits"}


def predictions_of_table(table: Table) -> ScoreFile | GaussianFile:
    """Predictions in the columns `label` and `p_0`, `p_1`, ... (or `logit_0`, ...), or `mean`, `std` and `target`.

    Optional columns: `split` (val or test), `group`, `sample` (a name), `model` (one only).

    Raises:
        BadInput: a missing column, several models, or values of the wrong type.
    """
    if all(name in table.names for name in GAUSSIAN_COLUMNS):
        mean, deviation, target = (numbers(table, name) for name in GAUSSIAN_COLUMNS)
        return GaussianFile(table.filename, mean, deviation, target, _optional(table, "group"), place_in(table))
    columns = score_columns(table)
    _refuse_models(table)
    scores = {kind: matrix(table, names) for kind, names in columns.items()}
    groups, samples = _optional(table, "group"), _optional(table, "sample")
    whole = ScorePart(scores, label_column(table), groups, samples, place_in(table))
    if "split" not in table.names:
        return check_disjoint(ScoreFile(table.filename, whole))
    fit = split_parts(table)
    if fit.all():
        raise BadInput(f"{table.filename}: every row of column 'split' is a validation row; none is left to report on.")
    return check_disjoint(ScoreFile(table.filename, whole.rows(~fit), whole.rows(fit) if fit.any() else None))


def score_columns(table: Table) -> dict[ScoreKind, list[str]]:
    """The columns of each kind of scores, in the order of the classes.

    Raises:
        BadInput: none, a gap in the numbers, or one column alone.
    """
    found: dict[ScoreKind, dict[int, str]] = {}
    for name in table.names:
        match = SCORE_COLUMN.fullmatch(name)
        if match:
            found.setdefault(_KINDS[match[1]], {})[int(match[2])] = name
    if not found:
        raise BadInput(
            f"{table.filename} has no columns p_0, p_1, ... (probabilities) or logit_0, logit_1, ... (logits), one a "
            f"class; it has {listed(table.names)}."
        )
    for kind, by_class in found.items():
        if len(by_class) == 1:
            name = next(iter(by_class.values()))
            one_less = "p_0 = 1 - p_1" if kind == "probabilities" else "logit_0 = 0 and logit_1 the log-odds"
            raise BadInput(
                f"{table.filename} has one column of {kind}, {name}; one for each class is expected: for two classes "
                f"write {one_less} (this measures the confidence in the predicted class, not in the positive one)."
            )
        gaps = sorted(set(range(len(by_class))) - set(by_class))
        if gaps:
            prefix = "p" if kind == "probabilities" else "logit"
            raise BadInput(
                f"{table.filename}: column {prefix}_{gaps[0]} is missing; {len(by_class)} columns of {kind} are there, "
                f"which must be numbered {prefix}_0 to {prefix}_{len(by_class) - 1}."
            )
    return {kind: [by_class[index] for index in range(len(by_class))] for kind, by_class in found.items()}


def place_in(table: Table) -> Place:
    """Where a row of the table stands in its file, without keeping the columns in memory."""
    return replace(table, columns=table.columns.schema.empty_table()).place


def label_column(table: Table) -> np.ndarray:
    """The true classes.

    Raises:
        BadInput: no column `label`, or one of text.
    """
    if "label" not in table.names:
        raise BadInput(
            f"{table.filename} has no column 'label' (the true class, counted from 0); it has {listed(table.names)}."
        )
    return numbers(table, "label")


def numbers(table: Table, name: str) -> np.ndarray:
    """A column of numbers [rows] float64, NaN where a cell is empty.

    Raises:
        BadInput: it holds text.
    """
    if table.is_text(name):
        column = table.columns[name]
        row = int(np.argmax(column.is_valid().to_numpy()))
        raise BadInput(
            f"{table.filename}: column {name!r} holds {str(column[row].as_py())[:40]!r} in {table.place(row)}; "
            "numbers are expected."
        )
    return as_floats(table.columns[name])


def matrix(table: Table, names: list[str]) -> np.ndarray:
    """Columns of numbers side by side, float64 [rows, columns].

    Raises:
        BadInput: one holds text.
        TooLarge: more than there is memory.
    """
    check_memory(table.filename, 24 * table.columns.num_rows * len(names))
    values = np.empty((table.columns.num_rows, len(names)))
    for position, name in enumerate(names):
        values[:, position] = numbers(table, name)
    return values


def words(table: Table, name: str) -> np.ndarray:
    """A column as text [rows], whatever it holds; "" where a cell is empty."""
    column = table.columns[name].to_pylist()
    return np.array(["" if value is None else str(value) for value in column])


def split_parts(table: Table) -> np.ndarray:
    """[rows] whether a row is for fitting, by column `split`.

    Raises:
        BadInput: a word that is not known.
    """
    split = np.char.lower(np.char.strip(words(table, "split")))
    fit = _among(split, FIT_WORDS)
    unknown = np.flatnonzero(~fit & ~_among(split, REPORT_WORDS))
    if len(unknown):
        row = int(unknown[0])
        raise BadInput(
            f"{table.filename}: column 'split' holds {split[row][:40]!r} in {table.place(row)}; val or test "
            "is expected: val rows fit repairs, test rows are reported on."
        )
    return fit


def _among(values: np.ndarray, accepted: Iterable[str]) -> np.ndarray:
    return np.isin(values, list(accepted))


def _refuse_models(table: Table) -> None:
    if "model" in table.names:
        models = np.unique(words(table, "model"))
        if len(models) > 1:
            raise BadInput(
                f"{table.filename} holds {len(models):,} models in column 'model'; one is expected here: hand this file in "
                "as a population, or keep the rows of one model."
            )


def _optional(table: Table, name: str) -> np.ndarray | None:
    return words(table, name) if name in table.names else None
