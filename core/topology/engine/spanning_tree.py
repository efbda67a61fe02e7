"""Degree 0 of the Vietoris-Rips bifiltration, by minimum spanning trees that grow point by point.

The components at radius r and level y are those of the edges up to r of a minimum spanning tree of the points up to y.
A tree with one point more consists of edges of the old tree and edges at the new point, so the edges that are ever in
a tree are few, and they alone carry degree 0 at all radii and levels. Nothing of size n^2 is stored.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.spatial.distance import cdist

from core.topology.engine.complex import BifilteredComplex, Cells, in_order


def spanning_complex(
    points: np.ndarray, function: np.ndarray, threshold: float = np.inf, *, are_distances: bool = False
) -> BifilteredComplex:
    """Vertices and the edges that are in the minimum spanning tree of the points up to some level.

    Args:
        points: [n, d], or [n, n] distances.
        function: [n] level at which a point enters.
        threshold: edges longer than this are left out.
        are_distances: whether `points` holds distances.

    Returns:
        The complex, right in degree 0. O(n^2 log n) steps, O(n) memory.
    """
    order = np.argsort(function, kind="stable")
    n = len(order)
    lengths, first, second = np.zeros(0), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    found: list[np.ndarray] = []
    for place in range(1, n):
        earlier, new = order[:place], order[place]
        row = points[new, earlier] if are_distances else cdist(points[new : new + 1], points[earlier])[0]
        by_length = np.argsort(row, kind="stable").astype(np.int32)
        by_length = by_length[: np.searchsorted(row[by_length], threshold, side="right")]
        lengths, first, second = _grown(lengths, first, second, row, by_length, place)
        added = second == place
        found.append(np.column_stack([lengths[added], first[added], second[added]]))
    edges = np.concatenate([np.zeros((0, 3)), *found])
    ends = order[edges[:, 1:].astype(np.int64)].astype(np.int32)
    values = function[order]
    vertices = Cells(
        np.column_stack([np.zeros(n), values]),
        np.zeros(n + 1, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
        order[:, None].astype(np.int32),
        np.column_stack([order, np.full(n, -1)]).astype(np.int32),
        order.astype(np.int32),
    )
    arcs = Cells(
        np.column_stack([edges[:, 0], function[ends[:, 1]]]),
        np.arange(len(edges) + 1, dtype=np.int64) * 2,
        edges[:, 1:].astype(np.int32).reshape(-1),
        ends,
        ends,
        ends[:, 1],
    )
    return in_order([vertices, arcs], highest_degree=0)


@njit(cache=True, nogil=True)
def _grown(
    lengths: np.ndarray, first: np.ndarray, second: np.ndarray, row: np.ndarray, by_length: np.ndarray, new: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The minimum spanning forest with one vertex more, by Kruskal's algorithm on the old one and the new edges.

    Args:
        lengths: of the edges of the forest on the vertices 0, ..., new - 1, increasing.
        first: their ends.
        second: their ends.
        row: [new] lengths of the edges from the new vertex.
        by_length: the old vertices by those lengths.
        new: number of the new vertex.

    Returns:
        Lengths and ends of the edges of the new forest; the later end is the second one.
    """
    parent = np.arange(new + 1).astype(np.int32)
    out_length = np.empty(new, dtype=np.float64)
    out_first, out_second = np.empty(new, dtype=np.int32), np.empty(new, dtype=np.int32)
    i = j = count = 0
    while (i < len(lengths) or j < len(by_length)) and count < new:
        if j == len(by_length) or (i < len(lengths) and lengths[i] <= row[by_length[j]]):
            length, a, b = lengths[i], first[i], second[i]
            i += 1
        else:
            length, a, b = row[by_length[j]], by_length[j], np.int32(new)
            j += 1
        root_a, root_b = _root(parent, a), _root(parent, b)
        if root_a != root_b:
            parent[root_a] = root_b
            out_length[count], out_first[count], out_second[count] = length, a, b
            count += 1
    return out_length[:count], out_first[:count], out_second[:count]


@njit(nogil=True)
def _root(parent: np.ndarray, vertex: int) -> int:
    while parent[vertex] != vertex:
        parent[vertex] = parent[parent[vertex]]
        vertex = parent[vertex]
    return vertex
