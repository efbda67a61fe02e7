"""The step of mode `describe` that keeps what a reader can explore: the filtered complex, its summands, and places to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.shapes import Graph
from core.topology.asked import Asked

if TYPE_CHECKING:
    from core.topology.engine.candidate import Interval
    from core.topology.engine.complex import BifilteredComplex
    from core.topology.items import FilteredItem

MOST_CELLS = 30_000  # that are kept, about a megabyte; a browser reduces them for each place of a dragged line
MOST_LINES = 100  # that a candidate decomposition follows bars over
LINE_CELLS = 400_000  # cells times lines: larger complexes get fewer lines
MOST_SUMMANDS = 40  # of a degree, the largest
SMALLEST = 1e-9  # of their sizes: below it is rounding


def explore_step(
    asked: Asked, number: int, degrees: Sequence[int], low: np.ndarray, high: np.ndarray
) -> dict[str, Any]:
    """The complex of an item, cell by cell, with what is drawn of it.

    Args:
        asked: the choices.
        number: of the item, from 1.
        degrees: of homology.
        low: [2] lowest radius and level of the grid.
        high: [2] highest radius and level.

    Returns:
        `count` of the cells; `arrays`: by dimension k `cells_grades_k` [m, 2], `cells_starts_k` [m + 1] and
        `cells_faces_k` (see `core.topology.engine.complex.Cells`), none of them beyond `MOST_CELLS`;
        `cells_vertices_k` where the cells are simplices that are drawn as such; `layout` [n, 2 or 3] of points that have
        no places of their own to be drawn at; `edge_lengths` of a matrix of distances, its upper triangle row by row.
        `lines`: how many a summand was followed over. `summands`: by degree a list of sizes, births and deaths, the
        largest first; the size is the side of the largest square in it, a share of the grid's extent.

    Raises:
        BadInput: data or choices that can't be used.
        TooLarge: more cells than fit.
    """
    from core.topology.describe_steps import described_item

    item, _, _, _ = described_item(asked, number)
    cells = item.bifiltration.complex(degrees)
    arrays = _places(item)
    lines, summands = 0, {}
    if cells.size() <= MOST_CELLS:
        arrays |= _cells(cells, item.bifiltration.filtration, max(degrees) + 1)
        lines = max(10, min(MOST_LINES, LINE_CELLS // max(cells.size(), 1)))
        extent = np.where(high > low, high - low, 1.0)
        summands = {str(degree): _summands(cells, degree, low, low + extent, lines) for degree in degrees}
    return {"count": cells.size(), "arrays": arrays, "lines": lines, "summands": summands}


def _cells(filtered: BifilteredComplex, filtration: str, highest: int) -> dict[str, np.ndarray]:
    """The cells up to a dimension; vertices of graphs and Delaunay complexes, whose cells are what is drawn."""
    arrays = {}
    for dimension, cells in enumerate(filtered.cells[: highest + 1]):
        arrays[f"cells_grades_{dimension}"] = cells.grades
        arrays[f"cells_starts_{dimension}"] = cells.starts.astype(np.int32)
        arrays[f"cells_faces_{dimension}"] = cells.faces.astype(np.int32)
        if filtration in ("graph", "alpha") and cells.vertices is not None:
            arrays[f"cells_vertices_{dimension}"] = cells.vertices
    return arrays


def _places(item: FilteredItem) -> dict[str, np.ndarray]:
    """Where to draw what has no two or three coordinates."""
    from core.topology.layouts import MOST_PLACED, classical_scaling, graph_layout, principal_axes

    found = item.bifiltration
    if isinstance(item.whole, Graph):
        return {"layout": graph_layout(item.whole)} if item.whole.vertices <= MOST_PLACED else {}
    if found.points is not None and found.points.shape[1] > 3:
        return {"layout": principal_axes(found.points)}
    if found.distances is not None and len(found.distances) <= MOST_PLACED:
        upper = np.triu_indices(len(found.distances), 1)
        return {
            "layout": classical_scaling(found.distances),
            "edge_lengths": found.distances[upper].astype(np.float32),
        }
    return {}


def _summands(
    filtered: BifilteredComplex, degree: int, low: np.ndarray, high: np.ndarray, lines: int
) -> list[dict[str, Any]]:
    from core.topology.engine.candidate import candidate_decomposition, side_of_largest_square

    direction = high - low
    found = candidate_decomposition(filtered, degree, (low, high), lines, direction.tolist())
    sized = [(side_of_largest_square(interval, low, high, direction), interval) for interval in found[:MOST_SUMMANDS]]
    return [_corners(size, interval) for size, interval in sized if size > SMALLEST]


def _corners(size: float, interval: Interval) -> dict[str, Any]:
    return {"size": size, "births": interval.births, "deaths": interval.deaths}
