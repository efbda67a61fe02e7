"""Perturbations of clouds, distances, graphs and images."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.bifiltrations.filtering import Filtering
from core.topology.functions.choices import Settings
from core.topology.robustness.graphs import GraphItem
from core.topology.robustness.images import ImageItem
from core.topology.robustness.points import Points
from core.topology.robustness.subject import draw, perturbed

PLACES = np.random.default_rng(0).random((40, 2))
COLUMN = np.arange(40.0)
LENGTHS = np.linalg.norm(PLACES[:, None] - PLACES[None], axis=2)
RING = Graph(6, np.array([[0, 1], [0, 5], [1, 2], [2, 3], [3, 4], [4, 5]]), np.arange(6.0), {"size": np.arange(6.0)})
IMAGE = np.random.default_rng(1).random((5, 6, 1))


def cloud(second: str = "codensity", shown: np.ndarray | None = None) -> Points:
    """Forty points in a square."""
    everything = np.ones(40, dtype=bool) if shown is None else shown
    return Points(
        PLACES, False, COLUMN, np.arange(40), everything, Filtering("rips", second, settings=Settings(bandwidth=0.2))
    )


def matrix() -> Points:
    """Their distances."""
    return Points(LENGTHS, True, None, np.arange(40), np.ones(40, dtype=bool), Filtering("rips", "eccentricity"))


def test_noise_is_a_share_of_the_diameter() -> None:
    """The deviation of each coordinate, in units of the largest distance; names stay."""
    moved = cloud().with_noise(0.05, np.random.default_rng(2))
    noise = (moved.places - PLACES) / LENGTHS.max()
    assert noise.std() == pytest.approx(0.05, rel=0.15)
    assert (moved.names == np.arange(40)).all()


def test_noisy_distances_are_distances() -> None:
    """Symmetric, zero on the diagonal and nowhere below zero."""
    moved = matrix().with_noise(0.3, np.random.default_rng(0)).places
    assert (moved == moved.T).all() and (np.diag(moved) == 0).all() and (moved >= 0).all()
    assert (moved != LENGTHS).any()


def test_outliers_lie_in_the_box_around_the_points() -> None:
    """They have names of their own, enter the complex, and take values of the column from points."""
    made = cloud("column").with_outliers(0.1, np.random.default_rng(0))
    new = made.places[40:]
    assert len(new) == 4 and made.shown[40:].all() and made.names[40:].tolist() == [40, 41, 42, 43]
    assert (new >= PLACES.min(axis=0)).all() and (new <= PLACES.max(axis=0)).all()
    assert made.column is not None and set(made.column[40:]) <= set(COLUMN)
    assert len(cloud().with_outliers(0.001, np.random.default_rng(0)).places) == 41


def test_sizes_of_a_draw_are_nested() -> None:
    """More noise goes further in the same direction, more outliers contain the fewer, a smaller subsample lies in a larger."""
    small, large = (cloud().with_noise(size, draw(3, 0, 1)).places - PLACES for size in (0.01, 0.1))
    np.testing.assert_allclose(10 * small, large)
    few, many = (cloud().with_outliers(size, draw(3, 1, 1)).places for size in (0.1, 0.3))
    assert (few == many[: len(few)]).all()
    half, most = (set(cloud().subsample(size, draw(3, 2, 1)).names) for size in (0.5, 0.9))
    assert half < most


def test_draws_differ_and_can_be_repeated() -> None:
    """By seed, sweep and repeat."""
    numbers = {draw(*key).integers(1 << 60) for key in ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0))}
    assert len(numbers) == 4
    assert draw(0, 1, 2).integers(1 << 60) == draw(0, 1, 2).integers(1 << 60)


def test_a_subsample_keeps_shares_of_landmarks_and_others() -> None:
    """A thinned cloud stays thinned: the complex has that share of its points, the second parameter sees that share of all."""
    shown = np.arange(40) % 4 == 0
    kept = cloud(shown=shown).subsample(0.5, np.random.default_rng(0))
    assert len(kept.places) == 20 and kept.shown.sum() == 5
    assert set(kept.graded().names) <= set(np.flatnonzero(shown))
    assert cloud().subsample(0.01, np.random.default_rng(0)).shown.sum() == 2
    assert matrix().subsample(0.5, np.random.default_rng(0)).places.shape == (20, 20)


def test_the_density_of_others_changes_when_points_are_added() -> None:
    """The second parameter is computed anew: outliers thin out the share of everyone else."""
    before, after = cloud().graded(), cloud().with_outliers(1.0, np.random.default_rng(0)).graded()
    assert (before.bifiltration.function != after.bifiltration.function[:40]).any()


def graph() -> GraphItem:
    """A ring."""
    return GraphItem(RING, np.arange(6), Filtering("graph", "edge_length", "attribute"))


def test_noise_on_a_graph_keeps_edges_after_their_ends() -> None:
    """Both functions move by a share of their ranges, and stay monotone."""
    before, after = graph().graded(), graph().with_noise(0.2, np.random.default_rng(0)).graded()
    assert before.cells is not None and after.cells is not None
    vertices, edges = after.cells
    assert (vertices.grades != before.cells[0].grades).all()
    assert (edges.grades >= vertices.grades[RING.edges].max(axis=1)).all()
    assert (edges.names == RING.edges).all()


def test_a_subgraph_has_the_edges_between_its_vertices() -> None:
    """Lengths and attributes go with edges and vertices, names are those of the whole graph."""
    made = graph().subsample(0.7, np.random.default_rng(1))
    inside = [edge for edge in RING.edges.tolist() if set(edge) <= set(made.names)]
    assert made.graph.vertices == 4 and made.names[made.graph.edges].tolist() == inside
    assert RING.lengths is not None and made.graph.lengths is not None
    assert made.graph.lengths.tolist() == [RING.lengths[RING.edges.tolist().index(edge)] for edge in inside]
    assert (made.graph.attributes["size"] == made.names).all()
    graded = made.graded()
    assert graded.cells is not None and graded.cells[0].names[:, 0].tolist() == made.names.tolist()


def test_broken_pixels_have_the_lowest_or_highest_value() -> None:
    """As many as the share says; the others stay."""
    subject = ImageItem(IMAGE, Filtering("cubical", "eccentricity"))
    moved = subject.with_outliers(0.2, np.random.default_rng(0)).image
    changed = moved != IMAGE
    assert changed.sum() in (5, 6)  # one of them may have had that value before
    assert set(moved[changed]) <= {IMAGE.min(), IMAGE.max()}


def test_cells_of_an_image_are_those_of_its_complex() -> None:
    """Grades in a fixed order, the same as the cubical complex has them."""
    graded = ImageItem(IMAGE, Filtering("cubical", "eccentricity")).graded()
    assert graded.cells is not None and graded.bifiltration.cells is not None
    for dimension, part in enumerate(graded.cells):
        own = graded.bifiltration.cells.of(dimension).grades
        np.testing.assert_array_equal(part.grades[np.lexsort(part.grades.T[::-1])], own)


@pytest.mark.parametrize(
    ("subject", "sweep"),
    [
        (matrix(), "outliers"),
        (graph(), "outliers"),
        (ImageItem(IMAGE, Filtering("cubical", "eccentricity")), "subsample"),
    ],
)
def test_what_makes_no_sense_is_refused(subject: Points | GraphItem | ImageItem, sweep: str) -> None:
    """The sentence lists what the form of data has."""
    assert sweep not in subject.sweeps
    with pytest.raises(BadInput, match=f"sweeps holds {sweep}.*name noise or"):
        perturbed(subject, sweep, 0.5, np.random.default_rng(0))
