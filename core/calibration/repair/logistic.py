"""Logistic regression without a penalty, by Newton's method: the fit behind Platt scaling and beta calibration."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

MAX_STEPS = 100
GRADIENT_TOLERANCE = 1e-10
SEPARATED = 1e-9  # mean NLL below which the classes count as separable: the optimum lies at infinity


def fit_logistic(features: np.ndarray, outcomes: np.ndarray) -> tuple[np.ndarray, bool]:
    """Coefficients of maximum likelihood, and whether they exist (the outcomes aren't separable).

    Args:
        features: [n, d], with a column of ones where an offset is wanted.
        outcomes: [n] 0 or 1.

    Returns:
        The coefficients [d]; where the outcomes are separable, those at which the search was stopped.
    """
    coefficients = np.zeros(features.shape[1])
    value = _loss(features @ coefficients, outcomes)
    for _ in range(MAX_STEPS):
        p = expit(features @ coefficients)
        gradient = features.T @ (p - outcomes) / len(outcomes)
        if np.abs(gradient).max() < GRADIENT_TOLERANCE or value < SEPARATED:
            break
        hessian = (features * (p * (1 - p))[:, None]).T @ features / len(outcomes)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        while (trial := _loss(features @ (coefficients - step), outcomes)) > value and np.abs(step).max() > 1e-12:
            step = step / 2
        coefficients, value = coefficients - step, trial
    return coefficients, value >= SEPARATED


def _loss(odds: np.ndarray, outcomes: np.ndarray) -> float:
    return float((np.logaddexp(0, odds) - outcomes * odds).mean())
