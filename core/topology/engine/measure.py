"""Signed measures on the plane of parameters, and the functions that they are the Moebius inverse of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class SignedMeasure(NamedTuple):
    """A finite sum of weighted Diracs; `positions, weights = measure` unpacks it.

    Attributes:
        positions: [m, 2] float64 (radius, level), distinct and in lexicographic order; of a rank measure [m, 4]:
            (radius, level) where a rectangle begins and (radius, level) where it ends, infinite if it never does.
        weights: [m] int64, none of them zero.
    """

    positions: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Diracs:
    """A signed measure on the plane that remembers where its coordinates come from.

    A radius is the diameter of the smallest sphere through some of the points (of two: their distance; of one: 0), a
    level is the value of the function at one of them. Derivatives of a measure follow from these alone (Loiseaux et
    al., arXiv:2406.07224).

    Attributes:
        measure: positions and weights.
        radius_points: [m, k] those points, filled up with -1.
        level_point: [m] that point; -1 where the level was given and is no value of the function.
    """

    measure: SignedMeasure
    radius_points: np.ndarray
    level_point: np.ndarray


def collect(positions: np.ndarray, weights: np.ndarray) -> tuple[SignedMeasure, np.ndarray]:
    """Adds up the weights at equal positions and drops what cancels.

    Args:
        positions: [k, c].
        weights: [k] integers.

    Returns:
        The measure, and [m] which of the k each of its Diracs was first seen at.
    """
    order = np.lexsort(positions.T[::-1])
    sorted_positions = positions[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sorted_positions[1:] != sorted_positions[:-1]).any(axis=1)
    starts = np.flatnonzero(new)
    sums = np.add.reduceat(weights[order].astype(np.int64), starts) if len(starts) else np.zeros(0, dtype=np.int64)
    kept = sums != 0
    return SignedMeasure(sorted_positions[starts[kept]], sums[kept]), order[starts[kept]]


def evaluate(measure: SignedMeasure, radii: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The function whose Moebius inverse the measure is: H(r, y) = mu({(r', y'): r' <= r, y' <= y}).

    Args:
        measure: positions [m, 2].
        radii: [g] increasing.
        levels: [h] increasing.

    Returns:
        [g, h] int64.
    """
    table = np.zeros((len(radii) + 1, len(levels) + 1), dtype=np.int64)  # the last row and column lie beyond the grid
    rows = np.searchsorted(radii, measure.positions[:, 0])
    columns = np.searchsorted(levels, measure.positions[:, 1])
    np.add.at(table, (rows, columns), measure.weights)
    return table[:-1, :-1].cumsum(axis=0).cumsum(axis=1)
