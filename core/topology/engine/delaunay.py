"""Delaunay triangulations that no degenerate position spoils: cells, not radii, are taken of slightly moved points."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.spatial import Delaunay

from core.errors import BadInput

MOST_DIMENSIONS = 3
_MOVE = 1e-10  # by this part of the extent: far above rounding, far below what a picture shows
_RANK = 1e-9  # directions with less than this part of the largest extent count as absent


def flat_coordinates(points: np.ndarray) -> np.ndarray:
    """The points in coordinates of the smallest flat that holds them, each moved a little and always the same way.

    Points on one circle or in one plane have several Delaunay triangulations, which Qhull may mix; after the move
    there is one. Radii are taken of the points where they are, so that equal radii stay equal.

    Args:
        points: [n, d].

    Returns:
        [n, dimension of the flat].

    Raises:
        BadInput: the points have more than three coordinates.
    """
    if points.shape[1] > MOST_DIMENSIONS:
        raise BadInput(
            f"points has {points.shape[1]} coordinates and filtration='alpha' takes at most {MOST_DIMENSIONS}: use "
            "filtration='rips', or project the points."
        )
    centred = points - points.mean(axis=0)
    _, extents, axes = np.linalg.svd(centred, full_matrices=False)
    rank = int((extents > _RANK * extents[0]).sum()) if extents[0] > 0 else 0
    flat = centred @ axes[:rank].T
    moves = np.random.default_rng(0).uniform(-1.0, 1.0, flat.shape)
    return flat + moves * (_MOVE * np.abs(flat).max(initial=0.0))


def triangulation(coordinates: np.ndarray) -> np.ndarray:
    """The Delaunay cells of distinct points in general position.

    Args:
        coordinates: [n, k] from `flat_coordinates`.

    Returns:
        [m, k + 1] sorted numbers; one simplex of all points if there are no more than k + 1.
    """
    count, dimension = coordinates.shape
    if count <= dimension + 1:
        return np.arange(count)[None, :]
    if dimension == 1:
        order = np.argsort(coordinates[:, 0])
        return np.sort(np.column_stack([order[:-1], order[1:]]), axis=1)
    return np.sort(Delaunay(coordinates).simplices.astype(np.int64), axis=1)


def growing_triangulations(coordinates: np.ndarray) -> Iterator[np.ndarray]:
    """The Delaunay cells of the first k + 1 points, and again with each further point.

    Args:
        coordinates: [n, k] from `flat_coordinates`.

    Yields:
        [m, k + 1] sorted numbers.
    """
    count, dimension = coordinates.shape
    if dimension < 2:
        for size in range(min(dimension + 1, count), count + 1):
            yield triangulation(coordinates[:size])
        return
    yield triangulation(coordinates[: dimension + 1])
    if count <= dimension + 1:
        return
    growing = Delaunay(coordinates[: dimension + 2], incremental=True)
    yield np.sort(growing.simplices.astype(np.int64), axis=1)
    for place in range(dimension + 2, count):
        growing.add_points(coordinates[place : place + 1])
        yield np.sort(growing.simplices.astype(np.int64), axis=1)
    growing.close()
