"""From residuals in sigma to a score: cut off, averaged over a while, rescaled."""

from __future__ import annotations

import numpy as np

LARGEST = 50.0  # sigma; one wild row must not count for more than a long deviation


def clipped(sigmas: np.ndarray) -> np.ndarray:
    """The residuals, none beyond +-50 sigma."""
    return np.clip(sigmas, -LARGEST, LARGEST)


def moving_mean(values: np.ndarray, rows: int, causal: bool = False) -> np.ndarray:
    """[rows] means over so many rows around each row, or before and with it; NaN where the row itself is unknown.

    Unknown rows are left out of the means of their neighbours. With an even number the window has one row more behind
    than ahead.

    >>> moving_mean(np.array([0.0, 3.0, np.nan, 6.0]), 3)
    array([1.5, 1.5, nan, 6. ])

    Args:
        values: [rows] numbers.
        rows: of the window.
        causal: only the past is used, as in live operation.
    """
    known = ~np.isnan(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ahead = 0 if causal else (rows - 1) // 2
    place = np.arange(len(values))
    last = np.minimum(place + ahead + 1, len(values))
    first = np.maximum(place + ahead + 1 - rows, 0)
    mean = (sums[last] - sums[first]) / np.maximum(counts[last] - counts[first], 1)
    return np.where(known, mean, np.nan)
