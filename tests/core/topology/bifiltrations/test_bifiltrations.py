"""Bifiltrations of items, checked by hand and against counting."""

import networkx as nx
import numpy as np
import pytest

from core.data.shapes import Graph, Shapes
from core.errors import BadInput
from core.sources import open_source
from core.topology.bifiltrations.bifiltration import levels_of
from core.topology.bifiltrations.cubical import cubical_bifiltration
from core.topology.bifiltrations.filtering import Filtering, filter_item, fitted
from core.topology.bifiltrations.graph import graph_bifiltration
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.measure import evaluate
from core.topology.functions.choices import Settings
from core.topology.functions.graph_function import from_vertices
from core.topology.functions.kde import diameter_of
from core.topology.inputs.loading import load_shapes


def hilbert(cells, degree, at):
    measure = hilbert_diracs(cells, (degree,))[degree].measure
    return int(evaluate(measure, np.array([at[0]]), np.array([at[1]]))[0, 0])


class TestGraph:
    def test_counts(self):
        """At each radius and level there are as many components and cycles as networkx counts."""
        generator = np.random.default_rng(0)
        known = nx.gnp_random_graph(12, 0.3, seed=2)
        graph = Graph(12, np.array(sorted(known.edges)))
        first, second = (from_vertices(graph, generator.integers(0, 4, 12).astype(float)) for _ in range(2))
        cells = graph_bifiltration(graph, first, second)
        for at in np.ndindex(4, 4):
            nodes = [v for v in range(12) if first.vertices[v] <= at[0] and second.vertices[v] <= at[1]]
            part = known.subgraph(nodes)
            components = nx.number_connected_components(part)
            assert hilbert(cells, 0, at) == components
            assert hilbert(cells, 1, at) == part.number_of_edges() - len(nodes) + components

    def test_without_edges(self):
        """A graph without edges has a component for each vertex, and no cycles."""
        graph = Graph(3, np.zeros((0, 2), dtype=np.int64))
        function = from_vertices(graph, np.arange(3.0))
        cells = graph_bifiltration(graph, function, function)
        assert hilbert(cells, 0, (2, 2)) == 3 and hilbert(cells, 1, (2, 2)) == 0


class TestCubical:
    def test_ring(self):
        """A ring of pixels is one component with one hole, which its bright middle fills when it enters."""
        first, second = np.zeros((3, 3)), np.zeros((3, 3))
        first[1, 1] = 5.0
        second[0, 0] = 2.0
        cells = cubical_bifiltration(first, second)
        assert [hilbert(cells, k, (0, 2)) for k in (0, 1)] == [1, 1]
        assert [hilbert(cells, k, (0, 0)) for k in (0, 1)] == [1, 0]  # a corner is missing: no ring yet
        assert [hilbert(cells, k, (5, 2)) for k in (0, 1)] == [1, 0]

    def test_euler(self):
        """The Euler characteristic is vertices less edges plus squares, counted pixel by pixel."""
        generator = np.random.default_rng(1)
        first, second = generator.integers(0, 3, (5, 4)), generator.integers(0, 3, (5, 4))
        measure = euler_diracs(cubical_bifiltration(first, second)).measure
        for a, b in np.ndindex(3, 3):
            present = (first <= a) & (second <= b)
            edges = (present[:, 1:] & present[:, :-1]).sum() + (present[1:] & present[:-1]).sum()
            squares = (present[1:, 1:] & present[:-1, :-1] & present[1:, :-1] & present[:-1, 1:]).sum()
            found = evaluate(measure, np.array([float(a)]), np.array([float(b)]))[0, 0]
            assert found == present.sum() - edges + squares

    def test_against_gudhi(self):
        """With one constant function the bars are those of gudhi's cubical complex with pixels as vertices."""
        import gudhi

        image = np.random.default_rng(2).random((6, 7))
        known = gudhi.CubicalComplex(vertices=image)
        known.compute_persistence(homology_coeff_field=2)
        cells = cubical_bifiltration(image, np.zeros_like(image))
        for degree in (0, 1):
            bars = known.persistence_intervals_in_dimension(degree)
            for value in np.unique(image):
                alive = sum(birth <= value < death for birth, death in bars)
                assert hilbert(cells, degree, (value, 0)) == alive

    @pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1)])
    def test_thin(self, shape):
        """An image of one row, one column or one pixel is one component in the end."""
        cells = cubical_bifiltration(np.arange(np.prod(shape), dtype=float).reshape(shape), np.zeros(shape))
        assert hilbert(cells, 0, (9, 0)) == 1 and hilbert(cells, 1, (9, 0)) == 0


class TestItems:
    @pytest.mark.parametrize(
        ("name", "filtering"),
        [
            ("noisy-circle", Filtering("rips", "codensity")),
            ("noisy-circle", Filtering("rips", "column")),
            ("noisy-circle", Filtering("alpha", "dtm")),
            ("two-shapes", Filtering("rips", "eccentricity")),
            ("digits-images", Filtering("cubical", "codensity")),
            ("digits-images", Filtering("cubical", "eccentricity")),
        ],
    )
    def test_ends_as_one_component(self, name, filtering):
        """With everything in, each item is one component, so the H0 measure has mass 1."""
        shapes = load_shapes(open_source("shapes", name))
        measures = filter_item(shapes, 0, filtering).measures()
        assert measures[0].weights.sum() == 1 and set(measures) == {0, 1}

    def test_graphs(self):
        """Graphs are filtered by two functions of their own."""
        graph = Graph(4, np.array([[0, 1], [1, 2], [2, 3], [0, 3]]))
        shapes = Shapes("g", "graphs", (graph,))
        found = filter_item(shapes, 0, Filtering("graph", "ricci", "heat_kernel"))
        assert [found.measures()[k].weights.sum() for k in (0, 1)] == [1, 1]
        assert found.measures(invariant="euler")["euler"].weights.sum() == 0
        with pytest.raises(BadInput, match="degrees holds 2"):
            found.measures((2,))

    @pytest.mark.parametrize(
        ("name", "filtering", "said"),
        [
            ("noisy-circle", Filtering("cubical"), "does not go with cloud"),
            ("digits-images", Filtering("rips"), "does not go with images"),
            ("digits-images", Filtering("cubical", "column"), "second channel"),
            ("two-shapes", Filtering("rips", "column"), "one value a point"),
            ("two-shapes", Filtering("rips", "degree"), "choose codensity"),
            ("waves", Filtering("rips"), "embedded before"),
            ("two-shapes", Filtering("alpha", threshold=1.0), "threshold is for filtration=rips"),
        ],
    )
    def test_refusals(self, name, filtering, said):
        """A choice that does not go with the form is refused with what does."""
        with pytest.raises(BadInput, match=said):
            filter_item(load_shapes(open_source("shapes", name)), 0, filtering)

    def test_alpha_in_space(self):
        """Four coordinates are too many for alpha; the sentence says what to choose."""
        shapes = Shapes("c", "clouds", (np.random.default_rng(0).random((9, 4)),))
        with pytest.raises(BadInput, match="at most 3 coordinates and the points have 4"):
            filter_item(shapes, 0, Filtering("alpha"))

    def test_bandwidth_of_the_training_part(self):
        """A share of the diameter becomes one length for all items: the median of the training clouds counts."""
        shapes = load_shapes(open_source("shapes", "two-shapes"))
        training = list(shapes.items[:5])
        found = fitted(Filtering(settings=Settings(bandwidth=-0.2)), training).settings.bandwidth
        assert found == pytest.approx(0.2 * np.median([diameter_of(cloud) for cloud in training]))
        kept = Filtering(settings=Settings(bandwidth=0.3))
        assert fitted(kept, training) is kept

    def test_one_point(self):
        """One point is one component and needs no more."""
        shapes = Shapes("c", "clouds", (np.zeros((1, 2)),))
        measures = filter_item(shapes, 0, Filtering(second="eccentricity")).measures()
        assert measures[0].weights.tolist() == [1] and len(measures[1].weights) == 0


def test_levels():
    """A few levels are quantiles that the function takes, its largest value among them; enough of them are all."""
    function = np.random.default_rng(0).random(100)
    levels = levels_of(function, 10)
    assert len(levels) == 10 and levels[-1] == function.max() and np.isin(levels, function).all()
    assert levels_of(function, None) is None and levels_of(np.zeros(50), 3) is None
    with pytest.raises(BadInput):
        levels_of(function, 0)
