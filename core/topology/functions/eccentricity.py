"""Eccentricity: how far out a point lies."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from core.errors import BadInput

_AT_ONCE = 1 << 22  # distances


def eccentricity(points: np.ndarray, power: float = 1.0, *, are_distances: bool = False) -> np.ndarray:
    """g(x) = ( mean_j |x - x_j|^p )^(1/p), the largest distance for p = inf (Singh, Memoli and Carlsson, 2007).

    Args:
        points: [n, d], or [n, n] distances.
        power: p from 1 to infinity.
        are_distances: whether `points` holds distances.

    Returns:
        [n].

    Raises:
        BadInput: another power.
    """
    if not power >= 1:
        raise BadInput(f"The power of the eccentricity is {power}; a number from 1 to infinity is expected.")
    n = len(points)
    values = np.empty(n)
    step = max(_AT_ONCE // n, 1)
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        distances = points[rows] if are_distances else cdist(points[rows], points)
        values[rows] = distances.max(axis=1) if np.isinf(power) else (distances**power).mean(axis=1) ** (1 / power)
    return values
