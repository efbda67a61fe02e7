"""What each step is told: the sources, and how they are read, prepared and filtered, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.analysis import Source
    from core.data.shapes import Shapes

FILTRATION_OF = {"graphs": "graph", "images": "cubical"}  # every other form: rips


@dataclass(frozen=True)
class Asked:
    """The data and the two parameters of a run.

    Attributes:
        data: of kind "shapes".
        function: a table with one value a point.
        labels: a table with one label an item.
        reading: fields of `core.topology.inputs.Reading`.
        preparation: fields of `core.topology.inputs.Preparation`.
        filtering: filtration and second parameter, each a name or "auto"; first parameter; threshold.
        settings: fields of `core.topology.functions.choices.Settings`.
        levels: of the second parameter that are told apart; None for all.
    """

    data: Source
    function: Source | None
    labels: Source | None
    reading: Mapping[str, Any]
    preparation: Mapping[str, Any]
    filtering: Mapping[str, Any]
    settings: Mapping[str, Any]
    levels: int | None

    def shapes(self) -> Shapes:
        """What the sources hold, shared by the steps of a process.

        Raises:
            BadInput: sources that can't be used.
            TooLarge: more than fits.
        """
        from core.topology.inputs import Reading, load_shapes

        return load_shapes(self.data, Reading(**self.reading), function=self.function, labels=self.labels)


def filtration_for(choice: str, form: str) -> str:
    """The filtration that a choice means for a form of shapes.

    >>> filtration_for("auto", "images"), filtration_for("alpha", "cloud")
    ('cubical', 'alpha')
    """
    return FILTRATION_OF.get(form, "rips") if choice == "auto" else choice


def second_for(choice: str, form: str) -> str:
    """The second parameter that a choice means for a form of shapes."""
    if choice != "auto":
        return choice
    return "degree" if form == "graphs" else "codensity"
