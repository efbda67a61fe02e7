"""How far two measures lie apart: by transport, along lines, as functions, and as images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import TooLarge
from core.topology.engine.measure import SignedMeasure, evaluate
from core.topology.engine.sliced_wasserstein import sliced_wasserstein
from core.topology.engine.transport import MOST_UNITS, kantorovich_rubinstein

_NOTHING = SignedMeasure(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
_ROWS = 1 << 22  # pairs of Diracs that are held at once


@dataclass(frozen=True)
class Distances:
    """Between two measures, in units of the box.

    Attributes:
        transport: Kantorovich-Rubinstein, exact; what the theorem bounds.
        sliced: sliced Wasserstein, at most as large.
        functions: integral of the difference of the two functions over the box, at most as large as well.
        features: norm of the difference of the two Gaussian images in the plane.
    """

    transport: float
    sliced: float
    functions: float
    features: float


def distances_of(moved: SignedMeasure, bandwidth: float) -> Distances:
    """The sizes of a difference of measures without mass.

    Args:
        moved: as `moved_mass` returns it.
        bandwidth: of the images.

    Raises:
        TooLarge: more mass than can be matched exactly.
    """
    units = int(moved.weights[moved.weights > 0].sum())
    if units > MOST_UNITS:
        raise TooLarge(
            f"The two measures differ in {units:,} units of mass and at most {MOST_UNITS:,} can be matched exactly: lower "
            "most_points, or bring a smaller image or graph."
        )
    if not units:
        return Distances(0.0, 0.0, 0.0, 0.0)
    return Distances(
        transport=kantorovich_rubinstein(moved, _NOTHING),
        sliced=sliced_wasserstein(*moved, *_NOTHING),
        functions=_integral(moved),
        features=image_norm(moved, bandwidth),
    )


def lipschitz(bandwidth: float) -> float:
    """The largest rate at which the image of a Dirac moves with it.

    |K_p - K_q|^2 = (1 - exp(-|p - q|^2 / 4 h^2)) / (2 pi h^2) <= |p - q|^2 / (8 pi h^4), so images of measures lie at most
    1 / (h^2 sqrt(8 pi)) times as far apart as the measures: a transport plan moves unit after unit.

    >>> round(lipschitz(1.0), 6)
    0.199471
    """
    return float(1 / (np.sqrt(8 * np.pi) * bandwidth**2))


def image_norm(measure: SignedMeasure, bandwidth: float) -> float:
    """The norm in L2 of the plane of V(z) = sum_p w_p exp(-|z - p|^2 / 2 h^2) / (2 pi h^2).

    The product of two such kernels is a kernel of their distance with twice the variance, so no grid is needed. A vector
    of features on a grid of spacing s has this norm over s, but for what lies beyond the grid.

    >>> round(image_norm(SignedMeasure(np.zeros((1, 2)), np.array([3])), 1.0), 6) == round(3 / np.sqrt(4 * np.pi), 6)
    True
    """
    where, mass = measure.positions, measure.weights.astype(np.float64)
    squares = (where**2).sum(axis=1)
    total = 0.0
    step = max(_ROWS // max(len(mass), 1), 1)
    for start in range(0, len(mass), step):
        rows = slice(start, start + step)
        gaps = squares[rows, None] + squares[None, :] - 2 * where[rows] @ where.T
        total += float(mass[rows] @ np.exp(-np.maximum(gaps, 0.0) / (4 * bandwidth**2)) @ mass)
    return float(np.sqrt(max(total, 0.0) / (4 * np.pi * bandwidth**2)))


def _integral(moved: SignedMeasure) -> float:
    """Of the absolute value of the function over the box, exactly: it is constant between neighbouring coordinates."""
    inside = SignedMeasure(np.maximum(moved.positions, 0.0), moved.weights)
    radii, levels = (np.unique(np.append(axis, 1.0)) for axis in inside.positions.T)
    table = np.abs(evaluate(inside, radii[:-1], levels[:-1]))
    return float(np.diff(radii) @ table @ np.diff(levels))
