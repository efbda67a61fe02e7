"""Ranks of the boundaries of a bifiltered complex, everywhere at once, and the signed measures that follow."""

from __future__ import annotations

import numpy as np

from core.topology.engine.complex import BifilteredComplex, Cells
from core.topology.engine.measure import Diracs, SignedMeasure, collect
from core.topology.engine.reduction import NEVER, dependence_levels


def hilbert_diracs(
    filtered: BifilteredComplex, degrees: tuple[int, ...], levels: np.ndarray | None = None
) -> dict[int, Diracs]:
    """The Moebius inverse of the Hilbert function H_k(r, y) = dim H_k of the cells up to (r, y).

    A column of a boundary that enters at (r, y) and becomes a sum of earlier ones at level z adds 1 to the rank from
    (r, y) on and takes it away from (r, z) on. Cycles are cells less rank, and boundaries are rank, so

        mu_k = sum over k-cells of delta(r, z) - sum over (k + 1)-cells of (delta(r, y) - delta(r, z)).

    Args:
        filtered: complex.
        degrees: up to its `highest_degree`.
        levels: increasing; a cell enters at the first level that is not below its own. Without: all levels exactly.

    Returns:
        By degree.
    """
    axis = filtered.levels if levels is None else levels
    wanted = sorted({k for degree in degrees for k in (degree, degree + 1)})
    entries = {k: entry_levels(filtered.of(k), axis) for k in wanted}
    dependent = {k: _dependent(filtered, k, entries[k]) for k in wanted}
    points = _level_points(filtered, levels)
    result = {}
    for degree in degrees:
        cycles, above = filtered.of(degree), filtered.of(degree + 1)
        parts = (
            (cycles, dependent[degree], 1),
            (above, entries[degree + 1], -1),
            (above, dependent[degree + 1], 1),
        )
        result[degree] = _diracs(parts, axis, points)
    return result


def euler_diracs(filtered: BifilteredComplex, levels: np.ndarray | None = None) -> Diracs:
    """The Moebius inverse of the Euler characteristic: sum over cells of (-1)^dimension delta(grade).

    Args:
        filtered: complex with all its cells.
        levels: as for `hilbert_diracs`.
    """
    axis = filtered.levels if levels is None else levels
    points = _level_points(filtered, levels)
    parts = tuple((cells, entry_levels(cells, axis), (-1) ** k) for k, cells in enumerate(filtered.cells))
    return _diracs(parts, axis, points)


def entry_levels(cells: Cells, levels: np.ndarray) -> np.ndarray:
    """[m] int32 number of the first level that is not below a cell's own; NEVER above the last level."""
    places = np.searchsorted(levels, cells.grades[:, 1]).astype(np.int32)
    places[places == len(levels)] = NEVER
    return places


def _dependent(filtered: BifilteredComplex, dimension: int, entry: np.ndarray) -> np.ndarray:
    cells = filtered.of(dimension)
    if dimension == 0:
        return entry  # a vertex has no boundary
    return dependence_levels(cells.starts, cells.faces, entry, len(filtered.of(dimension - 1)))


def _level_points(filtered: BifilteredComplex, levels: np.ndarray | None) -> np.ndarray:
    if levels is None:
        return filtered.level_points(filtered.levels)
    return np.full(len(levels), -1, dtype=np.int32)  # given levels are no values of the function


def _diracs(parts: tuple[tuple[Cells, np.ndarray, int], ...], axis: np.ndarray, points: np.ndarray) -> Diracs:
    """Sums weight * delta(radius of a cell, a level) over (cells, levels of them, weight)."""
    positions, weights, radius_points, level_points = [], [], [], []
    width = max((cells.radius_points.shape[1] for cells, _, _ in parts if cells.radius_points is not None), default=0)
    for cells, level, weight in parts:
        there = level != NEVER
        positions.append(np.column_stack([cells.grades[there, 0], axis[level[there]]]))
        weights.append(np.full(there.sum(), weight))
        level_points.append(points[level[there]])
        radius_points.append(_widened(cells, there, width))
    measure, kept = collect(np.concatenate(positions), np.concatenate(weights))
    return Diracs(SignedMeasure(*measure), np.concatenate(radius_points)[kept], np.concatenate(level_points)[kept])


def _widened(cells: Cells, there: np.ndarray, width: int) -> np.ndarray:
    filled = np.full((int(there.sum()), width), -1, dtype=np.int32)
    if cells.radius_points is not None:
        filled[:, : cells.radius_points.shape[1]] = cells.radius_points[there]
    return filled
