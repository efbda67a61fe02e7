"""How items are filtered: the choice of filtration and second parameter, and the item with its functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from core.data.shapes import Form, Graph, Item, Shapes
from core.errors import BadInput
from core.topology.bifiltrations.bifiltration import Bifiltration, of_cells, of_cloud
from core.topology.bifiltrations.cubical import cubical_bifiltration
from core.topology.bifiltrations.graph import graph_bifiltration
from core.topology.functions.choices import (
    GRAPH_FUNCTIONS,
    IMAGE_FUNCTIONS,
    POINT_FUNCTIONS,
    Settings,
    graph_function,
    image_function,
    point_function,
)
from core.topology.functions.kde import diameter_of

FiltrationName = Literal["rips", "alpha", "graph", "cubical"]
FILTRATIONS: dict[Form, tuple[FiltrationName, ...]] = {
    "cloud": ("rips", "alpha"),
    "clouds": ("rips", "alpha"),
    "series": ("rips", "alpha"),
    "distances": ("rips",),
    "graphs": ("graph",),
    "images": ("cubical",),
}


@dataclass(frozen=True)
class Filtering:
    """The two parameters of a bifiltration.

    Attributes:
        filtration: "rips" (edges by length), "alpha" (unions of balls, up to 3 dimensions), "graph" or "cubical".
        second: the second parameter; of points "codensity", "dtm", "eccentricity" or "column"; of graphs a function on
            vertices or edges; of images "column" (the second channel), "codensity" or "eccentricity".
        first: of graphs the function on the first axis.
        settings: numbers that functions take.
        threshold: of "rips": edges longer than this are left out; None for all.
    """

    filtration: FiltrationName = "rips"
    second: str = "codensity"
    first: str = "heat_kernel"
    settings: Settings = field(default_factory=Settings)
    threshold: float | None = None


def check_filtering(filtering: Filtering, form: Form, dimensions: int = 0) -> None:
    """Refuses a filtration or second parameter that a form of shapes can't have.

    Args:
        filtering: the choice.
        form: of the shapes.
        dimensions: of their points, 0 if not known.

    Raises:
        BadInput: names the choice and what is possible.
    """
    possible = FILTRATIONS[form]
    if filtering.filtration not in possible:
        raise BadInput(f"filtration={filtering.filtration} does not go with {form}; choose {' or '.join(possible)}.")
    if filtering.filtration == "alpha" and dimensions > 3:
        raise BadInput(
            f"filtration=alpha takes at most 3 coordinates and the points have {dimensions}; choose filtration=rips, or "
            "a lower dimension of the delay embedding."
        )
    if form == "graphs":
        _check_name("first", filtering.first, tuple(GRAPH_FUNCTIONS))
    names = {"graphs": tuple(GRAPH_FUNCTIONS), "images": IMAGE_FUNCTIONS}.get(form, POINT_FUNCTIONS)
    _check_name("second", filtering.second, names)


def fitted(filtering: Filtering, items: list[Item], *, are_distances: bool = False) -> Filtering:
    """The same with a bandwidth that is a share of the diameter turned into a length, so that all items share it.

    Args:
        filtering: for graphs and images it stays as it is.
        items: clouds of the training part, never of the whole set; the median of their diameters above 0 counts.
        are_distances: whether the items are matrices of distances.

    Raises:
        BadInput: in each of them all points are equal.
    """
    clouds = [item for item in items if isinstance(item, np.ndarray)]
    share = filtering.settings.bandwidth
    if filtering.filtration not in ("rips", "alpha") or filtering.second != "codensity" or share > 0 or not clouds:
        return filtering
    diameters = np.array([diameter_of(cloud, are_distances=are_distances) for cloud in clouds])
    positive = diameters[diameters > 0]
    return with_diameter(filtering, float(np.median(positive)) if len(positive) else 0.0)


def with_diameter(filtering: Filtering, diameter: float) -> Filtering:
    """The same with a negative bandwidth replaced by that share of a diameter.

    Raises:
        BadInput: the diameter is 0.
    """
    if not diameter > 0:
        raise BadInput("All points are equal, so a share of their diameter is no bandwidth: give a bandwidth above 0.")
    return replace(filtering, settings=replace(filtering.settings, bandwidth=-filtering.settings.bandwidth * diameter))


def filter_item(shapes: Shapes, place: int, filtering: Filtering) -> Bifiltration:
    """The bifiltration of one item.

    Args:
        shapes: clouds, distances, graphs or images (series: embed them first).
        place: number of the item.
        filtering: the two parameters.

    Raises:
        BadInput: a choice that does not go with the item; its number is named.
    """
    try:
        column = shapes.functions[place] if shapes.functions is not None else None
        return _filtered(shapes.form, shapes.items[place], column, filtering)
    except BadInput as error:
        raise BadInput(f"{shapes.name}, item {place + 1:,}: {error}") from None


def _filtered(form: Form, item: Item, column: np.ndarray | None, filtering: Filtering) -> Bifiltration:
    if isinstance(item, Graph):
        check_filtering(filtering, "graphs")
        first = graph_function(filtering.first, item, filtering.settings)
        second = graph_function(filtering.second, item, filtering.settings)
        return of_cells(graph_bifiltration(item, first, second), "graph", second.vertices)
    if form == "images":
        check_filtering(filtering, "images")
        level = image_function(filtering.second, item, filtering.settings)
        return of_cells(cubical_bifiltration(-item[:, :, 0], level), "cubical", level.reshape(-1))
    if form == "series":
        raise BadInput("series are embedded before they are filtered; call prepare(shapes, Preparation(...)) first.")
    are_distances = form == "distances"
    check_filtering(filtering, form, 0 if are_distances else item.shape[1])
    values = point_function(filtering.second, item, column, filtering.settings, are_distances=are_distances)
    return of_cloud(item, values, filtering.filtration, filtering.threshold, are_distances=are_distances)


def _check_name(slot: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise BadInput(f"{slot}={name} is not known here; choose {', '.join(names)}.")
