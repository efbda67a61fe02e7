"""The squared Fiedler vector: small where a graph would be cut (Fiedler, Algebraic connectivity of graphs, 1973)."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.topology.functions.graph_function import GraphFunction, from_vertices
from core.topology.functions.spectrum import eigenpairs, laplacian

_SAME = 1e-9  # of the largest eigenvalue: eigenvalues that differ by less count as one


def squared_fiedler(graph: Graph) -> GraphFunction:
    """f(v) = psi_2(v)^2, psi_2 the eigenvector of the second smallest eigenvalue of D - A, in each component for itself.

    The square doesn't depend on the sign. Where the eigenvalue has several eigenvectors the mean of their squares is
    taken, which doesn't depend on the choice of a basis. A component of one vertex has 0. An edge enters with the later
    of its ends.

    Raises:
        TooLarge: more vertices than eigenvectors can be had for.
    """
    matrix = laplacian(graph, normalised=False)
    values = np.zeros(graph.vertices)
    for members in components(graph):
        if len(members) > 1:
            values[members] = _of_connected(matrix[np.ix_(members, members)])
    return from_vertices(graph, values)


def components(graph: Graph) -> list[np.ndarray]:
    """The vertices of each component."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    first, second = graph.edges.T
    joined = csr_array((np.ones(len(graph.edges)), (first, second)), shape=(graph.vertices, graph.vertices))
    count, owner = connected_components(joined, directed=False)
    return [np.flatnonzero(owner == number) for number in range(count)]


def _of_connected(matrix: np.ndarray) -> np.ndarray:
    eigenvalues, vectors = eigenpairs(matrix)
    equal = np.abs(eigenvalues - eigenvalues[1]) <= _SAME * max(eigenvalues[-1], 1.0)
    equal[0] = False
    return np.asarray((vectors[:, equal] ** 2).mean(axis=1))
