"""The item of a run as something that can be perturbed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

import numpy as np

from core.data.shapes import Graph, Shapes
from core.errors import BadInput
from core.topology.asked import Asked
from core.topology.bifiltrations.filtering import Filtering, check_filtering
from core.topology.inputs import Preparation, prepare
from core.topology.items import POINT_FORMS
from core.topology.robustness.graded import Graded
from core.topology.robustness.graphs import GraphItem
from core.topology.robustness.images import ImageItem
from core.topology.robustness.points import Points


class Subject(Protocol):
    """An item with its two parameters."""

    @property
    def sweeps(self) -> tuple[str, ...]:
        """The perturbations that make sense for it."""
        ...

    def with_noise(self, size: float, rng: np.random.Generator) -> Self:
        """Moved a little everywhere."""
        ...

    def graded(self) -> Graded:
        """Its bifiltration."""
        ...


@runtime_checkable
class TakesOutliers(Protocol):
    """An item to which outliers can be added."""

    def with_outliers(self, share: float, rng: np.random.Generator) -> Subject:
        """With outliers, as many as that share of it."""
        ...


@runtime_checkable
class TakesSubsamples(Protocol):
    """An item of which a part can be taken."""

    def subsample(self, share: float, rng: np.random.Generator) -> Subject:
        """That share of it."""
        ...


@dataclass(frozen=True, eq=False)
class Loaded:
    """An item and what a reader must know of how it came about.

    Attributes:
        subject: the item.
        points: how many it had.
        kept: how many the complex has.
        cover_radius: how far a point that was left out is at most from one that stayed.
    """

    subject: Subject
    points: int
    kept: int
    cover_radius: float


def load_subject(shapes: Shapes, place: int, number: int, asked: Asked, filtering: Filtering) -> Loaded:
    """An item of shapes.

    Args:
        shapes: as `core.topology.items.ready` returns them.
        place: of the item among them.
        number: of the item in the file, from 1, for messages.
        asked: the choices.
        filtering: the two parameters, the bandwidth as a length.

    Raises:
        BadInput: a choice that does not go with the item.
    """
    item = shapes.items[place]
    try:
        if isinstance(item, Graph):
            check_filtering(filtering, "graphs")
            return Loaded(GraphItem(item, np.arange(item.vertices), filtering), item.vertices, item.vertices, 0.0)
        if shapes.form not in POINT_FORMS:
            check_filtering(filtering, "images")
            pixels = item.shape[0] * item.shape[1]
            return Loaded(ImageItem(item, filtering), pixels, pixels, 0.0)
        are_distances = shapes.form == "distances"
        check_filtering(filtering, shapes.form, 0 if are_distances else item.shape[1])
        alone = replace(shapes, items=(item,), functions=None, y=None, train=None)
        thin = prepare(alone, Preparation(**asked.preparation))
        chosen = thin.kept[0]
        shown = np.ones(len(item), dtype=bool) if chosen is None else np.isin(np.arange(len(item)), chosen)
        column = None if shapes.functions is None else shapes.functions[place]
        subject = Points(item, are_distances, column, np.arange(len(item)), shown, filtering)
        return Loaded(subject, len(item), int(shown.sum()), float(thin.cover_radius[0]))
    except BadInput as error:
        raise BadInput(f"{shapes.name}, item {number:,}: {error}") from None


def perturbed(subject: Subject, sweep: str, size: float, rng: np.random.Generator) -> Subject:
    """The subject after one draw of a perturbation.

    Args:
        subject: the item.
        sweep: "noise", "outliers" or "subsample".
        size: of the perturbation.
        rng: of the draw.

    Raises:
        BadInput: a perturbation that the item can't have.
    """
    if sweep == "noise":
        return subject.with_noise(size, rng)
    if sweep == "outliers" and sweep in subject.sweeps and isinstance(subject, TakesOutliers):
        return subject.with_outliers(size, rng)
    if sweep == "subsample" and isinstance(subject, TakesSubsamples):
        return subject.subsample(size, rng)
    raise BadInput(f"sweeps holds {sweep}, which this form of data does not have; name {' or '.join(subject.sweeps)}.")


def draw(seed: int, sweep: int, repeat: int) -> np.random.Generator:
    """The generator of a draw.

    It does not depend on the size, so that the sizes of a sweep see the same directions, outliers and order of points, and a
    curve over the sizes is not ragged by chance; nor on which other sizes or sweeps are asked for.
    """
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(sweep, repeat)))
