"""The union-of-balls bifiltration of a function, with all maps between radii and levels, as one Delaunay complex.

When a point enters, the Delaunay cells in conflict with it make way for new ones. The bifiltration keeps both and joins
the new point to the old cells, so that they stay homotopic. With the diameters of smallest enclosing balls as radii it
is topologically equivalent to the balls of all sublevel sets (Alonso, Kerber, Lam and Lesnick, arXiv:2310.15902).
"""

from __future__ import annotations

import numpy as np

from core.topology.engine.complex import BifilteredComplex, Cells, closure, in_order, row_numbers, simplex_cells
from core.topology.engine.delaunay import flat_coordinates, growing_triangulations
from core.topology.engine.enclosing_balls import enclosing_diameters


def delaunay_bifiltration(points: np.ndarray, function: np.ndarray, dimension: int) -> BifilteredComplex:
    """The Delaunay bifiltration of a function on points.

    Args:
        points: [n, d], d up to 3.
        function: [n] level at which a point enters.
        dimension: of the largest simplices that are listed.

    Returns:
        The complex; radii are diameters of balls, so that an edge has its length.
    """
    order = np.argsort(function, kind="stable")
    _, first = np.unique(points[order], axis=0, return_index=True)
    distinct = order[np.sort(first)]
    cells = _all_cells(flat_coordinates(points)[distinct])
    simplices, faces = closure(_up_to(cells, dimension))
    diameters, deciding = enclosing_diameters(points[distinct], simplices, faces)
    parts = []
    for k, vertices in enumerate(simplices):
        named = distinct[vertices].astype(np.int32)
        level_point = distinct[vertices.max(axis=1)].astype(np.int32)
        plain = simplex_cells(named, np.column_stack([diameters[k], function[level_point]]), faces[k])
        decide = np.append(distinct, -1).astype(np.int32)[deciding[k]]
        parts.append(Cells(plain.grades, plain.starts, plain.faces, named, decide, level_point))
    complete = len(parts) - 1 < dimension
    return in_order(parts, highest_degree=len(parts) - 1 if complete else dimension - 1)


def _all_cells(coordinates: np.ndarray) -> dict[int, list[np.ndarray]]:
    """Every Delaunay cell of the first so many points, and the cones of new points over cells that they remove."""
    before: np.ndarray | None = None
    found: dict[int, list[np.ndarray]] = {}
    for place, cells in enumerate(growing_triangulations(coordinates)):
        if before is None:
            new, gone = cells, cells[:0]
        else:
            numbers = row_numbers(np.concatenate([before, cells]))
            old, now = numbers[: len(before)], numbers[len(before) :]
            new, gone = cells[~np.isin(now, old)], before[~np.isin(old, now)]
        found.setdefault(cells.shape[1] - 1, []).append(new)
        if len(gone):
            apex = np.full((len(gone), 1), coordinates.shape[1] + place)
            found.setdefault(cells.shape[1], []).append(np.hstack([gone, apex]))
        before = cells
    return found


def _up_to(cells: dict[int, list[np.ndarray]], dimension: int) -> dict[int, np.ndarray]:
    """The cells by dimension, larger ones replaced by their faces of the largest dimension that is wanted."""
    given = {k: np.concatenate(rows) for k, rows in cells.items()}
    while max(given) > dimension:
        top = given.pop(max(given))
        size = top.shape[1]
        facets = np.concatenate([np.delete(top, i, axis=1) for i in range(size)])
        given[size - 2] = np.concatenate([given.get(size - 2, facets[:0]), facets])
    return given
