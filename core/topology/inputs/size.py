"""What a run will cost, from the numbers of points alone, before anything is read or built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.topology.engine.estimate import Cost, measure_cost
from core.topology.inputs.delay_embedding import embedded_points
from core.topology.inputs.preparation import Preparation

MOST_DIMENSIONS = 3  # of "alpha"
OVERHEAD = 5e-4  # seconds of an item of any size, beside what the engine takes
SECONDS_A_CELL, BYTES_A_CELL = 4e-6, 600  # of a vertex or pixel with its edges and squares
MOST_COORDINATES = 10  # as the reader has it: a data set with more columns is taken for series


@dataclass(frozen=True)
class Outline:
    """Shapes as an estimate sees them.

    Attributes:
        form: of the shapes.
        items: how many.
        points: in a typical item (vertices of a graph, pixels of an image), after embedding and thinning out.
        most_points: in the largest item.
        dimensions: of the points; 0 without coordinates.
    """

    form: str
    items: int
    points: int
    most_points: int
    dimensions: int


def outline(details: Mapping[str, Any], preparation: Preparation, form: str = "auto") -> Outline:
    """Numbers of items and points, from the details of shapes or of a data set that is read as shapes.

    Args:
        details: what an inspection found.
        preparation: how series are embedded and clouds thinned out.
        form: as the person chose it; "auto": as the file looks.
    """
    found, items, typical, most, dimensions = _found(details, form)
    if found == "series":
        typical = embedded_points(typical, preparation.dimension, preparation.delay, preparation.skip)
        most = embedded_points(most, preparation.dimension, preparation.delay, preparation.skip)
        dimensions = max(dimensions, 1) * preparation.dimension
    if preparation.most_points is not None and found not in ("graphs", "images"):
        typical, most = min(typical, preparation.most_points), min(most, preparation.most_points)
    return Outline(found, items, max(typical, 1), max(most, 1), dimensions)


def cost_of_item(
    filtration: str,
    points: int,
    dimensions: int = 2,
    degree: int = 1,
    levels: int | None = None,
    invariant: str = "hilbert",
) -> Cost:
    """What the signed measures of one item take on one core: the engine's estimate, and what any item takes besides.

    Args:
        filtration: "rips", "alpha", "graph" or "cubical".
        points: of the item (vertices of a graph, pixels of an image).
        dimensions: of the points; of "alpha" up to 3.
        degree: the highest of homology.
        levels: of the second parameter; None for all.
        invariant: "hilbert", "euler" or "rank".
    """
    besides = Cost(OVERHEAD, 0)
    if filtration in ("rips", "alpha"):
        spread = max(dimensions, 1) if filtration == "rips" else min(max(dimensions, 1), MOST_DIMENSIONS)
        degrees = tuple(range(degree + 1))
        engine = measure_cost(
            points, dimension=spread, degrees=degrees, filtration=filtration, invariant=invariant, levels=levels
        )
        return besides.plus(engine)
    ranks = (levels or points) * points if invariant == "rank" else 1
    pairs = 40 * ranks**2 if invariant == "rank" else 0
    return besides.plus(Cost(SECONDS_A_CELL * points * ranks, BYTES_A_CELL * points + pairs))


def _found(details: Mapping[str, Any], form: str) -> tuple[str, int, int, int, int]:
    """Form, items, typical and largest size, and dimensions."""
    if details.get("kind") == "shapes":
        _, typical, most = details["points"]
        return str(details["form"]), int(details["items"]), int(typical), int(most), int(details["dimensions"])
    rows = int(details.get("rows") or 1)
    shape = [int(length) for length in details.get("shape") or [1]]
    if len(shape) == 1:
        guess = "cloud" if shape[0] <= MOST_COORDINATES else "series"
        chosen = guess if form == "auto" else form
        if chosen == "series":
            return chosen, rows, shape[0], shape[0], 1
        items = max(rows // 100, 1) if chosen in ("clouds", "graphs") else 1  # how many is not known before reading
        size = rows // items
        return chosen, items, size, rows if items == 1 else size, 0 if chosen == "distances" else shape[0]
    guess = "clouds" if len(shape) == 2 and shape[1] <= 4 else "images"
    chosen = guess if form == "auto" else form
    if chosen == "images":
        return chosen, rows, shape[0] * shape[1], shape[0] * shape[1], shape[2] if len(shape) == 3 else 1
    return chosen, rows, shape[0], shape[0], shape[1]
