"""An item, perturbed or not, as a complex whose cells keep their names, so that two gradings can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.topology.bifiltrations.bifiltration import Bifiltration


class NamedCells(NamedTuple):
    """The cells of one dimension.

    Attributes:
        names: [m, k] whole numbers from 0, in the same order for the same cell: the sorted points of a simplex, or one
            number.
        grades: [m, 2] (radius, level).
    """

    names: np.ndarray
    grades: np.ndarray


@dataclass(frozen=True, eq=False)
class Graded:
    """A bifiltration with names.

    Attributes:
        bifiltration: of which measures are taken.
        names: [n] of its points, vertices or pixels; those of the item before it was perturbed keep theirs.
        cells: by dimension, of graphs and images; None of points, whose cells depend on the degree.
    """

    bifiltration: Bifiltration
    names: np.ndarray
    cells: tuple[NamedCells, ...] | None = None

    def lengths(self) -> np.ndarray:
        """[n, n] distances of points."""
        from scipy.spatial.distance import pdist, squareform

        found = self.bifiltration
        if found.distances is not None:
            return found.distances
        return squareform(pdist(found.points)) if len(self.names) > 1 else np.zeros((1, 1))
