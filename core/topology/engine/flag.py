"""Flag bifiltrations: all cliques of a graph, each entering with its longest edge and its latest vertex."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.errors import TooLarge
from core.topology.engine.complex import BifilteredComplex, Cells, faces_of, in_order, simplex_cells

MOST_SIMPLICES = 5_000_000  # about 1 GB with boundaries and work space


def flag_complex(
    lengths: np.ndarray, function: np.ndarray, dimension: int | None = None, *, most: int = MOST_SIMPLICES
) -> BifilteredComplex:
    """The cliques of a graph up to a dimension.

    Args:
        lengths: [n, n] symmetric; infinite where there is no edge.
        function: [n] level at which a point enters.
        dimension: of the largest cliques that are listed, k vertices having dimension k - 1; None for all.
        most: simplices that are accepted.

    Returns:
        The complex; its homology is right below `dimension`, everywhere if all cliques are listed.

    Raises:
        TooLarge: there are more simplices.
    """
    n = len(function)
    joined = np.isfinite(lengths)
    joined[np.diag_indices(n)] = False
    names = np.arange(n, dtype=np.int32)
    vertices = names[:, None]
    radius, pair = np.zeros(n), np.column_stack([names, np.full(n, -1, dtype=np.int32)])
    level_point = names
    cells: list[Cells] = []
    total, below = 0, vertices
    while len(vertices):
        size = vertices.shape[1]
        faces = faces_of(vertices, below) if size > 1 else np.zeros((n, 0), dtype=np.int32)
        plain = simplex_cells(vertices, np.column_stack([radius, function[level_point]]), faces)
        cells.append(Cells(plain.grades, plain.starts, plain.faces, plain.vertices, pair, level_point))
        if dimension is not None and size > dimension:
            return in_order(cells, highest_degree=max(dimension - 1, 0))
        total += len(vertices)
        counts = _extension_counts(vertices, joined)
        if total + counts.sum() > most:
            raise TooLarge(
                f"The complex has more than {most:,} simplices ({total + counts.sum():,} up to dimension {size}): "
                "lower the degree or the threshold, or take a subsample of the points."
            )
        parent, new = _extensions(vertices, joined, counts)
        below, vertices = vertices, np.column_stack([vertices[parent], new])
        radius, pair = _longest(lengths, radius[parent], pair[parent], vertices)
        later = function[new] > function[level_point[parent]]
        level_point = np.where(later, new, level_point[parent]).astype(np.int32)
    return in_order(cells, highest_degree=len(cells) - 1)


def _longest(
    lengths: np.ndarray, radius: np.ndarray, pair: np.ndarray, vertices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The longest edge of simplices that are cones over known ones: its length and its ends."""
    longest, ends = radius.copy(), pair.copy()
    new = vertices[:, -1]
    for old in vertices[:, :-1].T:
        length = lengths[old, new]
        longer = (length > longest) | (ends[:, 1] < 0)
        longest = np.where(longer, length, longest)
        ends[longer] = np.column_stack([old, new])[longer]
    return longest, ends


@njit(cache=True, nogil=True)
def _extension_counts(simplices: np.ndarray, joined: np.ndarray) -> np.ndarray:
    """How many larger vertices are joined to all of a simplex."""
    counts = np.zeros(len(simplices), dtype=np.int64)
    size = simplices.shape[1]
    for number in range(len(simplices)):
        for x in range(simplices[number, size - 1] + 1, len(joined)):
            if _all_joined(simplices, number, joined, x):
                counts[number] += 1
    return counts


@njit(cache=True, nogil=True)
def _extensions(simplices: np.ndarray, joined: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each simplex and each larger vertex that is joined to all of it, their numbers."""
    total = counts.sum()
    parent, new = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int32)
    size, used = simplices.shape[1], 0
    for number in range(len(simplices)):
        for x in range(simplices[number, size - 1] + 1, len(joined)):
            if _all_joined(simplices, number, joined, x):
                parent[used], new[used] = number, x
                used += 1
    return parent, new


@njit(nogil=True)
def _all_joined(simplices: np.ndarray, number: int, joined: np.ndarray, x: int) -> bool:
    for place in range(simplices.shape[1] - 1, -1, -1):  # noqa: SIM110 - compiled as a loop
        if not joined[simplices[number, place], x]:
            return False
    return True
