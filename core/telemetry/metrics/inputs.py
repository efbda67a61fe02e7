"""Labels, scores and alarms as the metrics take them."""

from __future__ import annotations

import numpy as np

from core.errors import BadInput
from core.telemetry.metrics.undefined import Undefined


def as_labels(labels: np.ndarray) -> np.ndarray:
    """[rows] bool of labels with at least one event and at least one row outside of the events.

    Args:
        labels: [rows] bool, or numbers 0 and 1.

    Raises:
        BadInput: not one column, or other values than 0 and 1.
        Undefined: no event, or nothing but events.
    """
    flags = as_flags(labels, "labels")
    if not flags.any():
        raise Undefined("No row is labelled as an event, so there is nothing to find.")
    if flags.all():
        raise Undefined("Every row is labelled as an event, so no alarm can be false.")
    return flags


def as_scores(scores: np.ndarray, rows: int) -> np.ndarray:
    """[rows] float64 scores; a row without a score (NaN) gets -inf.

    It is ranked below all others, not left out: it can't raise an alarm, and a method that gives no score where an
    event is has missed the event. So all methods are measured on the same rows and against the same base rate.

    Args:
        scores: [rows] numbers, higher = more anomalous.
        rows: how many are expected.

    Raises:
        BadInput: another number of rows.
        Undefined: no row has a score.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != (rows,):
        raise BadInput(f"The scores have the shape {values.shape}, the labels {(rows,)}: one score a row is expected.")
    missing = np.isnan(values)
    if missing.all():
        raise Undefined("No row has a score.")
    return np.where(missing, -np.inf, values) if missing.any() else values


def as_alarms(alarms: np.ndarray, rows: int) -> np.ndarray:
    """[rows] bool alarms.

    Args:
        alarms: [rows] bool, or numbers 0 and 1.
        rows: how many are expected.

    Raises:
        BadInput: another number of rows, or other values than 0 and 1.
    """
    flags = as_flags(alarms, "alarms")
    if flags.size != rows:
        raise BadInput(f"There are {flags.size} alarms for {rows} labels: one a row is expected.")
    return flags


def as_flags(values: np.ndarray, name: str) -> np.ndarray:
    """[rows] bool of booleans or of numbers that are 0 or 1.

    Raises:
        BadInput: not one column, or other values.
    """
    found = np.asarray(values)
    if found.ndim != 1:
        raise BadInput(f"The {name} have the shape {found.shape}: one value a row is expected.")
    if found.dtype == bool:
        return found
    flags = found == 1
    if not (flags | (found == 0)).all():
        other = found[~(flags | (found == 0))][0]
        raise BadInput(f"The {name} hold the value {other}: true and false, or 1 and 0, are expected.")
    return flags
