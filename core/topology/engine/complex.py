"""Bifiltered chain complexes over the field of two elements: cells with bigrades and boundaries.

A simplicial complex is one of them, and so is the much smaller complex with the same homology that stands for the
Vietoris-Rips bifiltration in degrees 0 and 1. All invariants are computed from this one form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput


@dataclass(frozen=True)
class Cells:
    """The cells of one dimension.

    Attributes:
        grades: [m, 2] float64, where each enters: (radius, level).
        starts: [m + 1] int64; the boundary of cell i is `faces[starts[i]:starts[i + 1]]`.
        faces: int32 numbers of cells one dimension below, each at most once in a boundary.
        vertices: [m, k] int32 the points that a simplex spans; None for cells that are no simplices.
        radius_points: [m, k] int32, filled up with -1: the radius is the diameter of the smallest sphere through
            these points (of two: their distance; of one: 0). None where radii are given numbers.
        level_point: [m] int32: the level is the value of the function at this point. None as above.
    """

    grades: np.ndarray
    starts: np.ndarray
    faces: np.ndarray
    vertices: np.ndarray | None = None
    radius_points: np.ndarray | None = None
    level_point: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.grades)

    def taken(self, order: np.ndarray) -> Cells:
        """The cells of these numbers, in this order."""
        sizes = np.diff(self.starts)[order]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        offsets = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
        return Cells(
            self.grades[order],
            starts,
            self.faces[np.repeat(self.starts[:-1][order], sizes) + offsets],
            *(None if part is None else part[order] for part in (self.vertices, self.radius_points, self.level_point)),
        )


@dataclass(frozen=True)
class BifilteredComplex:
    """A chain complex whose cells enter at bigrades.

    Attributes:
        cells: by dimension; in each in lexicographic order of the grades.
        highest_degree: homology up to this degree is that of the space; above it cells are missing.
    """

    cells: tuple[Cells, ...]
    highest_degree: int

    def of(self, dimension: int) -> Cells:
        """The cells of a dimension; none above the last one."""
        return self.cells[dimension] if dimension < len(self.cells) else no_cells()

    @property
    def levels(self) -> np.ndarray:
        """The distinct second coordinates, increasing."""
        return np.unique(np.concatenate([cells.grades[:, 1] for cells in self.cells]))

    @property
    def radii(self) -> np.ndarray:
        """The distinct first coordinates, increasing."""
        return np.unique(np.concatenate([cells.grades[:, 0] for cells in self.cells]))

    def level_points(self, levels: np.ndarray) -> np.ndarray:
        """[levels] int32 a point at which the function has each level; -1 where grades are given numbers.

        Args:
            levels: [m] some of `levels`.
        """
        points = np.full(len(levels), -1, dtype=np.int32)
        for cells in self.cells:
            if cells.level_point is not None:
                places = np.searchsorted(levels, cells.grades[:, 1]).clip(max=len(levels) - 1)
                equal = levels[places] == cells.grades[:, 1]
                points[places[equal]] = cells.level_point[equal]
        return points

    def radius_points(self, radii: np.ndarray) -> np.ndarray:
        """[radii, k] int32 points whose smallest sphere has each radius for its diameter, filled up with -1.

        Args:
            radii: [m] some of `radii`.
        """
        tables = [cells.radius_points for cells in self.cells if cells.radius_points is not None]
        points = np.full((len(radii), max((table.shape[1] for table in tables), default=0)), -1, dtype=np.int32)
        for cells in self.cells:
            if cells.radius_points is not None:
                places = np.searchsorted(radii, cells.grades[:, 0]).clip(max=len(radii) - 1)
                equal = radii[places] == cells.grades[:, 0]
                points[places[equal], : cells.radius_points.shape[1]] = cells.radius_points[equal]
        return points

    def size(self) -> int:
        """How many cells there are."""
        return sum(len(cells) for cells in self.cells)


def in_order(cells: Sequence[Cells], highest_degree: int) -> BifilteredComplex:
    """Sorts the cells of each dimension by their grades.

    Args:
        cells: by dimension, in any order; faces are numbered in that order.
        highest_degree: up to which homology is that of the space.
    """
    arranged: list[Cells] = []
    below = np.zeros(0, dtype=np.int32)  # where a face of the dimension below has gone
    for dimension, unsorted in enumerate(cells):
        order = np.lexsort((unsorted.grades[:, 1], unsorted.grades[:, 0]))
        taken = unsorted.taken(order)
        arranged.append(replace(taken, faces=below[taken.faces]) if dimension else taken)
        below = np.empty(len(order), dtype=np.int32)
        below[order] = np.arange(len(order), dtype=np.int32)
    return BifilteredComplex(tuple(arranged), highest_degree)


def from_simplices(simplices: Sequence[Sequence[int]], grades: ArrayLike) -> BifilteredComplex:
    """A simplicial complex with a bigrade for each simplex.

    Args:
        simplices: vertex numbers of each simplex, every face among them, in any order.
        grades: [m, 2] (radius, level); that of a face is at most that of the simplex in both coordinates.

    Returns:
        The complex; its homology is right up to its own dimension.

    Raises:
        BadInput: no simplices, a wrong number of grades, a grade that is not finite, a simplex that is empty, listed
            twice or has a vertex twice, a missing face, or a face that enters after the simplex.
    """
    values = _checked_grades(simplices, grades)
    names = _vertex_names(simplices)
    by_size: dict[int, list[int]] = {}
    for number, simplex in enumerate(simplices):
        by_size.setdefault(len(simplex), []).append(number)
    cells: list[Cells] = []
    below = np.zeros((0, 0), dtype=np.int64)
    below_values = np.zeros((0, 2))
    for size in range(1, max(by_size) + 1):
        numbers = by_size.get(size, [])
        named = np.array([tuple(simplices[number]) for number in numbers], dtype=np.int64).reshape(-1, size)
        rows = np.sort(np.searchsorted(names, named), axis=1)
        _refuse_repeated(rows, names)
        mine = values[numbers]
        faces = faces_of(rows, below) if size > 1 else np.zeros((len(rows), 0), dtype=np.int32)
        _refuse_missing(rows, faces, names)
        _refuse_late(rows, mine, faces, below, below_values, names)
        cells.append(simplex_cells(names[rows], mine, faces))
        below, below_values = rows, mine
    return in_order(cells, highest_degree=len(cells) - 1)


def simplex_cells(vertices: np.ndarray, grades: np.ndarray, faces: np.ndarray) -> Cells:
    """Cells of simplices of one dimension d.

    Args:
        vertices: [m, d + 1].
        grades: [m, 2].
        faces: [m, d + 1] numbers of their facets; [m, 0] for vertices.
    """
    starts = np.arange(len(vertices) + 1, dtype=np.int64) * faces.shape[1]
    return Cells(grades, starts, faces.reshape(-1).astype(np.int32), vertices.astype(np.int32))


def faces_of(simplices: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Which facets a simplex has.

    Args:
        simplices: [m, d + 1] sorted vertex numbers.
        below: [k, d] the simplices of one dimension less, sorted vertex numbers.

    Returns:
        [m, d + 1] int32: column i is the number in `below` of the facet without vertex i; -1 where it is missing.
    """
    count, size = simplices.shape
    facets = np.concatenate([np.delete(simplices, i, axis=1) for i in range(size)])
    everything = np.concatenate([below.reshape(-1, size - 1), facets])
    _, numbers = np.unique(row_numbers(everything), return_inverse=True)
    home = np.full(len(everything), -1, dtype=np.int32)
    home[numbers[: len(below)]] = np.arange(len(below), dtype=np.int32)
    return home[numbers[len(below) :]].reshape(size, count).T


def closure(given: Mapping[int, np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """All faces of some simplices.

    Args:
        given: by dimension, [m, k + 1] sorted vertex numbers, repetitions allowed.

    Returns:
        By dimension: [m, k + 1] the simplices once each, and [m, k + 1] int32 numbers of their facets ([m, 0] for
        vertices), column i without vertex i.
    """
    top = max(given)
    simplices: list[np.ndarray] = [np.zeros((0, k + 1), dtype=np.int64) for k in range(top + 1)]
    faces: list[np.ndarray] = [np.zeros((0, 0), dtype=np.int32) for _ in range(top + 1)]
    facets = np.zeros((0, top + 1), dtype=np.int64)
    above = np.zeros(0, dtype=np.int64)
    for k in range(top, -1, -1):
        rows = np.concatenate([facets, given.get(k, np.zeros((0, k + 1), dtype=np.int64))])
        _, first, number = np.unique(row_numbers(rows), return_index=True, return_inverse=True)
        simplices[k] = rows[first]
        if k < top:
            faces[k + 1] = number[: len(facets)].reshape(k + 2, len(above)).T.astype(np.int32)
        above = simplices[k]
        if k:
            facets = np.concatenate([np.delete(above, i, axis=1) for i in range(k + 1)])
    faces[0] = np.zeros((len(simplices[0]), 0), dtype=np.int32)
    return simplices, faces


def row_numbers(rows: np.ndarray) -> np.ndarray:
    """[k] int64, equal for equal rows of a table of whole numbers from 0, and in their lexicographic order."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    largest = 0
    for column in rows.T:
        base = int(column.max(initial=0)) + 1
        if (largest + 1) * base >= 1 << 62:  # number the prefixes anew, below k
            numbers = np.unique(numbers, return_inverse=True)[1]
            largest = len(rows)
        numbers = numbers * base + column
        largest = (largest + 1) * base - 1
    return numbers


def no_cells() -> Cells:
    """The cells of a dimension that has none."""
    return Cells(np.zeros((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32))


def _checked_grades(simplices: Sequence[Sequence[int]], grades: ArrayLike) -> np.ndarray:
    if len(simplices) == 0:
        raise BadInput("simplices is empty; at least one vertex is expected.")
    values = np.array(grades, dtype=np.float64)
    if values.shape != (len(simplices), 2):
        raise BadInput(
            f"The grades have shape {values.shape} and there are {len(simplices)} simplices: a pair (radius, level) "
            f"for each is expected, [{len(simplices)}, 2]."
        )
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise BadInput(
            f"Simplex {tuple(simplices[bad[0]])} (number {bad[0]}) has the grade {tuple(map(float, values[bad[0]]))}; "
            "finite numbers are expected: leave out what never enters."
        )
    return values


def _vertex_names(simplices: Sequence[Sequence[int]]) -> np.ndarray:
    """The distinct vertices, increasing."""
    names: set[int] = set()
    for number, simplex in enumerate(simplices):
        vertices = {*simplex}
        if not vertices or len(vertices) < len(simplex):
            raise BadInput(f"Simplex {number} is {tuple(simplex)}; at least one vertex and none twice is expected.")
        names |= vertices
    wrong = [vertex for vertex in names if not isinstance(vertex, (int, np.integer))]
    if wrong:
        raise BadInput(f"simplices holds the vertex {wrong[0]!r}; whole numbers are expected.")
    return np.array(sorted(names), dtype=np.int64)


def _refuse_repeated(rows: np.ndarray, names: np.ndarray) -> None:
    numbers = row_numbers(rows)
    order = np.argsort(numbers, kind="stable")
    again = np.flatnonzero(np.diff(numbers[order]) == 0)
    if len(again):
        simplex = rows[order[again[0]]]
        raise BadInput(f"Simplex {_named(names[simplex])} is listed twice; one grade for each is expected.")


def _refuse_missing(rows: np.ndarray, faces: np.ndarray, names: np.ndarray) -> None:
    missing = np.argwhere(faces < 0)
    if len(missing):
        number, left_out = missing[0]
        face = np.delete(rows[number], left_out)
        raise BadInput(
            f"Simplex {_named(names[rows[number]])} lacks its face {_named(names[face])}: list every face with its grade."
        )


def _refuse_late(
    rows: np.ndarray,
    grades: np.ndarray,
    faces: np.ndarray,
    below: np.ndarray,
    below_grades: np.ndarray,
    names: np.ndarray,
) -> None:
    if faces.shape[1] == 0:
        return
    late = np.argwhere((below_grades[faces] > grades[:, None, :]).any(axis=2))
    if len(late):
        number, place = late[0]
        face = faces[number, place]
        raise BadInput(
            f"Simplex {_named(names[rows[number]])} enters at {tuple(map(float, grades[number]))}, before its face "
            f"{_named(names[below[face]])} at {tuple(map(float, below_grades[face]))}: raise its grade, or lower the face's."
        )


def _named(simplex: np.ndarray) -> str:
    return str(tuple(int(vertex) for vertex in simplex))
