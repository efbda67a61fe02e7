"""Delaunay cells of points in any position, with everything that is ever there while the points enter."""

from __future__ import annotations

from bisect import bisect

import numpy as np

from core.errors import BadInput
from core.topology.engine.growing_delaunay import all_cells

MOST_DIMENSIONS = 3
_RANK = 1e-9  # directions with less than this part of the largest extent count as absent
_MOVES = (0.0, 1e-9, 1e-7, 1e-5)  # parts of the extent


def cells_ever(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The Delaunay cells of the first points, for every number of them.

    Points on one circle or in one plane have several Delaunay triangulations. Where rounding could have decided between
    them, all points are moved a little, always in the same way, which makes them agree on one. Only the cells are those
    of moved points: radii are taken of the points where they are, so that equal radii stay equal.

    Args:
        points: [n, d] distinct, in the order in which they enter.

    Returns:
        [m, k + 1] cells, vertices increasing, k the dimension of the flat that holds the points; and [m] the point that
        removes each of them, n for those that stay.

    Raises:
        BadInput: the points are too nearly degenerate even for that.
    """
    flat = flat_coordinates(points)
    n, dimension = flat.shape
    if dimension == 0:
        return np.zeros((1, 1), dtype=np.int32), np.array([n], dtype=np.int32)
    if dimension == 1:
        return _on_a_line(flat[:, 0])
    directions = np.random.default_rng(0).uniform(-1.0, 1.0, flat.shape)
    for move in _MOVES:
        cells, removed, certain = all_cells(flat + move * directions)
        if certain:
            return cells, removed
    raise BadInput(
        "points are so nearly on common circles or spheres that their Delaunay triangulation can't be told from rounding: "
        "merge points that are almost equal, or use filtration='rips'."
    )


def flat_coordinates(points: np.ndarray) -> np.ndarray:
    """The points in coordinates of the smallest flat that holds them, within the unit ball.

    Args:
        points: [n, d].

    Returns:
        [n, dimension of the flat].
    """
    centred = points - points.mean(axis=0)
    _, extents, axes = np.linalg.svd(centred, full_matrices=False)
    if not extents[0] > 0:
        return np.zeros((len(points), 0))
    flat = centred @ axes[: int((extents > _RANK * extents[0]).sum())].T
    return flat / np.linalg.norm(flat, axis=1).max()


def _on_a_line(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A point that enters between two neighbours removes the edge between them."""
    edges: list[tuple[int, int]] = []
    removed: list[int] = []
    edge_after: dict[int, int] = {}  # by the left end of an edge that is there, its number
    order: list[int] = []  # the points that are there, from left to right
    sorted_places: list[float] = []
    for point, place in enumerate(places.tolist()):
        at = bisect(sorted_places, place)
        left, right = (order[at - 1] if at else None), (order[at] if at < len(order) else None)
        if left is not None and right is not None:
            removed[edge_after[left]] = point
        for begin, end in ((left, point), (point, right)):
            if begin is not None and end is not None:
                edge_after[begin] = len(edges)
                edges.append((min(begin, end), max(begin, end)))
                removed.append(len(places))
        order.insert(at, point)
        sorted_places.insert(at, place)
    return np.array(edges, dtype=np.int32), np.array(removed, dtype=np.int32)
