"""The steps of mode `describe`: the item and its Hilbert functions first, then landscapes and the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.topology.asked import Asked

if TYPE_CHECKING:
    from core.topology.bifiltrations.filtering import Filtering
    from core.topology.items import FilteredItem
    from core.topology.vectorize.box import Box

DRAWN_POINTS = 5_000  # of a cloud that are kept for pictures


def item_step(asked: Asked, number: int, degrees: Sequence[int], resolution: int) -> dict[str, Any]:
    """One item: what it is, its signed measures, and its Hilbert functions and Euler characteristic on a grid.

    Args:
        asked: the choices.
        number: of the item, from 1.
        degrees: of homology.
        resolution: grid values on each axis.

    Returns:
        `name`, `form`, `items`, `filtration`, `second`, `points` (that it had), `kept`, `cover_radius`, `levels`;
        `density` (bandwidth, median of the effective sample size, regime) of a codensity of points, else None;
        `measures` by degree (positions, weights), `euler_measure`; `radii`, `levels_axis`; `hilbert` by degree and
        `euler` on that grid; `unending` by degree [levels axis]: classes that no radius ends, beyond the one component;
        `pictures`: points, function, image.

    Raises:
        BadInput: data or choices that can't be used.
        TooLarge: more cells than fit.
    """
    from core.topology.engine.measure import evaluate
    from core.topology.engine.signed_measure import EULER
    from core.topology.vectorize.box import fit_box

    item, filtering, form, items = described_item(asked, number)
    levels = item.levels(asked.levels)
    measures = item.bifiltration.measures(degrees, "hilbert", levels)
    euler = item.bifiltration.measures(degrees, "euler", levels)[EULER]
    box = fit_box([measure.positions for measure in (*measures.values(), euler)], 2, dropped=0.0)
    radii, level_axis = box.axes(resolution)
    beyond = np.array([np.inf])
    return {
        "name": asked.data.name,
        "form": form,
        "items": items,
        "filtration": filtering.filtration,
        "second": filtering.second,
        "points": item.points,
        "kept": len(item.bifiltration.function),
        "cover_radius": item.cover_radius,
        "levels": len(np.unique(item.bifiltration.function)) if levels is None else len(levels),
        "density": _density(item, filtering, form),
        "measures": {str(degree): tuple(measure) for degree, measure in measures.items()},
        "euler_measure": tuple(euler),
        "radii": radii,
        "levels_axis": level_axis,
        "hilbert": {str(degree): evaluate(measure, radii, level_axis) for degree, measure in measures.items()},
        "euler": evaluate(euler, radii, level_axis),
        "unending": {
            str(degree): evaluate(measure, beyond, level_axis)[0] - (degree == 0)
            for degree, measure in measures.items()
        },
        "pictures": _pictures(item, form),
        "notes": list(asked.shapes().notes),
    }


def lines_step(
    asked: Asked, number: int, degrees: Sequence[int], resolution: int, layers: int, low: np.ndarray, high: np.ndarray
) -> dict[str, Any]:
    """Landscapes on a grid, and the barcode of the diagonal from one corner of the grid to the other.

    Lines run along the extent of the box, so radius and level count alike whatever their units.

    Args:
        asked: the choices.
        number: of the item, from 1.
        degrees: of homology.
        resolution: grid values on each axis.
        layers: landscapes.
        low: [2] lowest radius and level.
        high: [2] highest radius and level; an axis without extent gets the length 1.

    Returns:
        `radii`, `levels_axis`, `landscapes` by degree [layers, radii, levels] in units of the box, and `bars` by degree
        [m, 2] births and deaths on the diagonal, 0 at its low corner and 1 at its high one.
    """
    from core.topology.engine.landscape import landscape_on_grid
    from core.topology.engine.line_barcode import bars_on_line, diagram
    from core.topology.vectorize.box import Box

    box = Box(low, high)
    item, _, _, _ = described_item(asked, number)
    chosen = tuple(degrees)
    cells = item.bifiltration.complex(chosen)
    radii, level_axis = _axes(box, resolution)
    direction = box.extent.tolist()
    found = landscape_on_grid(cells, radii, level_axis, chosen, layers, direction)
    bars = bars_on_line(cells, low, direction, chosen)
    return {
        "radii": radii,
        "levels_axis": level_axis,
        "landscapes": {str(degree): found[degree] for degree in chosen},
        "bars": {str(degree): diagram(bars[degree]) for degree in chosen},
    }


def _axes(box: Box, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    radii, levels = box.axes(resolution)
    return radii, levels


def described_item(asked: Asked, number: int) -> tuple[FilteredItem, Filtering, str, int]:
    """The item, its filtering with the bandwidth as a length, the form, and how many items there are."""
    from core.topology.items import filtered, filtering_of, ready, with_common_bandwidth

    shapes = ready(asked, [number - 1])
    filtering = with_common_bandwidth(filtering_of(asked, shapes.form), shapes)
    return filtered(shapes, 0, number, asked, filtering), filtering, asked.shapes().form, len(asked.shapes())


def _density(item: FilteredItem, filtering: Filtering, form: str) -> dict[str, Any] | None:
    from core.topology.functions.kde import codensity

    if filtering.second != "codensity" or form == "images" or not isinstance(item.whole, np.ndarray):
        return None
    found = codensity(item.whole, filtering.settings.bandwidth, are_distances=form == "distances")
    return {"bandwidth": found.bandwidth, "effective": found.median_effective, "regime": found.regime}


def _pictures(item: FilteredItem, form: str) -> dict[str, np.ndarray]:
    """What can be drawn of an item: points with their function, or the two channels of an image."""
    found = item.bifiltration
    pictures = {"function": found.function[:DRAWN_POINTS]}
    if found.points is not None:
        pictures["points"] = found.points[:DRAWN_POINTS]
    if form == "images" and isinstance(item.whole, np.ndarray):
        pictures = {"image": item.whole[:, :, 0], "function": found.function}
    return pictures
