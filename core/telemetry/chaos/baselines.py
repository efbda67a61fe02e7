"""Forecasters that any other must beat: persistence, the mean, and a linear autoregression."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# history [starts, rows], the newest value last -> [starts] the value one row later
NextValue = Callable[[np.ndarray], np.ndarray]
ORDER = 8  # rows that the linear autoregression looks back


def persistence() -> NextValue:
    """Everything stays as it is."""
    return lambda history: history[:, -1]


def mean(values: np.ndarray) -> NextValue:
    """Everything returns at once to the mean of the training part."""
    level = float(values.mean())
    return lambda history: np.full(len(history), level)


def autoregression(values: np.ndarray, order: int = ORDER) -> NextValue:
    """x(t) = c + sum of a_k x(t - k), k = 1 .. order, by least squares on the training part."""
    past = np.lib.stride_tricks.sliding_window_view(values[:-1], order)  # the newest value last
    design = np.column_stack([past, np.ones(len(past))])
    weights, *_ = np.linalg.lstsq(design, values[order:], rcond=None)
    return lambda history: history[:, -order:] @ weights[:-1] + weights[-1]
