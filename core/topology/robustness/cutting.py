"""Gradings and measures cut at the corner of a box, in units of the box.

Let f grade a finite complex K, and c be the upper corner. Taking min(f, c) in each coordinate keeps f monotone, and its
measure is that of f with every Dirac moved likewise. If L is a larger complex, the simplices that K lacks may enter at c
itself: whatever contains one of them is lacking too, so the grading of L is monotone, below c nothing has changed, and
the measure gains the mass at c that makes it that of L. So two filtrations of different complexes become two
gradings of one complex, their union, and the stability theorem holds for these; the distance of their measures needs no
more than a Dirac at the corner that makes the masses equal.

(Cutting the function to 0 beyond the box, as `complete_mass` does, adds to each Dirac companions on the sides of the
box, which move as well: twice the distance, and twice the bound.)
"""

from __future__ import annotations

import numpy as np

from core.topology.engine.mass import upper_corner
from core.topology.engine.measure import SignedMeasure, collect
from core.topology.vectorize.box import Box

CORNER = 1.0  # both coordinates of the upper corner, in units of the box


def box_of(measures: list[SignedMeasure]) -> Box:
    """From the lowest finite coordinates of some measures to a corner a tenth above their highest."""
    tables = [measure.positions for measure in measures if len(measure.positions)]
    low = np.min([np.where(np.isfinite(table), table, np.inf).min(axis=0) for table in tables], axis=0)
    return Box(low, upper_corner(tables))


def cut(grades: np.ndarray, box: Box) -> np.ndarray:
    """[m, 2] grades in units of the box, at most those of its corner."""
    return np.minimum(box.scaled(grades), CORNER)


def moved_mass(first: SignedMeasure, second: SignedMeasure, box: Box) -> SignedMeasure:
    """The difference of two measures after the cut, without mass: what is left over sits at the corner.

    Args:
        first: positions [m, 2].
        second: positions [k, 2].
        box: whose units and corner are used.
    """
    positions = [cut(first.positions, box), cut(second.positions, box), np.full((1, 2), CORNER)]
    missing = second.weights.sum() - first.weights.sum()
    weights = np.concatenate([first.weights, -second.weights, [missing]])
    return collect(np.concatenate(positions), weights)[0]
