"""Laplacians of graphs and their eigenvectors."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph
from core.errors import TooLarge
from core.topology.functions.graph_function import degrees_of

MOST_VERTICES = 4_000  # the eigenvectors take n^3 steps and n^2 memory


def laplacian(graph: Graph, *, normalised: bool) -> np.ndarray:
    """L = D - A, or D^(-1/2) (D - A) D^(-1/2) with rows of 0 for vertices without edges, [n, n].

    Raises:
        TooLarge: more vertices than the eigenvectors of a dense matrix can be had for.
    """
    if graph.vertices > MOST_VERTICES:
        raise TooLarge(
            f"A graph has {graph.vertices:,} vertices; functions from eigenvectors take at most {MOST_VERTICES:,}: use degree or closeness."
        )
    adjacency = np.zeros((graph.vertices, graph.vertices))
    first, second = graph.edges.T
    adjacency[first, second] = adjacency[second, first] = 1
    degrees = degrees_of(graph).astype(np.float64)
    plain = np.diag(degrees) - adjacency
    if not normalised:
        return plain
    scale = np.where(degrees > 0, 1 / np.sqrt(np.maximum(degrees, 1)), 0.0)
    return scale[:, None] * plain * scale


def eigenpairs(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, increasing, and eigenvectors as columns of a symmetric matrix."""
    from scipy.linalg import eigh

    values, vectors = eigh(matrix)
    return values, vectors
