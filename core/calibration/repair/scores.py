"""Scores: the one input of every recalibrator, logits or log-probabilities `[n, K]`."""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import Predictions
from core.data.predictions import counted_from_zero
from core.errors import BadInput, TooLarge

MOST_VALUES = 5_000_000  # rows times classes that a method with a table of all rows takes
RULED_OUT = -104.0  # just below the log of float32's smallest number: what a probability of zero may have been


def scores_of(predictions: Predictions) -> np.ndarray:
    """The logits [n, K] as float64; log-probabilities where no logits are known (log 0 = -inf)."""
    if predictions.logits is not None:
        return np.asarray(predictions.logits, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.log(predictions.probabilities)


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Log-probabilities [n, K] in float64; -inf stays -inf."""
    shifted = np.asarray(scores, dtype=np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def finite_scores(scores: np.ndarray) -> np.ndarray:
    """Scores for maps that multiply by fitted weights: -inf is taken as `RULED_OUT`.

    A probability of zero is a rounded one; in float32 it was below e^-103.
    """
    return np.where(np.isneginf(scores), RULED_OUT, np.asarray(scores, dtype=np.float64))


def check_fit_rows(scores: np.ndarray, labels: np.ndarray) -> None:
    """Refuses rows that no recalibrator can be fitted on.

    Raises:
        BadInput: There are no rows, fewer than two classes among the columns, or labels of no column.
    """
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise BadInput(f"Fit part: an array of shape {scores.shape} was found, [samples, classes >= 2] is expected.")
    if len(labels) != len(scores):
        raise BadInput(f"Fit part: {len(labels):,} labels were found for {len(scores):,} rows; one each is expected.")
    if not len(scores):
        raise BadInput("Fit part: no rows were found; hand in val_logits and val_labels, or split the rows given.")
    if np.isnan(scores).any():
        where = counted_from_zero(int(np.flatnonzero(np.isnan(scores).any(axis=1))[0]))
        raise BadInput(f"Fit part: {where} holds NaN; remove it.")
    last = scores.shape[1] - 1
    strange = np.flatnonzero(~((labels >= 0) & (labels <= last) & (labels == np.floor(labels))))
    if strange.size:
        row = int(strange[0])
        raise BadInput(
            f"Fit part: the label of {counted_from_zero(row)} is {labels[row]}; classes 0 to {last} are expected."
        )


def check_table_size(scores: np.ndarray, method: str) -> None:
    """Refuses a fit whose table would grow with every row and class.

    Raises:
        TooLarge: Says how many values there are and what to take instead.
    """
    rows, classes = scores.shape
    if rows * classes > MOST_VALUES:
        raise TooLarge(
            f"{method}: {rows:,} fit rows of {classes:,} classes give a table of {rows * classes:,} values; at most "
            f"{MOST_VALUES:,} are accepted: fit on fewer rows, or take isotonic regression or beta calibration."
        )


def classes_in_fit(labels: np.ndarray, classes: int, method: str) -> None:
    """Refuses a class that the fit part doesn't have.

    Raises:
        BadInput: Names the class.
    """
    absent = np.flatnonzero(np.bincount(labels, minlength=classes) == 0)
    if absent.size:
        raise BadInput(
            f"{method}: class {absent[0]} has no row in the fit part ({absent.size} of {classes} classes have none); "
            "hand in more val rows, or take a method with one map for all classes, such as temperature."
        )
