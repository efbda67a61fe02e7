"""Vector scaling: each logit has its own factor and offset.

Guo et al. 2017, arXiv 1706.04599, section 4.2: p = softmax(w * z + b), fitted by likelihood (convex in w and b).
"""

from __future__ import annotations

import numpy as np

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows, finite_scores
from core.calibration.repair.softmax_regression import cross_entropy, minimised
from core.calibration.repair.temperature import find_temperature

UNFINISHED = (
    "The fit stopped before the optimum: some class is separable on the fit rows, so its factor grows for ever."
)


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Vector scaling; the search starts at the fitted temperature."""
    check_fit_rows(scores, labels)
    classes = scores.shape[1]
    temperature = find_temperature(scores, labels).scale
    cooled = finite_scores(scores) / temperature

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = cross_entropy(cooled * x[:classes] + x[classes:], labels)
        return value, np.concatenate([(gradient * cooled).sum(axis=0), gradient.sum(axis=0)])

    found, finished = minimised(loss, np.concatenate([np.ones(classes), np.zeros(classes)]))
    parameters = {"weights": (found[:classes] / temperature).tolist(), "bias": found[classes:].tolist()}
    return Recalibrator("vector", "diagonal", classes, parameters, () if finished else (UNFINISHED,))
