"""The union-of-balls bifiltration of a function, with all maps between radii and levels, as one Delaunay complex.

The Delaunay triangulations of the points up to two levels are not nested. When a point enters, the cells in conflict
with it make way for new ones; the bifiltration keeps both and joins the new point to the old cells, so that they stay
homotopic. With the diameters of smallest enclosing balls as radii it is topologically equivalent to the balls of all
sublevel sets (Alonso, Kerber, Lam and Lesnick, arXiv:2310.15902), as the Delaunay-Čech complex of one set of points is
to its balls (Bauer and Edelsbrunner, The Morse theory of Čech and Delaunay complexes, 2017).
"""

from __future__ import annotations

import numpy as np

from core.topology.engine.complex import BifilteredComplex, Cells, closure, in_order, simplex_cells
from core.topology.engine.delaunay import cells_ever
from core.topology.engine.enclosing_balls import enclosing_diameters


def delaunay_bifiltration(points: np.ndarray, function: np.ndarray, dimension: int) -> BifilteredComplex:
    """The Delaunay bifiltration of a function on points.

    Args:
        points: [n, d], d up to 3.
        function: [n] level at which a point enters.
        dimension: of the largest simplices that are listed.

    Returns:
        The complex; radii are diameters of balls, so that an edge has its length, as in Vietoris-Rips.

    Raises:
        BadInput: the points are too nearly degenerate.
    """
    order = np.argsort(function, kind="stable")
    _, first = np.unique(points[order], axis=0, return_index=True)
    distinct = order[np.sort(first)]  # a later copy of a point is born and dies at radius 0
    cells, removed = cells_ever(points[distinct])
    gone = removed < len(distinct)
    cones = np.column_stack([cells[gone], removed[gone]])
    simplices, faces = closure(_up_to(dimension, cells, cones))
    diameters, deciding = enclosing_diameters(points[distinct], simplices, faces)
    names = np.append(distinct, -1).astype(np.int32)  # -1 stays -1
    parts = []
    for k, vertices in enumerate(simplices):
        level_point = names[vertices.max(axis=1)]
        plain = simplex_cells(names[vertices], np.column_stack([diameters[k], function[level_point]]), faces[k])
        parts.append(Cells(plain.grades, plain.starts, plain.faces, plain.vertices, names[deciding[k]], level_point))
    complete = cells.shape[1] if gone.any() else cells.shape[1] - 1  # the dimension of the whole complex
    return in_order(parts, highest_degree=complete if complete <= dimension else dimension - 1)


def _up_to(dimension: int, *groups: np.ndarray) -> dict[int, np.ndarray]:
    """Simplices by dimension, larger ones replaced by their faces of the largest dimension that is wanted."""
    given: dict[int, np.ndarray] = {}
    for rows in groups:
        while rows.shape[1] - 1 > dimension:
            rows = np.concatenate([np.delete(rows, i, axis=1) for i in range(rows.shape[1])])
        k = rows.shape[1] - 1
        given[k] = np.concatenate([given[k], rows]) if k in given else rows
    return given
