"""The steps of mode `vectorize`: a look at all items, measures or images of some of them, and features of measures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.topology.asked import Asked

if TYPE_CHECKING:
    from core.topology.engine.measure import SignedMeasure
    from core.topology.vectorize.module_images import SCDR, Landscape

MODULE_IMAGES = ("landscape", "s_cdr")  # of bifiltrations; the other vectorizations take measures
LINES = 50  # of a candidate decomposition


def look_step(asked: Asked) -> dict[str, Any]:
    """What there is: `name`, `form`, `items`, `train` [items] bool, `split` (does the file give one), `labels` [items]
    text or None, `filtration`, `second`, `bandwidth` (a length where it was a share of training diameters), `notes`.

    Raises:
        BadInput: data or choices that can't be used.
    """
    from core.topology.items import filtering_of, ready, with_common_bandwidth

    shapes = asked.shapes()
    train = np.ones(len(shapes), dtype=bool) if shapes.train is None else shapes.train
    filtering = filtering_of(asked, shapes.form)
    if filtering.second == "codensity" and filtering.settings.bandwidth < 0:
        filtering = with_common_bandwidth(filtering, ready(asked, np.flatnonzero(train).tolist()))
    return {
        "name": shapes.name,
        "form": shapes.form,
        "items": len(shapes),
        "train": train,
        "split": shapes.train is not None,
        "labels": None if shapes.y is None else [shapes.classes[number] for number in shapes.y],
        "filtration": filtering.filtration,
        "second": filtering.second,
        "bandwidth": filtering.settings.bandwidth,
        "notes": list(shapes.notes),
    }


def range_step(asked: Asked, places: Sequence[int], degrees: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest (radius, level) at which vertices and edges of some items enter, [2] each."""
    tables = []
    for place in places:
        filtered, _ = _item(asked, place)
        tables += [cells.grades for cells in filtered.bifiltration.complex(degrees).cells[:2] if len(cells)]
    together = np.concatenate(tables)
    return together.min(axis=0), together.max(axis=0)


def measures_step(
    asked: Asked,
    places: Sequence[int],
    degrees: Sequence[int],
    invariant: str,
    radii: np.ndarray | None = None,
    levels: np.ndarray | None = None,
) -> list[dict[str, Any]]:
    """Signed measures of some items.

    Args:
        asked: the choices; the bandwidth is a length.
        places: of the items, from 0.
        degrees: of homology.
        invariant: "hilbert", "euler" or "rank".
        radii: of "rank" alone, the grid that all items share together with the levels.
        levels: as above; other invariants have levels of each item.

    Returns:
        Of each item `measures` (text of degree or "euler" -> positions, weights), `points`, `kept`, `cover_radius`,
        `seconds`.
    """
    found = []
    for done, place in enumerate(places):
        started = time.perf_counter()
        item, points = _item(asked, place)
        chosen = item.levels(asked.levels) if levels is None else levels
        measures = item.bifiltration.measures(degrees, invariant, chosen, radii)
        found.append(
            {
                "measures": {str(key): (measure.positions, measure.weights) for key, measure in measures.items()},
                "points": points,
                "kept": len(item.bifiltration.function),
                "cover_radius": item.cover_radius,
                "seconds": time.perf_counter() - started,
            }
        )
        report((done + 1) / len(places), f"item {place + 1:,}")
    return found


def images_step(
    asked: Asked,
    places: Sequence[int],
    degrees: Sequence[int],
    vectorization: str,
    settings: Mapping[str, Any],
    low: np.ndarray,
    high: np.ndarray,
) -> list[dict[str, Any]]:
    """Landscapes or stable representations of some items on a grid that all share.

    Returns:
        Of each item `features` [features], `points`, `kept`, `cover_radius`, `seconds`.
    """
    transformer = module_images(vectorization, settings, degrees, low, high)
    found = []
    for done, place in enumerate(places):
        started = time.perf_counter()
        item, points = _item(asked, place)
        features = transformer.transform([item.bifiltration])[0]
        found.append(
            {
                "features": features,
                "points": points,
                "kept": len(item.bifiltration.function),
                "cover_radius": item.cover_radius,
                "seconds": time.perf_counter() - started,
            }
        )
        report((done + 1) / len(places), f"item {place + 1:,}")
    return found


def features_step(
    measures: Sequence[Mapping[str, Any]], train: np.ndarray, vectorization: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Fits the vectorization to the training part, and applies it to all.

    Args:
        measures: of all items, as `measures_step` returns them.
        train: [items] bool.
        vectorization: its name.
        settings: arguments of the transformer.

    Returns:
        `features` [items, features] float64, `names` of the features, `settings` of the fitted transformer.
    """
    transformer = transformer_of(vectorization, settings)
    items = [_measures(item) for item in measures]
    transformer.fit([item for item, used in zip(items, train, strict=True) if used])
    return {
        "features": transformer.transform(items),
        "names": [str(name) for name in transformer.get_feature_names_out()],
        "settings": transformer.settings(),
    }


def transformer_of(vectorization: str, settings: Mapping[str, Any]) -> Any:
    """The transformer of measures of a name, fitted to nothing yet."""
    from core.topology.vectorize import EulerGrid, HilbertGrid, RectangleFeatures, SignedMeasureConvolution

    transformers = {
        "convolution": SignedMeasureConvolution,
        "hilbert_grid": HilbertGrid,
        "euler_grid": EulerGrid,
        "rectangles": RectangleFeatures,
    }
    return transformers[vectorization](**settings)


def module_images(
    vectorization: str, settings: Mapping[str, Any], degrees: Sequence[int], low: np.ndarray, high: np.ndarray
) -> Landscape | SCDR:
    """The transformer of a vectorization of modules, with a box that was found elsewhere.

    An axis without extent gets the length 1, as its `fit` has it.
    """
    from core.topology.vectorize import SCDR, Landscape
    from core.topology.vectorize.box import Box

    made: Landscape | SCDR
    if vectorization == "landscape":
        made = Landscape(degrees=tuple(degrees), **settings)
    else:
        made = SCDR(degrees=tuple(degrees), lines=LINES, **settings)
    made.box_ = Box(low, low + Box(low, high).extent)
    return made


def _item(asked: Asked, place: int) -> tuple[Any, int]:
    """A filtered item, and how many points it had."""
    from core.topology.items import filtered, filtering_of, ready

    shapes = ready(asked, [place])
    item = filtered(shapes, 0, place + 1, asked, filtering_of(asked, shapes.form))
    return item, item.points


def _measures(item: Mapping[str, Any]) -> dict[int | str, SignedMeasure]:
    from core.topology.engine.measure import SignedMeasure

    return {
        int(key) if key.isdigit() else key: SignedMeasure(*map(np.asarray, pair))
        for key, pair in item["measures"].items()
    }


def with_bandwidth(asked: Asked, bandwidth: float) -> Asked:
    """The same with the bandwidth that the training part gave."""
    return replace(asked, settings={**asked.settings, "bandwidth": bandwidth})
