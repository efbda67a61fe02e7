"""Many tests at once."""

from __future__ import annotations

import numpy as np


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """q-values: the smallest false discovery rate at which each finding would be reported.

    Benjamini and Hochberg 1995: q_(i) = min over j >= i of m p_(j) / j. Missing p-values stay missing and don't count.

    Args:
        p_values: [m] p-values, NaN where a test was not possible.

    Example:
        >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).tolist()
        [0.03, 0.04, 0.04]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    q_values = np.full(p_values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])]
    scaled = p_values[order] * order.size / np.arange(1, order.size + 1)
    q_values[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return q_values
