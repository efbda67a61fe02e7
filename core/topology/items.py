"""One item of what was brought, as a bifiltration, with what a reader must know of how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.shapes import Item, Shapes
from core.errors import BadInput
from core.topology.asked import Asked, filtration_for, second_for
from core.topology.bifiltrations.bifiltration import Bifiltration, levels_of, of_cloud
from core.topology.bifiltrations.filtering import Filtering, check_filtering, filter_item, fitted
from core.topology.functions.choices import Settings, point_function
from core.topology.inputs import Preparation, prepare
from core.topology.inputs.preparation import embedded

POINT_FORMS = ("cloud", "clouds", "distances")


@dataclass(frozen=True, eq=False)
class FilteredItem:
    """A bifiltration and where it comes from.

    Attributes:
        bifiltration: of the points that stayed.
        whole: the item before it was thinned out; series are embedded.
        points: how many it had.
        cover_radius: how far a point that was left out is at most from one that stayed.
    """

    bifiltration: Bifiltration
    whole: Item
    points: int
    cover_radius: float

    def levels(self, count: int | None) -> np.ndarray | None:
        """So many levels of the second parameter; None for all.

        Edges of a graph may have values that no vertex has, so those of all cells count.
        """
        cells = self.bifiltration.cells
        if cells is None:
            return levels_of(self.bifiltration.function, count)
        return levels_of(np.concatenate([part.grades[:, 1] for part in cells.cells]), count)


def filtering_of(asked: Asked, form: str) -> Filtering:
    """The choice of filtration and second parameter, "auto" replaced by what the form of the shapes lets expect.

    Raises:
        BadInput: a threshold where there are no lengths to cut.
    """
    chosen = asked.filtering
    filtration = filtration_for(chosen["filtration"], form)
    if chosen["threshold"] is not None and filtration != "rips":
        raise BadInput(f"threshold is for filtration=rips; filtration={filtration} has the full range at no cost.")
    return Filtering(
        filtration=filtration,  # type: ignore[arg-type]
        second=second_for(chosen["second"], form),
        first=chosen["first"],
        settings=Settings(**asked.settings),
        threshold=chosen["threshold"],
    )


def ready(asked: Asked, places: Sequence[int]) -> Shapes:
    """Some of the items; series are embedded.

    Raises:
        BadInput: sources that can't be used, or a place where there is no item.
    """
    shapes = asked.shapes()
    for place in places:
        if not 0 <= place < len(shapes):
            raise BadInput(
                f"Item {place + 1:,} is asked for and {shapes.name} has {len(shapes):,}; choose one of these."
            )
    some = replace(
        shapes,
        items=tuple(shapes.items[place] for place in places),
        functions=None if shapes.functions is None else tuple(shapes.functions[place] for place in places),
        y=None if shapes.y is None else shapes.y[list(places)],
        train=None if shapes.train is None else shapes.train[list(places)],
    )
    return embedded(some, Preparation(**asked.preparation)) if some.form == "series" else some


def with_common_bandwidth(filtering: Filtering, shapes: Shapes) -> Filtering:
    """A bandwidth that is a share of the diameter as a length: of the median diameter of the given items.

    Args:
        filtering: the choice.
        shapes: the items that it may depend on, the training part; not series.

    Raises:
        BadInput: in each of them all points are equal.
    """
    if shapes.form not in POINT_FORMS:
        return filtering
    try:
        return fitted(filtering, list(shapes.items), are_distances=shapes.form == "distances")
    except BadInput as error:
        said = str(error)
        raise BadInput(f"{shapes.name}: {said[:1].lower()}{said[1:]}") from None


def filtered(shapes: Shapes, place: int, number: int, asked: Asked, filtering: Filtering) -> FilteredItem:
    """The bifiltration of an item.

    The second parameter of points is computed on all of them, and only then is the cloud thinned out: landmarks even out
    the density that a codensity is to see.

    Args:
        shapes: as `ready` returns them.
        place: of the item among them.
        number: of the item in the file, from 1, for messages.
        asked: the choices.
        filtering: the two parameters.

    Raises:
        BadInput: a choice that does not go with the item.
    """
    item = shapes.items[place]
    try:
        if shapes.form not in POINT_FORMS:
            found = filter_item(shapes, place, filtering)
            return FilteredItem(found, item, len(found.function), 0.0)
        assert isinstance(item, np.ndarray)
        are_distances = shapes.form == "distances"
        check_filtering(filtering, shapes.form, 0 if are_distances else item.shape[1])
        column = None if shapes.functions is None else shapes.functions[place]
        values = point_function(filtering.second, item, column, filtering.settings, are_distances=are_distances)
        alone = replace(shapes, items=(item,), functions=(values,), y=None, train=None)
        thin = prepare(alone, Preparation(**asked.preparation))
        assert thin.shapes.functions is not None and isinstance(thin.shapes.items[0], np.ndarray)
        found = of_cloud(
            thin.shapes.items[0],
            thin.shapes.functions[0],
            filtering.filtration,
            filtering.threshold,
            are_distances=are_distances,
        )
        return FilteredItem(found, item, len(item), float(thin.cover_radius[0]))
    except BadInput as error:
        said = str(error).removeprefix(f"{shapes.name}, item {place + 1:,}: ")
        raise BadInput(f"{shapes.name}, item {number:,}: {said}") from None
