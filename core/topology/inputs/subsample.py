"""Random subsamples, which keep the density of a cloud where landmarks even it out."""

from __future__ import annotations

import numpy as np

from core.errors import BadInput


def random_subsample(
    points: np.ndarray, count: int, seed: int, *, are_distances: bool = False
) -> tuple[np.ndarray, float]:
    """Points drawn without replacement, each set of them equally likely.

    Args:
        points: [n, d], or [n, n] distances.
        count: how many; all of them if there are no more.
        seed: of the draw.
        are_distances: whether `points` holds distances.

    Returns:
        Their numbers in increasing order, and the cover radius: the largest distance of a point from the nearest of them.

    Raises:
        BadInput: fewer than one.
    """
    if count < 1:
        raise BadInput(f"{count} points are asked for; at least 1 is expected.")
    n = len(points)
    if count >= n:
        return np.arange(n), 0.0
    from scipy.spatial import cKDTree  # here, since the page server asks this package for sizes alone

    chosen = np.sort(np.random.default_rng(seed).choice(n, count, replace=False))
    nearest = points[:, chosen].min(axis=1) if are_distances else cKDTree(points[chosen]).query(points)[0]
    return chosen, float(nearest.max())
