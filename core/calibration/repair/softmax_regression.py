"""Negative log-likelihood of a linear map followed by a softmax, minimised by L-BFGS."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.calibration.repair.scores import log_softmax

MAX_STEPS = 2000
GRADIENT_TOLERANCE = 1e-7
LOSS_TOLERANCE = 1e-13


def cross_entropy(outputs: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean NLL of softmax(outputs), and its gradient with respect to the outputs [n, K]."""
    rows = np.arange(len(labels))
    logs = log_softmax(outputs)
    loss = -float(logs[rows, labels].mean())
    gradient = np.exp(logs, out=logs)
    gradient[rows, labels] -= 1
    gradient /= len(labels)
    return loss, gradient


def minimised(
    loss: Callable[[np.ndarray], tuple[float, np.ndarray]], start: np.ndarray, tolerance: float = LOSS_TOLERANCE
) -> tuple[np.ndarray, bool]:
    """The minimiser of a smooth convex function, and whether the search ended by itself.

    Args:
        loss: x -> (value, gradient).
        start: first x, flat.
        tolerance: the search ends when a step lowers the loss by less than this part of it.
    """
    from scipy.optimize import minimize

    solved = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_STEPS, "maxfun": 2 * MAX_STEPS, "gtol": GRADIENT_TOLERANCE, "ftol": tolerance},
    )
    return solved.x, solved.nit < MAX_STEPS
