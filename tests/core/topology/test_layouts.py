"""Layouts against configurations that are known up to a motion."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.topology.layouts import classical_scaling, graph_layout, principal_axes


def apart(places: np.ndarray) -> np.ndarray:
    return np.linalg.norm(places[:, None] - places[None], axis=2)


def test_scaling_gives_points_of_the_plane_back() -> None:
    """Distances of points in the plane are met exactly; those of two points too, and those of one."""
    points = np.random.default_rng(1).normal(size=(30, 2))
    np.testing.assert_allclose(apart(classical_scaling(apart(points))), apart(points), atol=1e-9)
    assert classical_scaling(np.zeros((1, 1))).tolist() == [[0.0, 0.0]]


def test_principal_axes_keep_distances_of_a_flat_cloud() -> None:
    """A plane in five dimensions is drawn without loss, and fewer points than axes are no obstacle."""
    rng = np.random.default_rng(2)
    flat = rng.normal(size=(40, 2)) @ rng.normal(size=(2, 5))
    np.testing.assert_allclose(apart(principal_axes(flat)), apart(flat), atol=1e-9)
    assert principal_axes(flat[:2]).shape == (2, 3)


def test_a_path_is_drawn_straight_and_components_apart() -> None:
    """Vertices of a path lie one edge apart in a line; what is not connected is drawn further away than an edge."""
    edges = np.array([[0, 1], [1, 2], [2, 3], [4, 5]])
    places = graph_layout(Graph(7, edges))
    np.testing.assert_allclose(apart(places[:4]), np.abs(np.subtract.outer(range(4), range(4))), atol=1e-4)
    between = apart(places)
    for component, others in (([0, 1, 2, 3], [4, 5, 6]), ([4, 5], [6])):
        assert between[np.ix_(component, others)].min() >= 1 - 1e-4


def test_a_cycle_is_drawn_round() -> None:
    """All vertices of a cycle lie at one distance from its centre, and no two in one place."""
    edges = np.array([[i, (i + 1) % 12] for i in range(12)])
    places = graph_layout(Graph(12, np.sort(edges, axis=1)))
    radii = np.linalg.norm(places - places.mean(axis=0), axis=1)
    assert np.ptp(radii) < 0.02 * radii.mean()
    assert (apart(places) + np.eye(12)).min() > 0.5


def test_a_star_has_its_leaves_apart() -> None:
    """A symmetric graph does not collapse: leaves of a star get places of their own."""
    edges = np.array([[0, leaf] for leaf in range(1, 9)])
    assert (apart(graph_layout(Graph(9, edges))) + np.eye(9)).min() > 0.3
