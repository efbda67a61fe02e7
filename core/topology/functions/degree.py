"""Inverse degree: vertices with many neighbours come first."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.topology.functions.graph_function import GraphFunction, degrees_of, from_vertices

ALONE = 1.1  # later than a vertex with one edge


def inverse_degree(graph: Graph) -> GraphFunction:
    """f(v) = 1 / degree(v), and 1.1 without edges; an edge enters with the later of its ends (code of arXiv:2306.03801)."""
    degrees = degrees_of(graph)
    return from_vertices(graph, np.where(degrees > 0, 1 / np.maximum(degrees, 1), ALONE))
