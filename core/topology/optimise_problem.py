"""What is optimised, as plain values: they travel to the steps and are part of their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

BOX_MARGIN = 0.1  # of the scale, by which the box is wider than the start


@dataclass(frozen=True, eq=False)
class Problem:
    """A cloud with a loss.

    Attributes:
        points: [n, d] at the start.
        function: [n] second parameter at the start.
        variables: "points" or "function".
        filtration: "rips" or "alpha".
        threshold: edges longer than this are left out; None for all.
        second: the second parameter; "column" keeps its values.
        bandwidth: of the codensity, a length.
        mass: of the distance to a measure.
        loss: its name.
        degrees: of homology, that the loss looks at.
        level: of the second parameter, for "remove_clutter" and "localized".
        radii: [g] grid of the landscapes of "open_loops".
        levels: [h] likewise.
        corner: [2] (radius, level) at which measures are cut for "target".
        unit: [2] lengths of a radius and a level that count alike, for "target".
        target: by degree as text, positions [m, 2] in these units and weights [m], of mass 0.
        box_weight: of the penalty for leaving the box.
        anchor_weight: of the penalty for moving.
    """

    points: np.ndarray
    function: np.ndarray
    variables: str
    filtration: str
    threshold: float | None
    second: str
    bandwidth: float
    mass: float
    loss: str
    degrees: tuple[int, ...]
    level: float
    radii: np.ndarray
    levels: np.ndarray
    corner: np.ndarray
    unit: np.ndarray
    target: Mapping[str, tuple[np.ndarray, np.ndarray]]
    box_weight: float
    anchor_weight: float

    def plain(self) -> dict[str, Any]:
        """The fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Problem:
        """From what `plain` gave; lists that were tuples are tuples again."""
        return cls(**{**plain, "degrees": tuple(plain["degrees"])})

    @property
    def start(self) -> np.ndarray:
        """What moves, where it is at the start: [n, d] points or [n] values."""
        return self.points if self.variables == "points" else self.function

    @property
    def scale(self) -> float:
        """The diagonal of the box of what moves; 1 where it has none."""
        size = float(np.linalg.norm(np.ptp(self.start, axis=0)))
        return size if size > 0 else 1.0

    @property
    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates (or value) that cost nothing."""
        margin = BOX_MARGIN * self.scale
        return self.start.min(axis=0) - margin, self.start.max(axis=0) + margin
