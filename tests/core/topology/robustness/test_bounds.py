"""Distances and the bounds of the stability theorem, for complexes that differ as well."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.errors import TooLarge
from core.topology.bifiltrations.filtering import Filtering
from core.topology.engine.complex import from_simplices
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.measure import SignedMeasure
from core.topology.functions.choices import Settings
from core.topology.robustness import bounds
from core.topology.robustness.bounds import bounds_of, gradings_of, moved_cells, over_simplices
from core.topology.robustness.common_complex import common_edges, common_triangles
from core.topology.robustness.cutting import box_of, moved_mass
from core.topology.robustness.distances import distances_of, image_norm, lipschitz
from core.topology.robustness.graded import Graded, NamedCells
from core.topology.robustness.points import Points
from core.topology.robustness.subject import perturbed
from core.topology.vectorize.box import Box
from tests.core.topology.engine.naive import Simplex, random_bifiltration

BANDWIDTH = 0.2
UNIT = Box(np.zeros(2), np.ones(2))


def points(places: np.ndarray, column: np.ndarray | None, filtration: str = "rips", second: str = "column") -> Points:
    """A cloud, all of whose points the complex has."""
    return Points(
        places,
        False,
        column,
        np.arange(len(places)),
        np.ones(len(places), dtype=bool),
        Filtering(filtration, second, settings=Settings(bandwidth=0.5)),  # type: ignore[arg-type]
    )


def test_two_points_moved_apart() -> None:
    """Two points at distance 1/2 merge there; moved apart by 1/10, one Dirac of weight -1 goes as far, and so does one edge."""
    before = points(np.array([[0.0], [0.5]]), np.zeros(2)).graded()
    after = points(np.array([[0.0], [0.6]]), np.zeros(2)).graded()
    first, second = (graded.bifiltration.measures((0,))[0] for graded in (before, after))
    distances = distances_of(moved_mass(first, second, UNIT), BANDWIDTH)
    assert distances.transport == pytest.approx(0.1)
    assert distances.functions == pytest.approx(
        0.1
    )  # one component less on a strip 1/10 wide, at all levels of the box
    assert bounds_of(before, after, 0, UNIT) == pytest.approx((0.2, 0.2))


def test_a_point_more_enters_from_the_corner() -> None:
    """Where a point is missing it enters at the corner of the box, and so do its edges: by hand.

    A third point at level 1/4, 1/10 from the second: it comes from (1, 1) to (0, 1/4), its edges to (1/10, 1/4) and (6/10, 1/4).
    """
    before = points(np.array([[0.0], [0.5]]), np.zeros(2)).graded()
    after = points(np.array([[0.0], [0.5], [0.6]]), np.array([0.0, 0.0, 0.25])).graded()
    moves = (1 + 0.75) + (0.9 + 0.75) + (0.4 + 0.75)
    assert bounds_of(before, after, 0, UNIT).theorem == pytest.approx(2 * moves)
    assert bounds_of(before, after, 0, UNIT).small == pytest.approx(
        2 * (moves - 0.4 - 0.75)
    )  # the long edge joins nothing
    first, second = (graded.bifiltration.measures((0,))[0] for graded in (before, after))
    assert distances_of(moved_mass(first, second, UNIT), BANDWIDTH).transport == pytest.approx(0.1)


def random_measure(rng: np.random.Generator) -> SignedMeasure:
    """A few Diracs of mass zero in the unit square."""
    weights = rng.integers(-3, 4, 8)
    weights[weights == 0] = 1
    return SignedMeasure(rng.random((9, 2)), np.append(weights, -weights.sum()))


@pytest.mark.parametrize("seed", range(5))
def test_the_transport_distance_is_that_of_linear_programming(seed: int) -> None:
    """The least cost over all plans from the positive to the negative part."""
    measure = random_measure(np.random.default_rng(seed))
    measure = SignedMeasure(measure.positions[measure.weights != 0], measure.weights[measure.weights != 0])
    sources, targets = measure.weights > 0, measure.weights < 0
    cost = np.abs(measure.positions[sources][:, None] - measure.positions[targets][None]).sum(axis=2)
    rows, columns = cost.shape
    leave = np.kron(np.eye(rows), np.ones(columns))
    arrive = np.kron(np.ones(rows), np.eye(columns))
    plan = linprog(
        cost.ravel(),
        A_eq=np.concatenate([leave, arrive]),
        b_eq=np.concatenate([measure.weights[sources], -measure.weights[targets]]),
    )
    assert distances_of(measure, BANDWIDTH).transport == pytest.approx(plan.fun)


@pytest.mark.parametrize("seed", range(3))
def test_images_and_functions_are_integrated_exactly(seed: int) -> None:
    """The norm of an image is that on a fine grid; the integral of the function that of many samples."""
    measure = random_measure(np.random.default_rng(seed))
    axis = np.linspace(-1.5, 2.5, 401)
    kernel = np.exp(-((axis[:, None] - measure.positions.T[:, None, :]) ** 2) / (2 * BANDWIDTH**2))
    image = (kernel[0] * measure.weights) @ kernel[1].T / (2 * np.pi * BANDWIDTH**2)
    step = axis[1] - axis[0]
    assert image_norm(measure, BANDWIDTH) == pytest.approx(np.sqrt((image**2).sum()) * step, rel=1e-6)
    middle = (np.arange(1000) + 0.5) / 1000
    below = [(measure.positions[:, place, None] <= middle).astype(float) for place in range(2)]
    sampled = np.abs((below[0].T * measure.weights) @ below[1]).mean()
    assert distances_of(measure, BANDWIDTH).functions == pytest.approx(sampled, abs=0.02)


def test_the_lipschitz_constant_is_the_steepest_slope() -> None:
    """A Dirac that moves by a little moves its image by almost the constant times as much, and never by more."""
    for gap in (1e-4, 0.1, 1.0):
        pair = SignedMeasure(np.array([[0.0, 0.0], [0.0, gap]]), np.array([1, -1]))
        assert image_norm(pair, BANDWIDTH) <= lipschitz(BANDWIDTH) * gap * (1 + 1e-6)
    pair = SignedMeasure(np.array([[0.0, 0.0], [0.0, 1e-4]]), np.array([1, -1]))
    assert image_norm(pair, BANDWIDTH) == pytest.approx(lipschitz(BANDWIDTH) * 1e-4, rel=1e-3)


@st.composite
def two_complexes(draw: st.DrawFn) -> list[tuple[list[Simplex], np.ndarray]]:
    """Two complexes on the same vertices: one with its grades moved, and both without some simplices."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    simplices, grades = random_bifiltration(rng, draw(st.integers(2, 6)), values=4)
    grades = (grades + rng.random(grades.shape)) / 4
    size = draw(st.sampled_from([0.01, 0.1, 1.0]))
    made = []
    for moved in (grades, grades + rng.normal(0.0, size, grades.shape)):
        grade: dict[Simplex, np.ndarray] = {}
        for simplex, own in zip(simplices, moved, strict=True):
            faces = [f for f in itertools.combinations(simplex, len(simplex) - 1) if f]
            missing = any(face not in grade for face in faces)
            if not missing and (len(grade) == 0 or rng.random() < 0.9):
                grade[simplex] = np.maximum.reduce([own, *(grade[face] for face in faces)])
        made.append((list(grade), np.array(list(grade.values()))))
    return made


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(two_complexes())
def test_the_bound_holds_for_complexes_that_differ(case: list[tuple[list[Simplex], np.ndarray]]) -> None:
    """Cut at a corner at which missing simplices enter, over the simplices of dimension k and k + 1 alone."""
    complexes = [from_simplices(*one) for one in case]
    here, there = (_named(*one) for one in case)
    for degree in range(min(filtered.highest_degree for filtered in complexes) + 1):
        first, second = (hilbert_diracs(filtered, (degree,))[degree].measure for filtered in complexes)
        moved = moved_mass(first, second, UNIT)
        bound = 2 * moved_cells(here[degree : degree + 2], there[degree : degree + 2], UNIT)
        distances = distances_of(moved, BANDWIDTH)
        assert distances.transport <= bound + 1e-9
        assert distances.sliced <= distances.transport + 1e-9
        assert distances.functions <= distances.transport + 1e-9
        assert distances.features <= lipschitz(BANDWIDTH) * distances.transport + 1e-9
    before, after = (euler_diracs(filtered).measure for filtered in complexes)
    eulers = moved_mass(before, after, UNIT)
    assert distances_of(eulers, BANDWIDTH).transport <= moved_cells(here, there, UNIT) + 1e-9


def _named(simplices: list[Simplex], grades: np.ndarray) -> list[NamedCells]:
    sizes = np.array([len(simplex) for simplex in simplices])
    return [
        NamedCells(
            np.array([s for s in simplices if len(s) == size], dtype=np.int64).reshape(-1, size), grades[sizes == size]
        )
        for size in (1, 2, 3)
    ]


@st.composite
def perturbed_clouds(draw: st.DrawFn) -> tuple[str, Graded, Graded]:
    """A small cloud, generic or on a lattice, before and after a perturbation."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, dimensions = draw(st.integers(2, 14)), draw(st.integers(1, 3))
    places = rng.normal(size=(count, dimensions))
    if draw(st.booleans()):
        places = places.round(1)  # equal distances, and at times equal points
    column = rng.normal(size=count).round(draw(st.sampled_from([0, 8])))
    second = draw(st.sampled_from(["column", "codensity"]))
    sweep = draw(st.sampled_from(["noise", "outliers", "subsample"]))
    size = draw(st.sampled_from([0.01, 0.2, 0.7]))
    filtration = draw(st.sampled_from(["rips", "alpha"]))
    subject = points(places, column, filtration, second)
    return filtration, subject.graded(), perturbed(subject, sweep, size, rng).graded()


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(perturbed_clouds())
def test_the_bound_holds_for_every_perturbation(case: tuple[str, Graded, Graded]) -> None:
    """KR of clouds with noise, outliers or missing points is at most the small bound, and that at most the theorem's."""
    filtration, before, after = case
    degrees: tuple[int, ...] = (0, 1, 2) if filtration == "rips" else (0, 1)
    first, second = (graded.bifiltration.measures(degrees) for graded in (before, after))
    box = box_of(list(first.values()))
    for degree in degrees:
        distances = distances_of(moved_mass(first[degree], second[degree], box), BANDWIDTH)
        found = bounds_of(before, after, degree, box)
        assert distances.transport <= found.small + 1e-9
        assert found.small <= found.theorem + 1e-9
    if filtration == "alpha":
        one, other = (graded.bifiltration.measures((0,), "euler")["euler"] for graded in (before, after))
        distances = distances_of(moved_mass(one, other, box), BANDWIDTH)
        assert distances.transport <= bounds_of(before, after, "euler", box).theorem + 1e-9


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(perturbed_clouds())
def test_the_small_complexes_carry_the_homology_of_both(case: tuple[str, Graded, Graded]) -> None:
    """Graded before and after, they have the measures of the whole Vietoris-Rips bifiltrations, Dirac by Dirac."""
    _, *both = case
    before, after = (points(graded.bifiltration.points, graded.bifiltration.function) for graded in both)  # type: ignore[arg-type]
    pair = [Graded(one.graded().bifiltration, graded.names) for one, graded in zip((before, after), both, strict=True)]
    gradings = gradings_of(pair[0], pair[1])
    vertices = np.arange(len(gradings[0].levels))[:, None]
    edges, triangles = common_triangles(gradings)
    for graded, grading in zip(pair, gradings, strict=True):
        for degree, parts in ((0, (vertices, common_edges(gradings))), (1, (vertices, edges, triangles))):
            simplices, grades = [], []
            for part in parts:
                for simplex in part.tolist():
                    radius = max((grading.lengths[u, v] for u, v in itertools.combinations(simplex, 2)), default=0.0)
                    level = max(grading.levels[vertex] for vertex in simplex)
                    if np.isfinite(radius) and np.isfinite(level):
                        simplices.append(tuple(simplex))
                        grades.append((radius, level))
            own = from_simplices(simplices, grades)
            expected = graded.bifiltration.measures((degree,))[degree]
            if degree > own.highest_degree:  # no edge, no triangle
                assert not len(expected.weights)
                continue
            found = hilbert_diracs(own, (degree,))[degree].measure
            np.testing.assert_array_equal(found.positions, expected.positions)
            np.testing.assert_array_equal(found.weights, expected.weights)


@pytest.mark.parametrize("dimension", [0, 1, 2, 3])
def test_sums_over_all_simplices_are_those_of_itertools(dimension: int) -> None:
    """Every set of points counts once, with its longest edge and its latest point, cut at the corner."""
    rng = np.random.default_rng(dimension)
    subject = points(rng.random((7, 2)), rng.random(7))
    before, after = subject.graded(), subject.subsample(0.7, rng).with_noise(0.1, rng).graded()
    gradings, box = gradings_of(before, after), Box(np.zeros(2), np.array([0.8, 0.9]))
    total = 0.0
    for simplex in itertools.combinations(range(7), dimension + 1):
        ends = []
        for grading in gradings:
            radius = max((grading.lengths[pair] for pair in itertools.combinations(simplex, 2)), default=0.0)
            level = max(grading.levels[list(simplex)])
            there = np.isfinite(radius) and np.isfinite(level)
            ends.append(np.minimum([radius / 0.8, level / 0.9], 1.0) if there else np.ones(2))
        total += np.abs(ends[0] - ends[1]).sum()
    assert over_simplices(gradings, dimension, box) == pytest.approx(total)


def test_a_threshold_leaves_its_edges_at_the_corner() -> None:
    """What a threshold cuts never enters, before and after, so it does not move."""
    before = points(np.array([[0.0], [0.5], [0.9]]), np.zeros(3))
    after = points(np.array([[0.0], [0.5], [0.8]]), np.zeros(3))
    cut = [
        Points(one.places, False, one.column, one.names, one.shown, Filtering("rips", "column", threshold=0.45))
        for one in (before, after)
    ]
    first, second = (one.graded() for one in cut)
    assert bounds_of(first, second, 0, UNIT) == pytest.approx((2 * 0.1, 2 * 0.1))
    here, there = (one.bifiltration.measures((0,))[0] for one in (first, second))
    assert distances_of(moved_mass(here, there, UNIT), BANDWIDTH).transport == pytest.approx(0.1)


def test_too_many_simplices_or_too_much_mass_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says how many there are, how many fit, and what to lower."""
    subject = points(np.random.default_rng(0).random((6, 2)), np.zeros(6))
    monkeypatch.setattr(bounds, "MOST_SIMPLICES", 10)
    with pytest.raises(TooLarge, match=r"sums over 15 simplices of dimension 1 on 6 points; at most 10"):
        bounds_of(subject.graded(), subject.graded(), 0, UNIT)
    heavy = SignedMeasure(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([5_000, -5_000]))
    with pytest.raises(TooLarge, match=r"differ in 5,000 units of mass and at most 4,000"):
        distances_of(heavy, BANDWIDTH)
