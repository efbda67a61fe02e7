"""The engine against slow computations from the definitions, and against gudhi level by level."""

from __future__ import annotations

import itertools

import gudhi
import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from core.topology import hilbert_function, line_barcode, rank_invariant, signed_measure
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.collapse import collapsed_edges
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.flag import flag_complex
from core.topology.engine.line_barcode import bars_on_line, diagram
from core.topology.engine.measure import evaluate
from core.topology.engine.rank import rank_from, rank_on_grid
from tests.core.topology.engine.cases import clouds, codensity
from tests.core.topology.engine.naive import random_bifiltration, rank_of_map

KINDS = ("plane", "lattice", "space", "random distances", "tied distances")


def example(kind: str, seed: int, count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Distances and a function, some of them full of ties and free of the triangle inequality."""
    rng = np.random.default_rng(seed)
    n = count or int(rng.integers(1, 22))
    function = rng.normal(size=n) if seed % 2 else rng.integers(0, 4, n).astype(float)
    if kind == "random distances":
        table = rng.random((n, n))
    elif kind == "tied distances":
        table = rng.integers(1, 6, (n, n)).astype(float)
    else:
        points = {"plane": rng.normal(size=(n, 2)), "space": rng.normal(size=(n, 5))}.get(
            kind, rng.integers(0, 4, (n, 2)).astype(float)
        )
        table = squareform(pdist(points)) if n > 1 else np.zeros((1, 1))
    table = (table + table.T) / 2
    np.fill_diagonal(table, 0.0)
    return table, function


def by_gudhi(tree: gudhi.SimplexTree, radii: np.ndarray, degree: int, scale: float = 1.0) -> np.ndarray:
    """Dimension of homology at each radius."""
    tree.compute_persistence(homology_coeff_field=2, min_persistence=-1, persistence_dim_max=True)
    bars = scale * np.array(tree.persistence_intervals_in_dimension(degree)).reshape(-1, 2)
    return ((bars[:, 0] <= radii[:, None]) & (bars[:, 1] > radii[:, None])).sum(axis=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_the_reduced_complex_has_the_homology_of_all_triangles(kind: str, seed: int) -> None:
    """At every radius and level, ties, duplicates and broken triangle inequalities included."""
    distances, function = example(kind, seed)
    radii, levels = np.unique(distances), np.unique(function)
    ours = hilbert_function(None, function, radii, levels, distances=distances)
    exact = signed_measure(None, function, distances=distances)
    for column, level in enumerate(levels):
        present = np.flatnonzero(function <= level)
        rips = gudhi.RipsComplex(distance_matrix=distances[np.ix_(present, present)])
        for degree in (0, 1):
            expected = by_gudhi(rips.create_simplex_tree(max_dimension=2), radii, degree).tolist()
            assert ours[degree][:, column].tolist() == expected
            assert evaluate(exact[degree], radii, levels)[:, column].tolist() == expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_reduced_complex_has_the_bars_of_the_whole_one_along_lines(kind: str) -> None:
    """The maps are the same too, not only the dimensions."""
    distances, function = example(kind, 11, count=15)
    whole = flag_complex(np.where(np.eye(len(function), dtype=bool), np.inf, distances), function, 2)
    for start, slope in (((0.0, -1.0), (1.0, 1.0)), ((0.3, 0.0), (0.2, 1.0)), ((-1.0, -2.0), (1.0, 0.3))):
        ours = line_barcode(None, function, start, slope, distances=distances)
        expected = bars_on_line(whole, start, slope, (0, 1))
        for degree in (0, 1):
            np.testing.assert_allclose(ours[degree], diagram(expected[degree]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_collapsed_graph_has_the_homology_of_the_whole_one(kind: str) -> None:
    """In degree 2 as well, and with fewer edges."""
    distances, function = example(kind, 11, count=15)
    n = len(function)
    edges = collapsed_edges(distances, function)
    small = hilbert_diracs(flag_complex(edges, function, 3), (0, 1, 2))
    whole = hilbert_diracs(flag_complex(np.where(np.eye(n, dtype=bool), np.inf, distances), function, 3), (0, 1, 2))
    assert np.isfinite(edges).sum() < n * (n - 1)
    for degree in (0, 1, 2):
        assert small[degree].measure.positions.tolist() == whole[degree].measure.positions.tolist()
        assert small[degree].measure.weights.tolist() == whole[degree].measure.weights.tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [3, 4])
def test_the_euler_measure_of_lunes_is_that_of_all_simplices(kind: str, seed: int) -> None:
    """Without listing them: with levels and without."""
    distances, function = example(kind, seed, count=12)
    whole = flag_complex(np.where(np.eye(12, dtype=bool), np.inf, distances), function)
    for levels in (None, np.array([-0.5, 0.7, 2.0])):
        ours = signed_measure(None, function, distances=distances, invariant="euler", levels=levels)["euler"]
        expected = euler_diracs(whole, levels).measure
        assert ours.positions.tolist() == expected.positions.tolist()
        assert ours.weights.tolist() == expected.weights.tolist()


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_unions_of_balls_have_the_homology_of_alpha_complexes(dimension: int, seed: int) -> None:
    """At every level: on lattices and in flats as well as in general position, with levels given or not."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 20))
    points = rng.normal(size=(n, dimension)) if seed % 2 else rng.integers(0, 3, (n, dimension)).astype(float)
    if seed == 3 and dimension == 3:
        points[:, 2] = points[:, 0] - points[:, 1]
    function = rng.integers(0, 5, n).astype(float)
    levels, radii = np.unique(function), np.linspace(0.0, 5.0, 101) + 1.7e-4
    degrees = (0, 1, 2)
    sliced = signed_measure(points, function, degrees, "alpha", levels=levels)
    whole = signed_measure(points, function, degrees, "alpha")
    euler = signed_measure(points, function, degrees, "alpha", "euler")["euler"]
    tables = {degree: evaluate(sliced[degree], radii, levels) for degree in degrees}
    assert evaluate(euler, radii, levels).tolist() == (tables[0] - tables[1] + tables[2]).tolist()
    for degree in degrees:
        assert evaluate(whole[degree], radii, levels).tolist() == tables[degree].tolist()
        for column, level in enumerate(levels):
            distinct = np.unique(points[function <= level], axis=0)
            tree = gudhi.DelaunayComplex(points=distinct).create_simplex_tree(
                filtration="alpha", output_squared_values=False
            )
            assert tables[degree][:, column].tolist() == by_gudhi(tree, radii, degree, 2.0).tolist()


@pytest.mark.parametrize("seed", range(8))
def test_ranks_are_those_of_the_maps_between_homology_groups(seed: int) -> None:
    """Every pair of grid points of a small complex, and the rectangles sum up to them."""
    simplices, grades = random_bifiltration(np.random.default_rng(seed), vertices=4 + seed % 2, values=3)
    degrees = tuple(range(max(map(len, simplices))))
    axis = np.arange(3.0)
    ranks = rank_invariant(simplices=(simplices, grades), radii=axis, levels=axis, degrees=degrees)
    measures = signed_measure(simplices=(simplices, grades), degrees=degrees, invariant="rank")
    for degree in degrees:
        positions, weights = measures[degree]
        for i, j, k, l in itertools.product(range(3), repeat=4):  # noqa: E741
            if i > k or j > l:
                assert ranks[degree][i, j, k, l] == 0
                continue
            expected = rank_of_map(simplices, grades, np.array([i, j]), np.array([k, l]), degree)
            assert ranks[degree][i, j, k, l] == expected
            holds = (positions[:, :2] <= [i, j]).all(axis=1) & (positions[:, 2:] > [k, l]).all(axis=1)
            assert weights[holds].sum() == expected


def test_ranks_on_the_diagonal_are_the_hilbert_function() -> None:
    """rk(a, a) = dim H(a); and the ranks from one point are a row of all ranks."""
    points, function = clouds()["high"]
    radii, levels = np.linspace(0.5, 3.0, 7), np.linspace(function.min(), function.max(), 6)
    filtered = bifiltration(points, function, (0, 1))
    ranks = rank_on_grid(filtered, radii, levels, (0, 1))
    tables = hilbert_function(points, function, radii, levels)
    row = rank_from(filtered, (float(radii[2]), float(levels[3])), radii, levels, (0, 1))
    for degree in (0, 1):
        assert np.einsum("ijij->ij", ranks[degree]).tolist() == tables[degree].tolist()
        assert ranks[degree][2, 3].tolist() == row[degree].tolist()


def test_degrees_asked_for_alone_or_together_are_the_same() -> None:
    """Spanning trees, the reduced complex, collapsed cliques and gudhi's Ripser agree where they meet."""
    points, function = clouds()["high"]
    radii, levels = np.linspace(0.0, 3.0, 9), np.linspace(function.min(), function.max(), 6)
    together = hilbert_function(points, function, radii, levels, (0, 1, 2))
    assert hilbert_function(points, function, radii, levels, (0,))[0].tolist() == together[0].tolist()
    assert hilbert_function(points, function, radii, levels, (1,))[1].tolist() == together[1].tolist()
    exact = signed_measure(points, function, (0, 1, 2))
    for degree in (0, 1, 2):
        assert evaluate(exact[degree], radii, levels).tolist() == together[degree].tolist()


def test_the_euler_measure_of_cliques_is_the_alternating_sum_of_dimensions() -> None:
    """Of all degrees, though no homology is computed for it."""
    rng = np.random.default_rng(3)
    points = rng.normal(size=(16, 2))
    function = codensity(points, 0.5)
    radii, levels = np.linspace(0.0, 4.0, 9), np.unique(function)
    euler = evaluate(signed_measure(points, function, invariant="euler")["euler"], radii, levels)
    tables = hilbert_function(points, function, radii, levels, (0, 1, 2, 3))
    assert euler.tolist() == (tables[0] - tables[1] + tables[2] - tables[3]).tolist()


def test_a_threshold_leaves_out_longer_edges() -> None:
    """Up to it nothing changes; beyond it nothing happens any more."""
    points, function = clouds()["circle"]
    levels = np.linspace(function.min(), function.max(), 6)
    below, beyond = np.linspace(0.0, 0.8, 9), np.array([0.8, 2.0, 5.0])
    for degrees in ((0,), (0, 1), (0, 1, 2)):
        cut = hilbert_function(points, function, below, levels, degrees, threshold=0.8)
        full = hilbert_function(points, function, below, levels, degrees)
        later = hilbert_function(points, function, beyond, levels, degrees, threshold=0.8)
        for degree in degrees:
            assert cut[degree].tolist() == full[degree].tolist()
            assert (later[degree] == later[degree][:1]).all()


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
def test_coordinates_come_from_the_points_that_are_named(filtration: str) -> None:
    """Every Dirac's level is the function at its point, and its radius the sphere through its points."""
    points, function = (part[:25] for part in clouds()["ball"])
    filtered = bifiltration(points, function, (0, 1), filtration)
    for diracs in hilbert_diracs(filtered, (0, 1)).values():
        radii, levels = diracs.measure.positions.T
        assert function[diracs.level_point].tolist() == levels.tolist()
        for radius, named in zip(radii, diracs.radius_points, strict=True):
            corners = points[named[named >= 0]]
            edges = corners[1:] - corners[0]
            centre = np.linalg.lstsq(2 * edges, (edges**2).sum(axis=1), rcond=None)[0] if len(edges) else np.zeros(3)
            assert 2 * np.linalg.norm(centre) == pytest.approx(radius, abs=1e-9)


def test_axes_come_from_points_too() -> None:
    """Each radius of a complex is the distance of two points, each level the function at one."""
    points, function = (part[:20] for part in clouds()["circle"])
    filtered = bifiltration(points, function, (0, 1))
    pairs, owners = filtered.radius_points(filtered.radii), filtered.level_points(filtered.levels)
    assert function[owners].tolist() == filtered.levels.tolist()
    lengths = np.linalg.norm(points[pairs[1:, 0]] - points[pairs[1:, 1]], axis=1)
    assert lengths == pytest.approx(filtered.radii[1:])
    assert (filtered.radii[0], pairs[0, 1]) == (0.0, -1)
