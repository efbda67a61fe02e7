"""Heat kernel signature: how much heat stays at a vertex (Sun, Ovsjanikov and Guibas, 2009; Hu et al., 2014 on graphs)."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.functions.graph_function import GraphFunction, from_vertices
from core.topology.functions.spectrum import eigenpairs, laplacian


def heat_kernel_signature(graph: Graph, time: float = 10.0) -> GraphFunction:
    """f(v) = sum_i exp(-time l_i) psi_i(v)^2 over the eigenpairs of the normalised Laplacian.

    An edge enters with the later of its ends.

    Raises:
        BadInput: a time below 0.
        TooLarge: more vertices than eigenvectors can be had for.
    """
    if not (np.isfinite(time) and time >= 0):
        raise BadInput(f"The time of the heat kernel signature is {time}; a number of at least 0 is expected.")
    values, vectors = eigenpairs(laplacian(graph, normalised=True))
    return from_vertices(graph, (vectors**2) @ np.exp(-time * np.maximum(values, 0)))
