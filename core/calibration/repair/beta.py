"""Platt scaling and beta calibration, one map a class, then renormalised.

Beta calibration (Kull, Silva Filho and Flach 2017, AISTATS, section 4): log-odds = a log c - b log(1 - c) + m with
a, b >= 0, where c is the probability of one class against the rest. Platt scaling (Platt 1999) of the log-odds is the
case a = b. Both are logistic regressions without a penalty; a negative coefficient is set to zero and the others are
fitted again, as the authors do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.calibration.predictions import softmax64
from core.calibration.repair.forms import EPS
from core.calibration.repair.logistic import fit_logistic
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows, classes_in_fit

BinaryFit = Callable[[np.ndarray, np.ndarray], tuple[tuple[float, float, float], bool]]


def fit_platt(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Platt scaling of the log-odds of each class."""
    return _one_vs_rest("platt", scores, labels, platt_map)


def fit_beta(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Beta calibration (a, b, m) of the probability of each class."""
    return _one_vs_rest("beta", scores, labels, beta_map)


def platt_map(c: np.ndarray, outcomes: np.ndarray) -> tuple[tuple[float, float, float], bool]:
    """(a, a, m) of the log-odds a log(c / (1 - c)) + m, and whether the optimum exists.

    Args:
        c: [n] probabilities strictly between 0 and 1.
        outcomes: [n] 0 or 1.
    """
    odds = np.log(c) - np.log1p(-c)
    (slope, offset), exists = fit_logistic(np.column_stack([odds, np.ones_like(c)]), outcomes)
    return (float(slope), float(slope), float(offset)), exists


def beta_map(c: np.ndarray, outcomes: np.ndarray) -> tuple[tuple[float, float, float], bool]:
    """(a, b, m) of the log-odds a log c - b log(1 - c) + m, and whether the optimum exists.

    Args:
        c: [n] probabilities strictly between 0 and 1.
        outcomes: [n] 0 or 1.
    """
    features = np.column_stack([np.log(c), -np.log1p(-c), np.ones_like(c)])
    kept = [0, 1, 2]
    while True:
        found, exists = fit_logistic(features[:, kept], outcomes)
        negative = [index for index, value in zip(kept, found, strict=True) if index < 2 and value < 0]
        if not negative:
            break
        kept.remove(negative[0])
    full = np.zeros(3)
    full[kept] = found
    return (float(full[0]), float(full[1]), float(full[2])), exists


def _one_vs_rest(name: str, scores: np.ndarray, labels: np.ndarray, binary: BinaryFit) -> Recalibrator:
    check_fit_rows(scores, labels)
    classes = scores.shape[1]
    classes_in_fit(labels, classes, name)
    c = np.clip(softmax64(scores), EPS, 1 - EPS)
    maps, notes = [], []
    for k in range(classes):
        found, exists = binary(c[:, k], (labels == k).astype(np.float64))
        maps.append(found)
        if not exists:
            notes.append(
                f"Class {k} is separable from the rest on the fit rows, so its slope was stopped on its way up."
            )
    a, b, m = (list(column) for column in zip(*maps, strict=True))
    return Recalibrator(name, "beta", classes, {"a": a, "b": b, "m": m}, tuple(notes))
