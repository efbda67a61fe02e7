"""The Kantorovich-Rubinstein distance of signed measures, which the stability theorems bound."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.errors import BadInput, TooLarge
from core.topology.engine.measure import SignedMeasure

MOST_UNITS = 4_000  # the assignment takes n^3 steps and n^2 memory


def kantorovich_rubinstein(first: SignedMeasure, second: SignedMeasure) -> float:
    """The least cost of moving mu+ + nu- onto nu+ + mu-, a unit over a distance |x|_1 costing that distance.

    For filtrations f and g of one complex it is at most 2 |f - g|_1 for Hilbert measures and |f - g|_1 for Euler
    measures, the norm being the sum over simplices and coordinates (Loiseaux et al., arXiv:2306.03801).

    Args:
        first: integer weights.
        second: integer weights of the same sum.

    Raises:
        BadInput: unequal masses.
        TooLarge: more units of mass than can be matched.
    """
    if first.weights.sum() != second.weights.sum():
        raise BadInput(
            f"The measures have masses {first.weights.sum()} and {second.weights.sum()}; a transport distance needs "
            "equal masses: complete both at one corner first, complete_mass(positions, weights, corner)."
        )
    positions = np.concatenate([first.positions, second.positions])
    weights = np.concatenate([first.weights, -second.weights])
    units = int(weights[weights > 0].sum())
    if units > MOST_UNITS:
        raise TooLarge(f"The measures hold {units:,} units of mass; at most {MOST_UNITS:,} can be matched exactly.")
    sources = np.repeat(positions[weights > 0], weights[weights > 0], axis=0)
    targets = np.repeat(positions[weights < 0], -weights[weights < 0], axis=0)
    cost = np.abs(sources[:, None, :] - targets[None, :, :]).sum(axis=2)
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].sum())
