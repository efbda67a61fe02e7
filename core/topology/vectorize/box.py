"""The part of the plane that a grid covers, fitted to the measures of a training set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.topology.engine.measure import SignedMeasure

DROPPED = 0.01  # share of the Diracs that may lie beyond each side


@dataclass(frozen=True, eq=False)
class Box:
    """A box of coordinates, and the map that takes it to the unit box.

    Attributes:
        low: [c].
        high: [c]; equal to `low` on an axis that does not vary, which is left out of grids.
    """

    low: np.ndarray
    high: np.ndarray

    @property
    def varies(self) -> np.ndarray:
        """[c] bool, which axes have an extent."""
        return self.high > self.low

    @property
    def extent(self) -> np.ndarray:
        """[c] length of each axis; 1 where it does not vary."""
        return np.where(self.varies, self.high - self.low, 1.0)

    def scaled(self, positions: np.ndarray) -> np.ndarray:
        """[m, c] positions in units of the box."""
        return (positions - self.low) / self.extent

    def axes(self, resolution: int) -> list[np.ndarray]:
        """For each axis evenly spaced values from its low to its high end; one value where it does not vary."""
        return [
            np.linspace(low, high, resolution) if high > low else np.array([low])
            for low, high in zip(self.low, self.high, strict=True)
        ]

    def settings(self) -> dict[str, list[float]]:
        """As plain JSON values."""
        return {"low": self.low.tolist(), "high": self.high.tolist()}


def fit_box(tables: Sequence[np.ndarray], coordinates: int, dropped: float = DROPPED) -> Box:
    """The box of most positions.

    Args:
        tables: of each measure [m, c]; infinite coordinates are passed over.
        coordinates: c.
        dropped: share of the positions that may lie below, and above, on each axis.

    Returns:
        The box between two quantiles; on an axis where these are equal the one between the extremes.

    Raises:
        BadInput: a share that can't be dropped.
    """
    if not 0 <= dropped < 0.5:
        raise BadInput(
            f"The share of Diracs dropped at each side is {dropped}; a number from 0 to below 0.5 is expected."
        )
    together = np.concatenate([np.zeros((0, coordinates)), *(table.reshape(-1, coordinates) for table in tables)])
    low, high = np.zeros(coordinates), np.zeros(coordinates)
    for axis, values in enumerate(together.T):
        finite = values[np.isfinite(values)]
        if len(finite):
            low[axis], high[axis] = np.quantile(finite, [dropped, 1 - dropped])
            if not high[axis] > low[axis]:
                low[axis], high[axis] = finite.min(), finite.max()
    return Box(low, high)


def keys_of(measures: Sequence[dict[int | str, SignedMeasure]]) -> list[int | str]:
    """The degrees (or "euler") that all items have.

    Raises:
        BadInput: no items, or items with different degrees.
    """
    if not len(measures):
        raise BadInput("There are no measures to fit: at least one item is expected.")
    keys = list(measures[0])
    for place, item in enumerate(measures):
        if set(item) != set(keys):
            raise BadInput(f"Item {place + 1:,} has the degrees {list(item)} and item 1 has {keys}; all need the same.")
    return keys


def width_of(measures: Sequence[dict[int | str, SignedMeasure]], key: int | str) -> int:
    """How many coordinates the positions of a degree have: 2, or 4 of rank measures."""
    return next((item[key].positions.shape[1] for item in measures if item[key].positions.size), 2)
