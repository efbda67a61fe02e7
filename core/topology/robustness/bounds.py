"""The right-hand side of the stability theorem for two gradings of one complex.

KR(mu_f, mu_g) <= 2 sum |f - g|_1 for Hilbert measures and sum |f - g|_1 for Euler measures, the sum running over the
cells and both coordinates (Loiseaux et al., arXiv:2306.03801, theorem 1). For a Hilbert measure of degree k the cells
of dimension k and k + 1 are enough: cycles and boundaries of degree k depend on no others, so the cells below
may enter before everything else in both gradings and those above be left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from core.errors import TooLarge
from core.topology.engine.complex import row_numbers
from core.topology.engine.delaunay_bifiltration import delaunay_bifiltration
from core.topology.engine.signed_measure import EULER
from core.topology.robustness.common_complex import Grading, common_edges, common_triangles
from core.topology.robustness.cutting import CORNER, cut
from core.topology.robustness.graded import Graded, NamedCells
from core.topology.vectorize.box import Box

MOST_SIMPLICES = 200_000_000  # that are summed over


class Bounds(NamedTuple):
    """Two valid bounds of one distance.

    Attributes:
        theorem: over the whole complex that carries the homology.
        small: over a part of it that carries it as well, at most as large; the same where none is known.
    """

    theorem: float
    small: float


def bounds_of(first: Graded, second: Graded, key: int | str, box: Box) -> Bounds:
    """The bounds of the distance between the measures of two bifiltrations, after the cut and in units of the box.

    Args:
        first: before the perturbation.
        second: after it, of the same filtration.
        key: degree of a Hilbert measure, or "euler".
        box: that both are cut at.

    Raises:
        TooLarge: more simplices than can be summed over.
    """
    filtration = first.bifiltration.filtration
    if filtration == "rips":
        assert isinstance(key, int)
        gradings = gradings_of(first, second)
        whole = 2 * (over_simplices(gradings, key, box) + over_simplices(gradings, key + 1, box))
        return Bounds(whole, min(whole, _of_small_complex(gradings, key, box)) if key <= 1 else whole)
    whole = (1 if key == EULER else 2) * moved_cells(_cells(first, key), _cells(second, key), box)
    if filtration == "alpha" and key == 0:
        # balls meet when their centres are a diameter apart, so their components are those of Vietoris-Rips
        return Bounds(whole, min(whole, _of_small_complex(gradings_of(first, second), 0, box)))
    return Bounds(whole, whole)


def gradings_of(first: Graded, second: Graded) -> tuple[Grading, Grading]:
    """Both on the union of their points; what is missing in one of them is infinitely far there."""
    names = np.union1d(first.names, second.names)
    made = []
    for graded in (first, second):
        places = np.searchsorted(names, graded.names)
        lengths, levels = np.full((len(names), len(names)), np.inf), np.full(len(names), np.inf)
        own = graded.lengths()
        if graded.bifiltration.threshold is not None:
            own = np.where(own <= graded.bifiltration.threshold, own, np.inf)
        lengths[np.ix_(places, places)] = own
        levels[places] = graded.bifiltration.function
        made.append(Grading(lengths, levels))
    return made[0], made[1]


def moved_cells(first: Sequence[NamedCells], second: Sequence[NamedCells], box: Box) -> float:
    """sum |f - g|_1 over the cells of either; a cell that one of them lacks enters at the corner there."""
    total = 0.0
    for one, other in zip(first, second, strict=True):
        numbers = row_numbers(np.concatenate([one.names, other.names]))
        cells, places = np.unique(numbers, return_inverse=True)
        grades = np.full((2, len(cells), 2), CORNER)
        grades[0, places[: len(one.names)]] = cut(one.grades, box)
        grades[1, places[len(one.names) :]] = cut(other.grades, box)
        total += float(np.abs(grades[0] - grades[1]).sum())
    return total


def over_simplices(gradings: tuple[Grading, Grading], dimension: int, box: Box) -> float:
    """sum |f - g|_1 over all simplices of a dimension that the points span, as Vietoris-Rips grades them.

    Raises:
        TooLarge: there are too many.
    """
    n = len(gradings[0].levels)
    refuse_too_many(n, dimension)
    if dimension + 1 > n:
        return 0.0
    tables = [_in_box(grading, box) for grading in gradings]
    return float(_moved(*tables[0], *tables[1], dimension + 1))


def refuse_too_many(points: int, dimension: int) -> None:
    """Refuses more simplices than can be summed over.

    Args:
        points: that span them.
        dimension: of the simplices.

    Raises:
        TooLarge: says how many there are, and how many fit.
    """
    count = math.comb(points, dimension + 1)
    if count > MOST_SIMPLICES:
        raise TooLarge(
            f"The theorem's bound sums over {count:,} simplices of dimension {dimension} on {points:,} points; at most "
            f"{MOST_SIMPLICES:,} are summed over: lower most_points, the degrees or the share of outliers."
        )


def _of_small_complex(gradings: tuple[Grading, Grading], degree: int, box: Box) -> float:
    if degree == 0:
        parts = (np.arange(len(gradings[0].levels))[:, None], common_edges(gradings))
    else:
        parts = common_triangles(gradings)
    first, second = (tuple(_graded(simplices, grading) for simplices in parts) for grading in gradings)
    return 2 * moved_cells(first, second, box)


def _graded(simplices: np.ndarray, grading: Grading) -> NamedCells:
    """The simplices that are there, with their longest edge and their latest point."""
    radii = np.zeros(len(simplices))
    for place in range(1, simplices.shape[1]):
        for before in range(place):
            radii = np.maximum(radii, grading.lengths[simplices[:, before], simplices[:, place]])
    grades = np.column_stack([radii, grading.levels[simplices].max(axis=1)])
    there = np.isfinite(grades).all(axis=1)
    return NamedCells(simplices[there], grades[there])


def _cells(graded: Graded, key: int | str) -> list[NamedCells]:
    """The cells that a measure depends on, by dimension."""
    if graded.cells is not None:
        cells = list(graded.cells)
    else:
        found = graded.bifiltration
        assert found.points is not None  # alpha takes points alone
        top = found.points.shape[1] + 1 if key == EULER else int(key) + 1
        whole = delaunay_bifiltration(found.points, found.function, top)
        cells = []
        for dimension in range(top + 1):
            part = whole.of(dimension)
            if part.vertices is None:
                cells.append(NamedCells(np.zeros((0, dimension + 1), dtype=np.int64), np.zeros((0, 2))))
            else:
                cells.append(NamedCells(np.sort(graded.names[part.vertices], axis=1), part.grades))
    return cells if key == EULER else cells[int(key) : int(key) + 2]


def _in_box(grading: Grading, box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Lengths and levels in units of the box; infinite ones stay so."""
    extent = box.extent
    return (grading.lengths - box.low[0]) / extent[0], (grading.levels - box.low[1]) / extent[1]


@njit(cache=True, nogil=True)
def _moved(
    lengths_f: np.ndarray,
    levels_f: np.ndarray,
    lengths_g: np.ndarray,
    levels_g: np.ndarray,
    size: int,
) -> float:
    """|f - g|_1 summed over all sets of so many points; a set that is infinite in a coordinate enters at the corner.

    The sets are run through in lexicographic order, the coordinates of their first members being kept.
    """
    n = len(levels_f)
    chosen = np.zeros(size, dtype=np.int64)
    grades = np.empty((size, 4))  # of the first members: radius and level by f, then by g
    total = 0.0
    top = 0
    chosen[0] = -1
    while top >= 0:
        chosen[top] += 1
        x = chosen[top]
        if x > n - size + top:
            top -= 1
            continue
        radius_f, radius_g = lengths_f[x, x], lengths_g[x, x]
        level_f, level_g = levels_f[x], levels_g[x]
        if top:
            radius_f, level_f = max(radius_f, grades[top - 1, 0]), max(level_f, grades[top - 1, 1])
            radius_g, level_g = max(radius_g, grades[top - 1, 2]), max(level_g, grades[top - 1, 3])
            for place in range(top):
                radius_f = max(radius_f, lengths_f[chosen[place], x])
                radius_g = max(radius_g, lengths_g[chosen[place], x])
        if top < size - 1:
            grades[top, 0], grades[top, 1], grades[top, 2], grades[top, 3] = radius_f, level_f, radius_g, level_g
            top += 1
            chosen[top] = x
            continue
        if radius_f == np.inf or level_f == np.inf:
            radius_f = level_f = 1.0
        if radius_g == np.inf or level_g == np.inf:
            radius_g = level_g = 1.0
        total += abs(min(radius_f, 1.0) - min(radius_g, 1.0)) + abs(min(level_f, 1.0) - min(level_g, 1.0))
    return total
