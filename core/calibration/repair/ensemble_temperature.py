"""Ensemble temperature scaling: a mixture of cooled, plain and uniform probabilities.

Zhang, Kailkhura and Han 2020 (Mix-n-Match, arXiv 2003.07329), section 4: p = w1 softmax(z / T) + w2 softmax(z) + w3/K,
with T from temperature scaling and the weights on the simplex. Given T, the likelihood is concave in the weights.
"""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import softmax64
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.temperature import find_temperature

MAX_STEPS = 200
TOLERANCE = 1e-12


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Ensemble temperature scaling, fitted by likelihood."""
    scores = np.asarray(scores, dtype=np.float64)
    found = find_temperature(scores, labels)
    rows = np.arange(len(labels))
    parts = np.column_stack(
        [
            softmax64(scores / found.temperature)[rows, labels],
            softmax64(scores)[rows, labels],
            np.full(len(labels), 1 / scores.shape[1]),
        ]
    )
    parameters = {"temperature": found.temperature, "weights": mixture_weights(parts).tolist()}
    return Recalibrator("ensemble_temperature", "mixture", scores.shape[1], parameters, found.notes)


def mixture_weights(parts: np.ndarray) -> np.ndarray:
    """The weights on the simplex that maximise mean log(parts @ w), by sequential quadratic programming.

    Args:
        parts: [n, m] likelihood of each row under each part.
    """
    from scipy.optimize import minimize

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        mixed = np.maximum(parts @ weights, np.finfo(float).tiny)
        return -float(np.log(mixed).mean()), -(parts / mixed[:, None]).mean(axis=0)

    count = parts.shape[1]
    solved = minimize(
        loss,
        np.full(count, 1 / count),
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(count)},
        options={"maxiter": MAX_STEPS, "ftol": TOLERANCE},
    )
    weights = np.clip(solved.x, 0.0, 1.0)
    return np.asarray(weights / weights.sum())
