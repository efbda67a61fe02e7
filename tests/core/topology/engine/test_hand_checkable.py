"""Bifiltrations that can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from core.topology import hilbert_function, landscape, line_barcode, rank_invariant, s_cdr, signed_measure
from core.topology.engine.measure import SignedMeasure

TRIANGLE = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
# The circle 0-1-2 is complete at (1, 2) and filled at (3, 4): H1 is one rectangle [1, 3) x [2, inf) and more.
GRADES = [(0, 0), (0, 0), (0, 0), (1, 0), (1, 1), (1, 2), (3, 4)]


def as_dictionary(measure: SignedMeasure) -> dict[tuple[float, ...], int]:
    """Weights by position."""
    return {tuple(map(float, p)): int(w) for p, w in zip(measure.positions, measure.weights, strict=True)}


def test_a_circle_that_is_filled_later_has_one_class_from_its_last_edge_on() -> None:
    """+1 where the circle closes, -1 where the triangle fills it."""
    measures = signed_measure(simplices=(TRIANGLE, GRADES))
    assert as_dictionary(measures[1]) == {(1.0, 2.0): 1, (3.0, 4.0): -1}
    assert as_dictionary(measures[0]) == {(0.0, 0.0): 3, (1.0, 0.0): -1, (1.0, 1.0): -1}


def test_measures_unpack_and_have_names() -> None:
    """Both ways of reading an entry give the same arrays, of floats and whole numbers."""
    measures = signed_measure(simplices=(TRIANGLE, GRADES))
    positions, weights = measures[1]
    assert positions is measures[1].positions
    assert weights is measures[1].weights
    assert (positions.shape, positions.dtype, weights.dtype) == ((2, 2), np.float64, np.int64)


def test_the_order_of_simplices_and_vertices_does_not_matter() -> None:
    """Nor do the names of the vertices."""
    renamed = [tuple(70 - 10 * v for v in simplex) for simplex in TRIANGLE]
    shuffled = [4, 6, 0, 3, 2, 5, 1]
    measures = signed_measure(simplices=([renamed[i] for i in shuffled], [GRADES[i] for i in shuffled]))
    expected = signed_measure(simplices=(TRIANGLE, GRADES))
    for degree in (0, 1):
        assert as_dictionary(measures[degree]) == as_dictionary(expected[degree])


def test_two_generators_that_become_equal_give_a_weight_where_both_are() -> None:
    """Two vertices at incomparable grades, joined where both are: +1, +1, -1."""
    simplices = [(0,), (1,), (0, 1)]
    measures = signed_measure(simplices=(simplices, [(0, 1), (1, 0), (1, 1)]))
    assert as_dictionary(measures[0]) == {(0.0, 1.0): 1, (1.0, 0.0): 1, (1.0, 1.0): -1}
    assert as_dictionary(measures[1]) == {}


def test_two_ways_to_kill_one_class_give_a_class_of_second_order_back() -> None:
    """One circle with two fillings: it dies at either, and a sphere appears where both are there."""
    simplices = [(0,), (1,), (2,), (3,), (0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 1, 2)]
    simplices += [(0, 1, 3), (0, 2, 3), (1, 2, 3)]
    grades = [(0, 0)] * 3 + [(0, 2)] + [(0, 0)] * 3 + [(0, 2)] * 3 + [(2, 0)] + [(0, 2)] * 3
    measures = signed_measure(simplices=(simplices, grades), degrees=(0, 1, 2))
    assert as_dictionary(measures[1]) == {(0.0, 0.0): 1, (0.0, 2.0): -1, (2.0, 0.0): -1, (2.0, 2.0): 1}
    assert as_dictionary(measures[2]) == {(2.0, 2.0): 1}


def test_the_euler_measure_counts_simplices_with_sign() -> None:
    """(-1)^dimension at each grade; it needs no homology."""
    measures = signed_measure(simplices=(TRIANGLE, GRADES), invariant="euler")
    assert as_dictionary(measures["euler"]) == {
        (0.0, 0.0): 3,
        (1.0, 0.0): -1,
        (1.0, 1.0): -1,
        (1.0, 2.0): -1,
        (3.0, 4.0): 1,
    }


def test_levels_move_what_enters_between_them_to_the_next_one() -> None:
    """What enters above the last level never does."""
    measures = signed_measure(simplices=(TRIANGLE, GRADES), levels=[0.5, 3.0])
    assert as_dictionary(measures[1]) == {(1.0, 3.0): 1}
    assert as_dictionary(measures[0]) == {(0.0, 0.5): 3, (1.0, 0.5): -1, (1.0, 3.0): -1}


def test_hilbert_functions_include_their_ends() -> None:
    """At exactly the radius and level at which a simplex enters, it is there."""
    table = hilbert_function(simplices=(TRIANGLE, GRADES), radii=[0.999, 1.0, 3.0], levels=[1.999, 2.0, 4.0])[1]
    assert table.tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 0]]


def test_ranks_of_a_circle_are_those_of_its_life() -> None:
    """rk(a, b) = 1 from a where it is closed to b where it is not filled."""
    ranks = rank_invariant(simplices=(TRIANGLE, GRADES), radii=[0, 1, 3], levels=[0, 2, 4])[1]
    ones = {tuple(map(int, place)) for place in np.argwhere(ranks)}
    closed, open_ends = [(1, 1), (1, 2), (2, 1)], [(1, 1), (1, 2), (2, 1)]
    assert ones == {(*a, *b) for a in closed for b in open_ends if a[0] <= b[0] and a[1] <= b[1]}
    assert ranks.max() == 1


def test_the_rank_measure_of_an_l_shape_is_two_rectangles_less_their_overlap() -> None:
    """[(1,2), up to radius 3) and up to level 4: each without end in the other coordinate, less both."""
    measures = signed_measure(simplices=(TRIANGLE, GRADES), invariant="rank")
    infinite = np.inf
    assert as_dictionary(measures[1]) == {
        (1.0, 2.0, 3.0, infinite): 1,
        (1.0, 2.0, infinite, 4.0): 1,
        (1.0, 2.0, 3.0, 4.0): -1,
    }


def test_bars_on_a_line_begin_and_end_where_it_meets_the_grades() -> None:
    """t is the largest of (grade - basepoint) / direction over the coordinates."""
    bars = line_barcode(simplices=(TRIANGLE, GRADES), basepoint=(0, 1), direction=(1, 0.5))
    assert bars[1].tolist() == [[2.0, 6.0]]
    assert bars[0].tolist() == [[0.0, 1.0], [0.0, 1.0], [0.0, np.inf]]


def test_a_landscape_is_the_distance_to_the_ends_of_the_diagonal_bar() -> None:
    """Of the L from (1, 2) to (3, 4): at (2.5, 3) it is min(1, 1.5), and beyond both ends 0."""
    layers = landscape(
        simplices=(TRIANGLE, GRADES), radii=[0.5, 1.5, 2.5, 3.5], levels=[3.0, 4.5], degrees=(1,), layers=2
    )[1]
    assert layers[0] == pytest.approx(np.array([[0.0, 0.0], [0.5, 0.5], [1.0, 0.5], [1.0, 0.0]]))
    assert not layers[1].any()


def test_the_stable_representation_of_one_class_is_its_share_of_the_window() -> None:
    """A window well inside is full; one that looks over an edge by half sees half."""
    image = s_cdr(
        simplices=(TRIANGLE, GRADES),
        radii=[1.0, 1.5, 2.0, 3.0],
        levels=[2.5, 3.0, 3.5],
        degrees=(1,),
        delta=0.25,
        p=np.inf,
    )[1]
    assert image[2].tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert image[0, 1] == pytest.approx(0.5, abs=1e-2)
    assert image[1, 0] == pytest.approx(1.0)


SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
def test_a_square_has_a_hole_from_its_sides_to_its_diagonals(filtration: str) -> None:
    """In both filtrations: the radius of an edge is its length, and the ball around the square has its diagonal."""
    measures = signed_measure(SQUARE, [0.0, 0.0, 0.0, 1.0], filtration=filtration)
    diagonal = float(np.sqrt(2.0))
    assert measures[1].positions == pytest.approx(np.array([[1.0, 1.0], [diagonal, 1.0]]), abs=1e-15)
    assert measures[1].weights.tolist() == [1, -1]
    assert as_dictionary(measures[0]) == {(0.0, 0.0): 3, (0.0, 1.0): 1, (1.0, 0.0): -2, (1.0, 1.0): -1}


@pytest.mark.parametrize("levels", [None, [0.0]])
def test_an_equilateral_triangle_has_a_hole_in_alpha_and_none_in_rips(levels: list[float] | None) -> None:
    """The edges' balls leave a hole until the diameter 2 / sqrt 3."""
    triangle = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    alpha = signed_measure(triangle, np.zeros(3), degrees=(1,), filtration="alpha", levels=levels)[1]
    assert alpha.weights.tolist() == [1, -1]
    assert alpha.positions[:, 0] == pytest.approx([1.0, 2 / np.sqrt(3)], abs=1e-12)
    rips = signed_measure(triangle, np.zeros(3), degrees=(1,), levels=levels)[1]
    assert (rips.positions[:, 0].max(initial=1.0) - 1.0) < 1e-12


def test_an_octahedron_is_a_sphere_from_its_edges_to_its_diagonals() -> None:
    """Degree 2 of Vietoris-Rips, with levels and without."""
    corners = np.concatenate([np.eye(3), -np.eye(3)])
    for levels in (None, [0.0]):
        sphere = signed_measure(corners, np.zeros(6), degrees=(2,), levels=levels)[2]
        assert sphere.weights.tolist() == [1, -1]
        assert sphere.positions[:, 0] == pytest.approx([np.sqrt(2), 2.0])
