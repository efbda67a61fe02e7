"""The alpha bifiltration slice by slice: one Delaunay triangulation for each level.

The alpha filtration of all points together with a function on its vertices is not the union of balls of the points up
to a level: edges of the triangulation of few points may be missing in that of many. So each level has a complex of its
own, and only differences of dimensions between levels are known, no maps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.topology.engine.complex import BifilteredComplex, Cells, closure, in_order, no_cells, simplex_cells
from core.topology.engine.delaunay import MOST_DIMENSIONS, flat_coordinates, triangulation
from core.topology.engine.enclosing_balls import enclosing_diameters
from core.topology.engine.measure import Diracs, collect
from core.topology.engine.persistence import Bars, bars

_Event = tuple[np.ndarray, np.ndarray, np.ndarray]  # radii, weights, points that decide the radii


def alpha_hilbert(
    points: np.ndarray, function: np.ndarray, degrees: tuple[int, ...], levels: np.ndarray
) -> dict[int, Diracs]:
    """The signed measure of the dimensions of homology of unions of balls, exact in the radius.

    Births add 1 at (radius, level), finite deaths take 1 away, and so does what the level before had.

    Args:
        points: [n, d], d up to 3.
        function: [n] level at which a point enters.
        degrees: of homology.
        levels: [m] increasing.

    Returns:
        By degree; radii are diameters of balls, so that an edge has its length.
    """
    events: dict[int, list[_Event]] = {degree: [] for degree in degrees}
    for filtered in _slices(points, function, levels):
        found = bars(filtered, [cells.grades[:, 0] for cells in filtered.cells], degrees)
        for degree in degrees:
            events[degree].append(_births_and_deaths(filtered, degree, found[degree]))
    return {degree: _differences(events[degree], levels) for degree in degrees}


def alpha_euler(points: np.ndarray, function: np.ndarray, levels: np.ndarray) -> Diracs:
    """The signed measure of the Euler characteristic of unions of balls.

    Args:
        points: [n, d], d up to 3.
        function: [n] level at which a point enters.
        levels: [m] increasing.
    """
    events = [
        _joined([(cells.grades[:, 0], (-1) ** k, _deciding(cells)) for k, cells in enumerate(filtered.cells)])
        for filtered in _slices(points, function, levels)
    ]
    return _differences(events, levels)


def delaunay_cech(points: np.ndarray, coordinates: np.ndarray) -> BifilteredComplex:
    """The Delaunay complex of points with the diameters of smallest enclosing balls.

    It collapses to the alpha complex at each radius (Bauer and Edelsbrunner, The Morse theory of Čech and Delaunay
    complexes, 2017), so it has the same persistent homology, and enclosing balls, unlike circumscribed ones, are small where simplices are flat.

    Args:
        points: [n, d] distinct.
        coordinates: [n, k] of theirs, from `flat_coordinates`.

    Returns:
        The complex; the second coordinate of all grades is 0.
    """
    cells = triangulation(coordinates)
    simplices, faces = closure({cells.shape[1] - 1: cells})
    diameters, deciding = enclosing_diameters(points, simplices, faces)
    parts = []
    for k, vertices in enumerate(simplices):
        grades = np.column_stack([diameters[k], np.zeros(len(vertices))])
        plain = simplex_cells(vertices, grades, faces[k])
        parts.append(Cells(plain.grades, plain.starts, plain.faces, plain.vertices, deciding[k]))
    return in_order(parts, highest_degree=len(parts) - 1)


def _slices(points: np.ndarray, function: np.ndarray, levels: np.ndarray) -> Iterator[BifilteredComplex]:
    """For each level the complex of the points up to it, its points named by their rows."""
    coordinates = flat_coordinates(points)
    before, filtered = -1, BifilteredComplex((no_cells(),), 0)
    for level in levels:
        present = np.flatnonzero(function <= level)
        if len(present) != before and len(present):
            _, first = np.unique(points[present], axis=0, return_index=True)
            distinct = present[np.sort(first)]  # a point on another one is born and dies at radius 0
            filtered = _renamed(delaunay_cech(points[distinct], coordinates[distinct]), distinct)
        before = len(present)
        yield filtered


def _renamed(filtered: BifilteredComplex, names: np.ndarray) -> BifilteredComplex:
    named = np.append(names, -1).astype(np.int32)  # -1 stays -1
    cells = tuple(
        replace(part, vertices=named[part.vertices], radius_points=named[part.radius_points]) for part in filtered.cells
    )
    return BifilteredComplex(cells, filtered.highest_degree)


def _births_and_deaths(filtered: BifilteredComplex, degree: int, found: Bars) -> _Event:
    ended = found.death_cells >= 0
    deciding, above = _deciding(filtered.of(degree)), _deciding(filtered.of(degree + 1))
    return _joined(
        [
            (found.births, 1, deciding[found.birth_cells]),
            (found.deaths[ended], -1, above[found.death_cells[ended]]),
        ]
    )


def _deciding(cells: Cells) -> np.ndarray:
    """[m, 4] the points that decide the radii, filled up with -1."""
    wide = np.full((len(cells), MOST_DIMENSIONS + 1), -1, dtype=np.int32)
    if cells.radius_points is not None:
        wide[:, : cells.radius_points.shape[1]] = cells.radius_points
    return wide


def _joined(parts: list[tuple[np.ndarray, int, np.ndarray]]) -> _Event:
    radii, weights, deciding = zip(*parts, strict=True)
    return (
        np.concatenate(radii),
        np.concatenate([np.full(len(r), w, dtype=np.int64) for r, w in zip(radii, weights, strict=True)]),
        np.concatenate(deciding),
    )


def _differences(events: list[_Event], levels: np.ndarray) -> Diracs:
    """Each level's Diracs, less those of the level before."""
    positions, weights, deciding = [], [], []
    for place, (radii, weight, points) in enumerate(events):
        for level, sign in zip(levels[place : place + 2], (1, -1), strict=False):
            positions.append(np.column_stack([radii, np.full(len(radii), level)]))
            weights.append(sign * weight)
            deciding.append(points)
    measure, kept = collect(np.concatenate(positions), np.concatenate(weights))
    return Diracs(measure, np.concatenate(deciding)[kept], np.full(len(kept), -1, dtype=np.int32))
