"""Graph bifiltrations: vertices and edges enter by two functions."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.topology.engine.complex import BifilteredComplex, Cells, in_order, simplex_cells
from core.topology.functions.graph_function import GraphFunction


def graph_bifiltration(graph: Graph, first: GraphFunction, second: GraphFunction) -> BifilteredComplex:
    """The graph as a complex of dimension 1 with grades (first, second).

    Degree 0 counts components, degree 1 independent cycles.

    Args:
        graph: vertices and edges.
        first: function of the first axis.
        second: function of the second axis.
    """
    vertices = np.arange(graph.vertices)[:, None]
    at_vertices = np.column_stack([first.vertices, second.vertices])
    points = simplex_cells(vertices, at_vertices, np.zeros((graph.vertices, 0), dtype=np.int64))
    cells: list[Cells] = [points]
    if len(graph.edges):
        cells.append(simplex_cells(graph.edges, np.column_stack([first.edges, second.edges]), graph.edges))
    return in_order(cells, highest_degree=1)
