"""Where to draw what has no places in the plane: points of many coordinates, distances, graphs."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph

MOST_PLACED = 2_000  # points or vertices: the tables behind a layout grow with the square
ROUNDS = 60  # of stress majorisation
GAP = 1.0  # between components of a graph, in edges


def principal_axes(points: np.ndarray, dimensions: int = 3) -> np.ndarray:
    """The points along the directions in which they differ most.

    Args:
        points: [n, d].
        dimensions: how many directions.

    Returns:
        [n, min(d, dimensions)], centred.
    """
    centred = points - points.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    wanted = min(dimensions, points.shape[1])
    projected = centred @ directions[:wanted].T
    return np.pad(projected, ((0, 0), (0, wanted - projected.shape[1])))  # fewer points than directions


def classical_scaling(distances: np.ndarray, dimensions: int = 2) -> np.ndarray:
    """Places whose distances come close to given ones: exact where these are of points in so many dimensions.

    Torgerson, Multidimensional scaling, Psychometrika 17 (1952): the leading eigenvectors of -J D² J / 2.

    Args:
        distances: [n, n].
        dimensions: of the places.

    Returns:
        [n, dimensions], centred.
    """
    squares = np.asarray(distances, dtype=np.float64) ** 2
    means = squares.mean(axis=0)
    inner = -(squares - means[None, :] - means[:, None] + squares.mean()) / 2
    values, vectors = np.linalg.eigh(inner)
    leading = np.argsort(values)[::-1][:dimensions]
    places = vectors[:, leading] * np.sqrt(np.maximum(values[leading], 0.0))
    return np.pad(places, ((0, 0), (0, dimensions - places.shape[1])))


def graph_layout(graph: Graph) -> np.ndarray:
    """Places in the plane whose distances come close to the numbers of edges on shortest ways.

    Each component by itself, by majorising its stress (Gansner, Koren and North, Graph drawing by stress majorization,
    2004, with equal weights); then one beside the other in rows, the largest first.

    Args:
        graph: at most `MOST_PLACED` vertices.

    Returns:
        [vertices, 2].
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components, shortest_path

    ones, (u, v) = np.ones(len(graph.edges)), graph.edges.T
    adjacent = coo_array((ones, (u, v)), shape=(graph.vertices, graph.vertices)).tocsr()
    _, names = connected_components(adjacent, directed=False)
    ways = shortest_path(adjacent, directed=False, unweighted=True)
    places = np.zeros((graph.vertices, 2))
    members = [np.flatnonzero(names == name) for name in np.unique(names)]
    members.sort(key=lambda component: -len(component))
    drawn = [_majorised(ways[np.ix_(component, component)]) for component in members]
    width = np.sqrt(sum(np.prod(np.ptp(part, axis=0) + GAP) for part in drawn)) * 1.3
    corner, row_height = np.zeros(2), 0.0
    for component, part in zip(members, drawn, strict=True):
        extent = np.ptp(part, axis=0)
        if corner[0] > 0 and corner[0] + extent[0] > width:
            corner = np.array([0.0, corner[1] - row_height - GAP])
            row_height = 0.0
        places[component] = part - [part[:, 0].min(), part[:, 1].max()] + corner
        corner = np.array([corner[0] + extent[0] + GAP, corner[1]])
        row_height = max(row_height, float(extent[1]))
    return places


def _majorised(ways: np.ndarray) -> np.ndarray:
    """Places of one component; each round replaces the stress by a bound that has a closed minimum."""
    count = len(ways)
    places = classical_scaling(ways)
    if count < 3:
        return places
    # a symmetric graph has vertices in one place, which no round would part
    places = places + 1e-2 * np.random.default_rng(0).normal(size=places.shape)
    for _ in range(ROUNDS):
        apart = np.linalg.norm(places[:, None] - places[None], axis=2)
        pulls = np.divide(-ways, apart, out=np.zeros_like(apart), where=apart > 0)
        np.fill_diagonal(pulls, 0.0)
        np.fill_diagonal(pulls, -pulls.sum(axis=1))
        places = pulls @ places / count
    return principal_axes(places, 2)
