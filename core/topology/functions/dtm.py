"""Distance to a measure: robust distance to where the mass is (Chazal, Cohen-Steiner and Merigot, 2011)."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from core.errors import BadInput


def distance_to_measure(points: np.ndarray, mass: float, *, are_distances: bool = False) -> np.ndarray:
    """g(x) = sqrt( mean of the k smallest |x - x_j|^2 ), k = floor(mass n) + 1, the point itself included.

    Args:
        points: [n, d], or [n, n] distances.
        mass: share of the points, from 0 to below 1.
        are_distances: whether `points` holds distances.

    Returns:
        [n].

    Raises:
        BadInput: another mass.
    """
    if not 0 <= mass < 1:
        raise BadInput(
            f"The mass of the distance to a measure is {mass}; a share of the points from 0 to below 1 is expected."
        )
    n = len(points)
    k = min(int(np.floor(mass * n)) + 1, n)
    nearest = np.sort(points, axis=1)[:, :k] if are_distances else cKDTree(points).query(points, k=k)[0].reshape(n, k)
    return np.sqrt((nearest**2).mean(axis=1))
