"""Closeness centrality."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.topology.functions.graph_function import GraphFunction, from_vertices


def closeness(graph: Graph) -> GraphFunction:
    """f(v) = (r - 1) / (n - 1) * (r - 1) / sum of d(v, u), r vertices being in reach of v (Wasserman and Faust, 1994).

    Distances count edges. It is 0 for a vertex without edges; an edge enters with the later of its ends.
    """
    distances = hops(graph)
    reached = np.isfinite(distances).sum(axis=1)
    total = np.where(np.isfinite(distances), distances, 0).sum(axis=1)
    others = max(graph.vertices - 1, 1)
    values = np.where(total > 0, (reached - 1) ** 2 / (others * np.maximum(total, 1)), 0.0)
    return from_vertices(graph, values)


def hops(graph: Graph) -> np.ndarray:
    """[n, n] edges on a shortest path; infinite where there is none."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    first, second = graph.edges.T
    ones = np.ones(len(graph.edges))
    joined = csr_array((ones, (first, second)), shape=(graph.vertices, graph.vertices))
    return np.asarray(shortest_path(joined, directed=False, unweighted=True))
