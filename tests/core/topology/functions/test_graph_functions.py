"""Functions on graphs against networkx, eigenvectors and curvatures known by hand."""

import networkx as nx
import numpy as np
import pytest

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.functions import ollivier_ricci as ricci_module
from core.topology.functions.choices import GRAPH_FUNCTIONS, Settings, graph_function
from core.topology.functions.closeness import closeness
from core.topology.functions.degree import inverse_degree
from core.topology.functions.edge_length import edge_length
from core.topology.functions.fiedler import squared_fiedler
from core.topology.functions.heat_kernel_signature import heat_kernel_signature
from core.topology.functions.ollivier_ricci import ollivier_ricci


def graph_of(known: nx.Graph) -> Graph:
    plain = nx.convert_node_labels_to_integers(known)
    edges = np.array(sorted(tuple(sorted(edge)) for edge in plain.edges), dtype=np.int64).reshape(-1, 2)
    return Graph(plain.number_of_nodes(), edges)


KNOWN = {
    "path": nx.path_graph(5),
    "two parts": nx.disjoint_union(nx.cycle_graph(4), nx.star_graph(3)),
    "alone": nx.disjoint_union(nx.path_graph(3), nx.empty_graph(2)),
    "random": nx.gnp_random_graph(25, 0.2, seed=1),
    "empty": nx.empty_graph(3),
}


@pytest.mark.parametrize("name", KNOWN)
def test_closeness(name):
    """As networkx has it, also where a graph is not connected."""
    expected = nx.closeness_centrality(nx.convert_node_labels_to_integers(KNOWN[name]))
    assert closeness(graph_of(KNOWN[name])).vertices == pytest.approx(list(expected.values()), abs=1e-14)


@pytest.mark.parametrize("name", KNOWN)
def test_monotone(name):
    """No edge comes before its ends, whatever the function."""
    graph = graph_of(KNOWN[name])
    for function in ("degree", "closeness", "heat_kernel", "fiedler", "ricci"):
        vertices, edges = graph_function(function, graph, Settings())
        assert vertices.shape == (graph.vertices,) and edges.shape == (len(graph.edges),)
        assert np.isfinite(vertices).all() and (vertices[graph.edges].max(axis=1, initial=-9) <= edges + 1e-15).all()


def test_inverse_degree():
    """1 over the degree, 1.1 without edges; an edge enters with the later of its ends."""
    found = inverse_degree(graph_of(nx.disjoint_union(nx.star_graph(4), nx.empty_graph(1))))
    assert found.vertices.tolist() == [0.25, 1, 1, 1, 1, 1.1] and found.edges.tolist() == [1] * 4


class TestHeatKernel:
    def test_complete_graph(self):
        """On K_n all eigenvalues but 0 are n/(n-1): the signature is 1/n + (1 - 1/n) exp(-t n/(n-1))."""
        for time in (0.0, 1.0, 10.0):
            expected = 1 / 5 + (1 - 1 / 5) * np.exp(-time * 5 / 4)
            assert heat_kernel_signature(graph_of(nx.complete_graph(5)), time).vertices == pytest.approx([expected] * 5)

    def test_matrix_exponential(self):
        """It is the diagonal of exp(-t L)."""
        from scipy.linalg import expm

        known = nx.disjoint_union(nx.gnp_random_graph(12, 0.3, seed=3), nx.empty_graph(1))
        laplacian = nx.normalized_laplacian_matrix(known).toarray()
        assert heat_kernel_signature(graph_of(known), 2.0).vertices == pytest.approx(
            np.diag(expm(-2.0 * laplacian)), abs=1e-12
        )

    def test_refusal(self):
        """A time below 0."""
        with pytest.raises(BadInput):
            heat_kernel_signature(graph_of(nx.path_graph(2)), -1.0)


class TestFiedler:
    def test_path(self):
        """On a path of n vertices the vector is sqrt(2/n) cos(pi (v + 1/2) / n)."""
        n = 7
        expected = 2 / n * np.cos(np.pi * (np.arange(n) + 0.5) / n) ** 2
        assert squared_fiedler(graph_of(nx.path_graph(n))).vertices == pytest.approx(expected, abs=1e-12)

    def test_degenerate(self):
        """On cycles and complete graphs the eigenvalue has several vectors: by symmetry all vertices have 1/n."""
        for known in (nx.cycle_graph(6), nx.complete_graph(6)):
            assert squared_fiedler(graph_of(known)).vertices == pytest.approx([1 / 6] * 6)

    def test_components(self):
        """Each component has its own; a vertex without edges has 0."""
        found = squared_fiedler(graph_of(nx.disjoint_union(nx.path_graph(2), nx.empty_graph(1)))).vertices
        assert found == pytest.approx([0.5, 0.5, 0.0])


class TestRicci:
    @pytest.mark.parametrize(
        ("known", "laziness", "expected"),
        [
            (nx.complete_graph(3), 0.5, 0.75),  # W_1 = 1/2 - 1/4
            (nx.complete_graph(5), 0.5, 0.5 + 0.5 / 4),  # 1 - (1/2 - 1/8)
            (nx.complete_graph(5), 0.0, 0.75),  # (n - 2) / (n - 1)
            (nx.complete_graph(2), 0.5, 1.0),  # both walks are the same
            (nx.cycle_graph(8), 0.5, 0.0),  # flat
            (nx.cycle_graph(5), 0.5, 0.25),  # W_1 = (1 + 2) / 4, the far neighbours being 2 apart
            (nx.cycle_graph(4), 0.5, 0.5),  # W_1 = (1 + 1) / 4
            (nx.star_graph(4), 0.0, 0.0),  # from a leaf all mass is at the centre, all neighbours of it at 1
        ],
    )
    def test_by_hand(self, known, laziness, expected):
        """Graphs on which all edges are alike have known curvatures."""
        found = ollivier_ricci(graph_of(known), laziness).edges
        assert found == pytest.approx([expected] * len(found), abs=1e-12)

    def test_tree(self):
        """In a tree k(u, v) = 2 (1 - laziness) (1/d_u + 1/d_v - 1) between inner vertices (Jost and Liu, 2014)."""
        tree = nx.Graph([(0, 1), (0, 2), (0, 3), (1, 4), (1, 5), (1, 6)])
        edges = graph_of(tree).edges.tolist()
        found = ollivier_ricci(graph_of(tree), 0.5).edges[edges.index([0, 1])]
        assert found == pytest.approx(2 * 0.5 * (1 / 3 + 1 / 4 - 1))

    def test_two_ways(self, monkeypatch):
        """Matching units of mass and a linear programme give the same transport."""
        graph = graph_of(nx.gnp_random_graph(14, 0.4, seed=5))
        matched = ollivier_ricci(graph).edges
        monkeypatch.setattr(ricci_module, "_MOST_UNITS", 0)
        assert ollivier_ricci(graph).edges == pytest.approx(matched, abs=1e-9)

    def test_vertices(self):
        """A vertex enters with its first edge, at 0 without any."""
        found = ollivier_ricci(graph_of(nx.disjoint_union(nx.path_graph(3), nx.empty_graph(1))))
        assert found.vertices == pytest.approx([0.5, 0.5, 0.5, 0.0])


def test_given_numbers():
    """Lengths and attributes are those of the file, and asked for where it has none."""
    graph = Graph(2, np.array([[0, 1]]), np.array([2.5]), {"a": np.array([3.0, 1.0])})
    assert edge_length(graph).edges.tolist() == [2.5] and edge_length(graph).vertices.tolist() == [0, 0]
    assert graph_function("attribute", graph, Settings()).edges.tolist() == [3.0]
    for name, settings in (("edge_length", Settings()), ("attribute", Settings()), ("nothing", Settings())):
        with pytest.raises(BadInput):
            graph_function(name, Graph(2, np.array([[0, 1]])), settings)
    with pytest.raises(BadInput, match="no attribute 'b'"):
        graph_function("attribute", graph, Settings(attribute="b"))
    assert "ricci" in GRAPH_FUNCTIONS
