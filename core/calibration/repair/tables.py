"""Recalibrators that are a table from probability to frequency: one table a class, then renormalised.

A class that the fit rows don't have gets probability zero, as its frequency is; that makes the NLL of such a row
infinite, and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.calibration.predictions import softmax64
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows

Table = tuple[np.ndarray, np.ndarray]  # x ascending; y: [len(x)] to interpolate, [len(x) + 1] as steps


def one_vs_rest(
    name: str, form: str, scores: np.ndarray, labels: np.ndarray, fit_table: Callable[[np.ndarray, np.ndarray], Table]
) -> Recalibrator:
    """A table for each class against the rest.

    Args:
        name: the method.
        form: "interpolated" or "steps".
        scores: [n, K] logits or log-probabilities.
        labels: [n] integers in 0..K-1.
        fit_table: (probabilities [n], outcomes [n] 0 or 1) -> table.
    """
    check_fit_rows(scores, labels)
    classes = scores.shape[1]
    columns = softmax64(scores).T
    tables = [fit_table(column, (labels == k).astype(np.float64)) for k, column in enumerate(columns)]
    parameters = {"x": [x.tolist() for x, _ in tables], "y": [y.tolist() for _, y in tables]}
    absent = np.flatnonzero(np.bincount(labels, minlength=classes) == 0)
    notes = () if not absent.size else (f"Class {absent[0]} ({absent.size} in all) has no fit row; see its frequency.",)
    return Recalibrator(name, form, classes, parameters, notes)


def of_top_label(
    name: str, scores: np.ndarray, labels: np.ndarray, fit_table: Callable[[np.ndarray, np.ndarray], Table]
) -> Recalibrator:
    """One interpolated table for the confidence in the predicted class; the others keep their proportions.

    Args:
        name: the method.
        scores: [n, K] logits or log-probabilities.
        labels: [n] integers in 0..K-1.
        fit_table: (confidences [n], whether right [n] 0 or 1) -> table.
    """
    check_fit_rows(scores, labels)
    p = softmax64(scores)
    x, y = fit_table(p.max(axis=1), (p.argmax(axis=1) == labels).astype(np.float64))
    return Recalibrator(name, "top", scores.shape[1], {"x": x.tolist(), "y": y.tolist()})


def tie_groups(c: np.ndarray, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct probabilities ascending, how many rows each has, and the sum of their outcomes."""
    distinct, place, counts = np.unique(c, return_inverse=True, return_counts=True)
    return distinct, counts.astype(np.float64), np.bincount(place, weights=outcomes)


def merged_steps(x: np.ndarray, y: np.ndarray) -> Table:
    """The same steps without the edges between equal values."""
    changes = y[1:] != y[:-1]
    return x[changes], np.concatenate([y[:1], y[1:][changes]])
