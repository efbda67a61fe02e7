"""The lengths that a graph's edges come with."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.functions.graph_function import GraphFunction


def edge_length(graph: Graph) -> GraphFunction:
    """f(e) = the length of an edge; vertices enter at 0.

    Raises:
        BadInput: edges without lengths, or one below 0.
    """
    if graph.lengths is None:
        raise BadInput(
            "The edges have no lengths: bring a column called length or weight, or edge attributes of a TU folder, or choose another "
            "function."
        )
    if (graph.lengths < 0).any():
        raise BadInput(f"An edge has the length {graph.lengths.min():g}; lengths are at least 0.")
    return GraphFunction(np.zeros(graph.vertices), graph.lengths)
