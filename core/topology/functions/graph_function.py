"""Functions on the vertices and edges of a graph, monotone: no edge comes before its ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.data.shapes import Graph


class GraphFunction(NamedTuple):
    """Values at which vertices and edges enter.

    Attributes:
        vertices: [vertices] float64.
        edges: [edges] float64, each at least the values of its ends.
    """

    vertices: np.ndarray
    edges: np.ndarray


def from_vertices(graph: Graph, values: np.ndarray) -> GraphFunction:
    """The lower-star function of values at vertices: an edge enters with the later of its ends."""
    return GraphFunction(values, values[graph.edges].max(axis=1) if len(graph.edges) else np.zeros(0))


def from_edges(graph: Graph, values: np.ndarray, alone: float) -> GraphFunction:
    """A vertex enters with the first of its edges.

    Args:
        graph: whose edges these are.
        values: [edges].
        alone: value of a vertex without edges.
    """
    vertices = np.full(graph.vertices, np.inf)
    for end in graph.edges.T:
        np.minimum.at(vertices, end, values)
    vertices[np.isinf(vertices)] = alone
    return GraphFunction(vertices, values)


def degrees_of(graph: Graph) -> np.ndarray:
    """[vertices] int64 how many edges end at each vertex."""
    return np.bincount(graph.edges.reshape(-1), minlength=graph.vertices)
