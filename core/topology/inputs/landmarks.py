"""Landmarks: a few points that cover a cloud (Gonzalez, Clustering to minimize the maximum intercluster distance, 1985)."""

from __future__ import annotations

import numpy as np

from core.errors import BadInput


def farthest_points(points: np.ndarray, count: int, *, are_distances: bool = False) -> tuple[np.ndarray, float]:
    """Points taken one after the other, each the farthest from those before it (max-min); no chance is involved.

    The first is the one nearest to the centre (of distances: with the smallest largest distance), ties go to the earlier
    point. No set of as many points covers the cloud with less than half the radius.

    Args:
        points: [n, d], or [n, n] distances.
        count: how many; all of them if there are no more.
        are_distances: whether `points` holds distances.

    Returns:
        Their numbers in increasing order, and the cover radius: the largest distance of a point from the nearest of them.

    Raises:
        BadInput: fewer than one.
    """
    if count < 1:
        raise BadInput(f"{count} landmarks are asked for; at least 1 is expected.")
    n = len(points)
    if count >= n:
        return np.arange(n), 0.0
    spread = points.max(axis=1) if are_distances else np.linalg.norm(points - points.mean(axis=0), axis=1)
    chosen = [int(spread.argmin())]
    nearest = _row(points, chosen[0], are_distances)
    while len(chosen) < count:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, _row(points, chosen[-1], are_distances))
    return np.sort(np.array(chosen)), float(nearest.max())


def _row(points: np.ndarray, number: int, are_distances: bool) -> np.ndarray:
    return points[number].copy() if are_distances else np.linalg.norm(points - points[number], axis=1)
