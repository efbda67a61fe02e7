"""A temperature for each example, from its own entropy.

Balanya, Maronas and Ramos 2022 (Adaptive temperature scaling, arXiv 2208.00461), the entropy-based variant:
T_i = softplus(w log(H_i / log K) + b), with H_i the entropy of softmax(z_i); w and b by likelihood. With w = 0 it is
plain temperature scaling, where the search starts. Ordering within a row, and so accuracy, doesn't change.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from core.calibration.repair.forms import log_entropy
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows
from core.calibration.repair.softmax_regression import minimised
from core.calibration.repair.temperature import find_temperature


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Entropy-based temperature, fitted by likelihood."""
    check_fit_rows(scores, labels)
    scores = np.asarray(scores, dtype=np.float64)
    found = find_temperature(scores, labels)
    finite = np.isfinite(scores)
    gaps = np.where(finite, scores.max(axis=1, keepdims=True) - np.where(finite, scores, 0.0), np.inf)
    own = gaps[np.arange(len(labels)), labels]
    possible = np.isfinite(own)
    gaps, own, feature = gaps[possible], own[possible], log_entropy(scores)[possible]
    finite_gaps = np.where(np.isfinite(gaps), gaps, 0.0)

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        inner = x[0] * feature + x[1]
        temperature = np.logaddexp(0, inner)
        weights = np.exp(-gaps / temperature[:, None])
        total = weights.sum(axis=1)
        expected = (weights * finite_gaps).sum(axis=1) / total
        value = float((own / temperature + np.log(total)).mean())
        by_temperature = (expected - own) / temperature**2
        by_inner = by_temperature * expit(inner) / len(own)
        return value, np.array([(by_inner * feature).sum(), by_inner.sum()])

    start = np.array([0.0, _inverse_softplus(found.temperature)])
    (weight, bias), _ = minimised(loss, start)
    parameters = {"weight": float(weight), "bias": float(bias)}
    return Recalibrator("entropy_temperature", "entropy_temperature", scores.shape[1], parameters, found.notes)


def _inverse_softplus(value: float) -> float:
    return float(value + np.log(-np.expm1(-value)))
