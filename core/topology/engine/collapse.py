"""Strong filtration-domination: edges of a Vietoris-Rips bifiltration that can go without changing any homology."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.spatial.distance import squareform


def collapsed_edges(
    distances: np.ndarray, function: np.ndarray, threshold: float = np.inf, *, passes: int = 5
) -> np.ndarray:
    """The graph whose flag bifiltration has the homology of the whole one, in every degree.

    An edge uv that enters at (r, y) is strongly dominated by a vertex w if uw and vw enter by (r, y) and, for every
    other common neighbour x, the edge wx enters by the time that ux, vx and uv all have. Then at each radius and level
    the link of the edge is a cone with apex w, and the edge can be removed (Alonso, Kerber and Pritam,
    Filtration-domination in bifiltered graphs, 2023). As the level of an edge is that of its later end, only lengths need be compared for wx. Edges are
    looked at from the longest to the shortest, again until none goes.

    Args:
        distances: [n, n] symmetric.
        function: [n] level at which a point enters.
        threshold: edges longer than this are left out before.
        passes: at most so many rounds.

    Returns:
        [n, n] the lengths of the edges that stay; infinite for the others and on the diagonal.
    """
    lengths = np.where(distances <= threshold, distances, np.inf)
    np.fill_diagonal(lengths, np.inf)
    first, second = np.triu_indices(len(lengths), 1)
    condensed = squareform(np.where(np.isfinite(lengths), lengths, -1.0), checks=False)
    level = np.maximum(function[first], function[second])
    order = np.lexsort((level, condensed))[::-1]
    order = order[condensed[order] >= 0]
    u, v = first[order].astype(np.int32), second[order].astype(np.int32)
    values = np.array(function, dtype=np.float64)  # a copy, so that its type is that of an array that can be written
    for _ in range(passes):
        stays = _dominated(lengths, values, u, v)
        if stays.all():
            break
        u, v = u[stays], v[stays]
    return lengths


@njit(cache=True, nogil=True)
def _dominated(lengths: np.ndarray, function: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Removes the dominated edges from `lengths`, in the order given; says which stay."""
    n = len(function)
    stays = np.ones(len(first), dtype=np.bool_)
    common, joins, turns = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.float64), np.empty(n, dtype=np.int32)
    for edge in range(len(first)):
        u, v = first[edge], second[edge]
        length, level = lengths[u, v], max(function[u], function[v])
        count = 0
        for x in range(n):
            longer = max(lengths[u, x], lengths[v, x])
            if longer < np.inf:
                common[count], joins[count], turns[count] = x, max(length, longer), count
                count += 1
        for candidate in range(count):
            w = common[candidate]
            if joins[candidate] > length or function[w] > level:
                continue
            apart = -1
            for turn in range(count):
                x = common[turns[turn]]
                if lengths[w, x] > joins[turns[turn]] and x != w:
                    apart = turn
                    break
            if apart < 0:
                lengths[u, v] = lengths[v, u] = np.inf
                stays[edge] = False
                break
            # what keeps one candidate from dominating tends to keep the next one as well: look there first
            turns[0], turns[apart] = turns[apart], turns[0]
    return stays
