"""The plain numbers that any feature should beat: degrees and sizes of graphs, sizes and extents of clouds."""

from __future__ import annotations

import numpy as np

from core.data.shapes import Graph, Item, Shapes

QUANTILES = (0.25, 0.5, 0.75)
GRAPH_NAMES = (
    "vertices",
    "edges",
    "density",
    "mean degree",
    "deviation of degrees",
    "lowest degree",
    *(f"{round(100 * share)} % of degrees" for share in QUANTILES),
    "highest degree",
)
CLOUD_NAMES = ("points", "diameter", "mean distance", "deviation of distances")


def simple_features(shapes: Shapes) -> np.ndarray:
    """[items, features] `GRAPH_NAMES` of graphs, `CLOUD_NAMES` of clouds and distance matrices.

    Distances are between points of a matrix, and from the centre of a cloud.
    """
    if shapes.form == "graphs":
        return np.array([_of_graph(item) for item in shapes.items if isinstance(item, Graph)])
    are_distances = shapes.form == "distances"
    return np.array([_of_points(item, are_distances) for item in shapes.items])


def _of_graph(graph: Graph) -> list[float]:
    degrees = np.bincount(graph.edges.reshape(-1), minlength=graph.vertices)
    pairs = graph.vertices * (graph.vertices - 1) / 2
    return [
        float(graph.vertices),
        float(len(graph.edges)),
        len(graph.edges) / pairs if pairs else 0.0,
        float(degrees.mean()),
        float(degrees.std()),
        float(degrees.min()),
        *np.quantile(degrees, QUANTILES).tolist(),
        float(degrees.max()),
    ]


def _of_points(item: Item, are_distances: bool) -> list[float]:
    from core.topology.functions.kde import diameter_of

    assert isinstance(item, np.ndarray)
    if are_distances:
        distances = item[np.triu_indices(len(item), 1)] if len(item) > 1 else np.zeros(1)
    else:
        distances = np.linalg.norm(item - item.mean(axis=0), axis=1)
    return [
        float(len(item)),
        diameter_of(item, are_distances=are_distances),
        float(distances.mean()),
        float(distances.std()),
    ]
