"""Matrix scaling and Dirichlet calibration: a full linear map of logits or of log-probabilities, with a penalty.

p = softmax(W z + b). Matrix scaling (Guo et al. 2017, arXiv 1706.04599, section 4.2) takes the logits; Dirichlet
calibration (Kull et al. 2019, arXiv 1910.12656) the log-probabilities. K^2 + K coefficients overfit, so they are held
back: ODIR (Kull et al., section 3) by the mean square of the off-diagonal coefficients and of the offsets, L2 by the
mean square of all deviations from plain temperature scaling. Both act on logits already divided by the fitted
temperature, so that their strength has no unit; it is chosen by cross-validated likelihood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows, finite_scores, log_softmax
from core.calibration.repair.softmax_regression import LOSS_TOLERANCE, cross_entropy, minimised
from core.calibration.repair.split import stratified_folds
from core.calibration.repair.temperature import find_temperature
from core.errors import BadInput

STRENGTHS = (100.0, 10.0, 1.0, 0.1, 0.01)  # strongest first: each fit starts at the one before
FOLDS = 3
COARSE = 1e-7  # tolerance of the fits that only choose the strength
MOST_CLASSES = 200  # beyond this the map has more than 40,000 coefficients
PenaltyName = Literal["odir", "l2"]


def fit_matrix_odir(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Matrix scaling of the logits, off-diagonal and intercept regularised."""
    parameters, notes = _map("matrix_odir", scores, labels, "odir")
    return Recalibrator("matrix_odir", "affine", scores.shape[1], parameters, notes)


def fit_matrix_l2(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Matrix scaling of the logits, all deviations from temperature scaling regularised."""
    parameters, notes = _map("matrix_l2", scores, labels, "l2")
    return Recalibrator("matrix_l2", "affine", scores.shape[1], parameters, notes)


def fit_dirichlet(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Dirichlet calibration: matrix scaling of the log-probabilities, with ODIR."""
    parameters, notes = _map("dirichlet", log_softmax(scores), labels, "odir")
    parameters = {"temperature": 1.0, "uniform": 0.0, **parameters}
    return Recalibrator("dirichlet", "dirichlet", scores.shape[1], parameters, notes)


def _map(
    name: str, scores: np.ndarray, labels: np.ndarray, penalty: PenaltyName
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Weights and bias as plain lists, and a note on the penalty."""
    check_fit_rows(scores, labels)
    classes = scores.shape[1]
    if classes > MOST_CLASSES:
        raise BadInput(
            f"{name}: {classes:,} classes need {classes * (classes + 1):,} coefficients; this method takes at most "
            f"{MOST_CLASSES} classes: take vector scaling."
        )
    if len(labels) < FOLDS:
        raise BadInput(f"{name}: {len(labels)} fit rows were found; cross-validation needs at least {FOLDS}.")
    temperature = find_temperature(scores, labels).scale
    cooled = finite_scores(scores) / temperature
    strength = cross_validated_strength(cooled, labels, penalty)
    weights, bias = fit_map(cooled, labels, penalty, strength)
    parameters = {"weights": (weights / temperature).tolist(), "bias": bias.tolist()}
    return parameters, (f"Penalty of strength {strength:g}, by cross-validation.",)


def cross_validated_strength(cooled: np.ndarray, labels: np.ndarray, penalty: PenaltyName) -> float:
    """The strength of the penalty with the smallest NLL on rows that were held out."""
    folds = stratified_folds(labels, FOLDS, seed=0)
    losses = np.zeros(len(STRENGTHS))
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        start = None
        for index, strength in enumerate(STRENGTHS):
            start = fit_map(cooled[inside], labels[inside], penalty, strength, start, COARSE)
            weights, bias = start
            losses[index] += cross_entropy(cooled[outside] @ weights.T + bias, labels[outside])[0]
    return STRENGTHS[int(losses.argmin())]


def fit_map(
    scores: np.ndarray,
    labels: np.ndarray,
    penalty: PenaltyName,
    strength: float,
    start: tuple[np.ndarray, np.ndarray] | None = None,
    tolerance: float = LOSS_TOLERANCE,
) -> tuple[np.ndarray, np.ndarray]:
    """Weights [K, K] and bias [K] that minimise mean NLL + penalty.

    Args:
        scores: [n, K] what the map takes, scaled so that the identity is a sensible start.
        labels: [n] integers in 0..K-1.
        penalty: which coefficients are held back.
        strength: 0 for none.
        start: weights and bias to start at; identity and zero otherwise.
        tolerance: relative decrease of the loss at which the search ends.
    """
    classes = scores.shape[1]
    target, share = _PENALTIES[penalty](classes)
    weights, bias = start if start is not None else (np.eye(classes), np.zeros(classes))

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = x[:-classes].reshape(classes, classes), x[-classes:]
        value, gradient = cross_entropy(scores @ weights.T + bias, labels)
        off = share * (weights - target)
        value += strength * float((off * (weights - target)).sum() + (bias**2).mean())
        by_weights = gradient.T @ scores + 2 * strength * off
        by_bias = gradient.sum(axis=0) + 2 * strength * bias / classes
        return value, np.concatenate([by_weights.ravel(), by_bias])

    found, _ = minimised(loss, np.concatenate([weights.ravel(), bias]), tolerance)
    return found[:-classes].reshape(classes, classes), found[-classes:]


def _odir(classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Target [K, K] of the coefficients and the weight of each square: the off-diagonal ones, towards zero."""
    return np.zeros((classes, classes)), (1 - np.eye(classes)) / (classes * (classes - 1))


def _l2(classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Target [K, K] of the coefficients and the weight of each square: all, towards the identity."""
    return np.eye(classes), np.full((classes, classes), 1 / classes**2)


_PENALTIES: dict[PenaltyName, Callable[[int], tuple[np.ndarray, np.ndarray]]] = {"odir": _odir, "l2": _l2}
