"""The functions by name, as parameters and menus have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.functions.attribute import attribute
from core.topology.functions.closeness import closeness
from core.topology.functions.degree import inverse_degree
from core.topology.functions.dtm import distance_to_measure
from core.topology.functions.eccentricity import eccentricity
from core.topology.functions.edge_length import edge_length
from core.topology.functions.fiedler import squared_fiedler
from core.topology.functions.graph_function import GraphFunction
from core.topology.functions.heat_kernel_signature import heat_kernel_signature
from core.topology.functions.kde import codensity
from core.topology.functions.ollivier_ricci import ollivier_ricci
from core.topology.functions.pixels import blurred, centre_distance


@dataclass(frozen=True)
class Settings:
    """The numbers that functions take; each takes its own.

    Attributes:
        bandwidth: of the codensity; below 0 a share of the diameter.
        mass: of the distance to a measure, a share of the points.
        power: of the eccentricity.
        time: of the heat kernel signature.
        laziness: of the walk in the curvature.
        attribute: of vertices; empty: the first.
    """

    bandwidth: float = -0.2
    mass: float = 0.1
    power: float = 1.0
    time: float = 10.0
    laziness: float = 0.5
    attribute: str = ""


POINT_FUNCTIONS = ("codensity", "dtm", "eccentricity", "column")
IMAGE_FUNCTIONS = ("column", "codensity", "eccentricity")
GRAPH_FUNCTIONS: dict[str, Callable[[Graph, Settings], GraphFunction]] = {
    "degree": lambda graph, settings: inverse_degree(graph),
    "closeness": lambda graph, settings: closeness(graph),
    "heat_kernel": lambda graph, settings: heat_kernel_signature(graph, settings.time),
    "fiedler": lambda graph, settings: squared_fiedler(graph),
    "ricci": lambda graph, settings: ollivier_ricci(graph, settings.laziness),
    "edge_length": lambda graph, settings: edge_length(graph),
    "attribute": lambda graph, settings: attribute(graph, settings.attribute),
}


def point_function(
    name: str, points: np.ndarray, column: np.ndarray | None, settings: Settings, *, are_distances: bool = False
) -> np.ndarray:
    """The second parameter of points, [n].

    Args:
        name: one of `POINT_FUNCTIONS`.
        points: [n, d], or [n, n] distances.
        column: values that came with the points.
        settings: numbers that functions take.
        are_distances: whether `points` holds distances.

    Raises:
        BadInput: an unknown name, a setting that can't be used, or no column where one is asked for.
    """
    if name == "codensity":
        return codensity(points, settings.bandwidth, are_distances=are_distances).values
    if name == "dtm":
        return distance_to_measure(points, settings.mass, are_distances=are_distances)
    if name == "eccentricity":
        return eccentricity(points, settings.power, are_distances=are_distances)
    if name == "column":
        if column is None:
            raise BadInput(
                "second=column needs one value a point: bring a table in the slot for the function, or a column called function, or "
                "choose codensity."
            )
        return column
    raise BadInput(f"second={name} is not known here; choose {', '.join(POINT_FUNCTIONS)}.")


def graph_function(name: str, graph: Graph, settings: Settings) -> GraphFunction:
    """A function on vertices and edges.

    Raises:
        BadInput: an unknown name, or a graph that has no such function.
    """
    if name not in GRAPH_FUNCTIONS:
        raise BadInput(f"{name} is no function on graphs; choose {', '.join(GRAPH_FUNCTIONS)}.")
    return GRAPH_FUNCTIONS[name](graph, settings)


def image_function(name: str, image: np.ndarray, settings: Settings) -> np.ndarray:
    """The second parameter of pixels, [h, w].

    Args:
        name: one of `IMAGE_FUNCTIONS`.
        image: [h, w, channels].
        settings: numbers that functions take.

    Raises:
        BadInput: an unknown name, or no second channel where one is asked for.
    """
    if name == "column":
        if image.shape[2] < 2:
            raise BadInput(
                "second=column needs a second channel and the image has one; choose codensity or eccentricity."
            )
        return image[:, :, 1]
    if name == "codensity":
        return blurred(image[:, :, 0], settings.bandwidth)
    if name == "eccentricity":
        return centre_distance(image[:, :, 0])
    raise BadInput(f"second={name} is not known here; choose {', '.join(IMAGE_FUNCTIONS)}.")
