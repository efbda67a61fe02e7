"""From shapes to items that can be filtered: series are embedded, large clouds thinned out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.data.shapes import Item, Shapes
from core.errors import BadInput
from core.topology.inputs.delay_embedding import delay_embedding
from core.topology.inputs.landmarks import farthest_points
from core.topology.inputs.subsample import random_subsample

Sampling = Literal["landmarks", "random"]


@dataclass(frozen=True)
class Preparation:
    """How items become clouds of a size that can be filtered.

    Attributes:
        dimension: of the delay embedding of series.
        delay: steps between its coordinates.
        skip: steps between its points.
        drop_ends: "paper mode": leave out the last sample of a series, as published code does.
        most_points: larger clouds are thinned out to so many; None: never.
        sampling: "landmarks" cover the cloud evenly, "random" keeps its density.
        seed: of a random subsample.
    """

    dimension: int = 3
    delay: int = 1
    skip: int = 1
    drop_ends: bool = False
    most_points: int | None = None
    sampling: Sampling = "landmarks"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Prepared:
    """Items that can be filtered.

    Attributes:
        shapes: clouds, distances, graphs or images; never series.
        kept: which points of each item stayed, for items that were thinned out; None for the others.
        cover_radius: [items] how far a point that was left out is at most from one that stayed; 0 where all stayed.
    """

    shapes: Shapes
    kept: tuple[np.ndarray | None, ...]
    cover_radius: np.ndarray


def prepare(shapes: Shapes, preparation: Preparation) -> Prepared:
    """Embeds series and thins out what is too large; graphs and images stay as they are.

    Raises:
        BadInput: numbers that can't be used, or a series too short to embed.
    """
    if shapes.form == "series":
        shapes = embedded(shapes, preparation)
    if preparation.most_points is None or shapes.form in ("graphs", "images"):
        return Prepared(shapes, (None,) * len(shapes), np.zeros(len(shapes)))
    items: list[Item] = []
    functions: list[np.ndarray] = []
    kept: list[np.ndarray | None] = []
    radii = np.zeros(len(shapes))
    for place, item in enumerate(shapes.items):
        assert isinstance(item, np.ndarray)
        chosen, radii[place] = _thinned(item, preparation, are_distances=shapes.form == "distances")
        all_stay = len(chosen) == len(item)
        kept.append(None if all_stay else chosen)
        items.append(item if all_stay else item[np.ix_(chosen, chosen)] if shapes.form == "distances" else item[chosen])
        if shapes.functions is not None:
            functions.append(shapes.functions[place][chosen])
    thinner = replace(shapes, items=tuple(items), functions=tuple(functions) if shapes.functions is not None else None)
    return Prepared(thinner, tuple(kept), radii)


def embedded(shapes: Shapes, preparation: Preparation) -> Shapes:
    """Clouds in place of series.

    Raises:
        BadInput: a series too short; its number is named.
    """
    clouds = []
    for place, series in enumerate(shapes.items):
        assert isinstance(series, np.ndarray)
        try:
            clouds.append(
                delay_embedding(
                    series,
                    preparation.dimension,
                    preparation.delay,
                    preparation.skip,
                    drop_ends=preparation.drop_ends,
                )
            )
        except BadInput as error:
            raise BadInput(f"{shapes.name}, series {place + 1:,}: {error}") from None
    return replace(shapes, form="clouds", items=tuple(clouds))


def _thinned(item: np.ndarray, preparation: Preparation, *, are_distances: bool) -> tuple[np.ndarray, float]:
    most = preparation.most_points or len(item)
    if preparation.sampling == "landmarks":
        return farthest_points(item, most, are_distances=are_distances)
    if preparation.sampling == "random":
        return random_subsample(item, most, preparation.seed, are_distances=are_distances)
    raise BadInput(f"sampling is {preparation.sampling!r}; it is landmarks or random.")
