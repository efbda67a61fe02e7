"""Delaunay cells of growing sets of points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay

from core.topology.engine.delaunay import cells_ever, flat_coordinates
from core.topology.engine.delaunay_bifiltration import delaunay_bifiltration
from core.topology.engine.growing_delaunay import all_cells


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_cells_at_each_size_are_those_of_qhull(dimension: int, seed: int) -> None:
    """Of points in general position, in whatever order they enter."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(40, dimension))
    if seed == 4:
        points = points[np.argsort(points[:, 0])]
    cells, removed = cells_ever(points)
    for size in range(dimension + 2, 41, 3):
        there = (cells.max(axis=1) < size) & (removed >= size)
        expected = np.sort(Delaunay(points[:size]).simplices, axis=1)
        assert set(map(tuple, cells[there].tolist())) == set(map(tuple, expected.tolist()))


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_first_cell_without_volume_is_doubtful(dimension: int) -> None:
    """Points that are exactly on a line or in a plane at the start end the attempt, not the program."""
    start = np.zeros((dimension + 1, dimension))
    start[:, 0] = np.linspace(-0.5, 0.5, dimension + 1)
    points = np.concatenate([start, 0.5 * np.eye(dimension)[1:]])
    assert not all_cells(points)[2]
    assert cells_ever(points)[0].shape[1] == dimension + 1


@pytest.mark.parametrize(("dimension", "side"), [(2, 7), (3, 4)])
def test_a_lattice_is_filled_without_gaps_and_overlaps(dimension: int, side: int) -> None:
    """All cubes are degenerate; the cells that stay have the volume of the whole, and doubt is noticed before."""
    axes = np.meshgrid(*[np.arange(float(side))] * dimension)
    lattice = np.stack(axes, axis=-1).reshape(-1, dimension)
    assert not all_cells(flat_coordinates(lattice))[2]
    cells, removed = cells_ever(lattice)
    corners = lattice[cells[removed == len(lattice)]]
    volumes = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1]))
    assert volumes.sum() == pytest.approx(np.prod(np.arange(1, dimension + 1)) * (side - 1) ** dimension)


def test_on_a_line_a_point_splits_the_edge_that_it_falls_into() -> None:
    """0 and 4 are joined until 1 enters between them; 9 is joined to 4."""
    cells, removed = cells_ever(np.array([[0.0], [4.0], [1.0], [9.0]]))
    assert cells.tolist() == [[0, 1], [0, 2], [1, 2], [1, 3]]
    assert removed.tolist() == [2, 4, 4, 4]


def test_one_point_is_one_cell() -> None:
    """In a flat of dimension 0."""
    cells, removed = cells_ever(np.array([[3.0, 4.0]]))
    assert (cells.tolist(), removed.tolist()) == ([[0]], [1])


def test_points_in_a_flat_are_triangulated_there() -> None:
    """A plane in space, and a line in space."""
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(20, 2)) @ rng.normal(size=(2, 3))
    assert cells_ever(plane)[0].shape[1] == 3
    assert cells_ever(np.outer(rng.normal(size=10), [1.0, 2.0, 3.0]))[0].shape[1] == 2


def test_complexes_know_up_to_which_degree_they_are_right() -> None:
    """Below the largest dimension that is listed, or everywhere if nothing is left out."""
    points = np.random.default_rng(0).normal(size=(12, 2))
    function = np.arange(12.0)
    assert [delaunay_bifiltration(points, function, d).highest_degree for d in (1, 2, 3, 4)] == [0, 1, 3, 3]
