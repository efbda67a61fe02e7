"""The steps of mode `vectorize` that multipers computes, one process of it for the items of a step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.topology.asked import Asked

if TYPE_CHECKING:
    from core.topology.peer.multipers import Multipers


def peer_measures_step(
    asked: Asked, places: Sequence[int], degrees: Sequence[int], radii: np.ndarray, levels: np.ndarray
) -> list[dict[str, Any]]:
    """Rank measures of some items, as `core.topology.vectorize_steps.measures_step` returns them.

    Raises:
        BadInput: multipers is not installed or fails, or an item is not filtered by edges of points.
    """

    def measured(peer: Multipers, distances: np.ndarray, function: np.ndarray) -> dict[str, Any]:
        found = peer.rectangles(distances, function, tuple(degrees), radii, levels)
        return {"measures": {str(degree): tuple(measure) for degree, measure in found.items()}}

    return _each(asked, places, measured)


def peer_images_step(
    asked: Asked,
    places: Sequence[int],
    degrees: Sequence[int],
    settings: Mapping[str, Any],
    low: np.ndarray,
    high: np.ndarray,
) -> list[dict[str, Any]]:
    """Stable representations of some items, as `core.topology.vectorize_steps.images_step` returns them.

    Raises:
        BadInput: multipers is not installed or fails, or an item is not filtered by edges of points.
    """
    from core.topology.vectorize_steps import module_images

    box = module_images("s_cdr", settings, degrees, low, high).box_
    radii, level_axis = box.axes(settings["resolution"])

    def drawn(peer: Multipers, distances: np.ndarray, function: np.ndarray) -> dict[str, Any]:
        corners = box.low, box.high
        axes = radii, level_axis
        images = peer.s_cdr(distances, function, tuple(degrees), axes, corners, settings["delta"], settings["p"])
        return {"features": np.concatenate([images[degree].reshape(-1) for degree in degrees])}

    return _each(asked, places, drawn)


def _each(
    asked: Asked, places: Sequence[int], answered: Callable[[Multipers, np.ndarray, np.ndarray], dict[str, Any]]
) -> list[dict[str, Any]]:
    from scipy.spatial.distance import pdist, squareform

    from core.topology.items import filtered, filtering_of, ready
    from core.topology.peer.multipers import Multipers

    found = []
    with Multipers() as peer:
        for done, place in enumerate(places):
            started = time.perf_counter()
            shapes = ready(asked, [place])
            item = filtered(shapes, 0, place + 1, asked, filtering_of(asked, shapes.form))
            whole = item.bifiltration
            if whole.filtration != "rips" or whole.threshold is not None:
                raise BadInput("engine=multipers takes filtration=rips without a threshold; choose engine=assay.")
            distances = whole.distances if whole.points is None else squareform(pdist(whole.points))
            assert distances is not None  # Vietoris-Rips has the ones or the others
            try:
                answer = answered(peer, distances, whole.function)
            except BadInput as error:
                raise BadInput(f"{shapes.name}, item {place + 1:,}: {error}") from None
            found.append(
                {
                    **answer,
                    "points": item.points,
                    "kept": len(whole.function),
                    "cover_radius": item.cover_radius,
                    "seconds": time.perf_counter() - started,
                }
            )
            report((done + 1) / len(places), f"item {place + 1:,}")
    return found
