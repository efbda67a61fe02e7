"""Numbers that a file gives for the vertices of its graphs."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.functions.graph_function import GraphFunction, from_vertices


def attribute(graph: Graph, name: str = "") -> GraphFunction:
    """f(v) = a number of the vertex; an edge enters with the later of its ends.

    Args:
        graph: with attributes.
        name: of the attribute; empty: the first.

    Raises:
        BadInput: no such attribute.
    """
    names = list(graph.attributes)
    if not names:
        raise BadInput("The vertices have no numbers of their own; choose another function, such as degree.")
    if name and name not in names:
        raise BadInput(f"The vertices have no attribute {name!r}; they have {', '.join(names[:10])}.")
    return from_vertices(graph, np.asarray(graph.attributes[name or names[0]], dtype=np.float64))
