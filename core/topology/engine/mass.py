"""Completing signed measures to mass zero, so that transport distances compare like with like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.measure import SignedMeasure, collect


def complete_mass(positions: ArrayLike, weights: ArrayLike, corner: Sequence[float]) -> SignedMeasure:
    """The measure of the same function, set to 0 from the corner on in either coordinate.

    H(x) [x < c] is H less what lies beyond in each coordinate: every Dirac at (r, y) gets companions of opposite weight
    at (c_r, y) and (r, c_y), and one of its own weight at the corner. The mass is then 0.

    >>> measure = complete_mass([[0.0, 0.0]], [1], corner=(2.0, 3.0))
    >>> [(*map(float, p), int(w)) for p, w in zip(*measure)]
    [(0.0, 0.0, 1), (0.0, 3.0, -1), (2.0, 0.0, -1), (2.0, 3.0, 1)]

    Args:
        positions: [m, c].
        weights: [m] integers.
        corner: [c]; what lies at it or beyond in some coordinate vanishes. Infinite coordinates are cut there too.

    Raises:
        BadInput: a corner that is not finite or has another number of coordinates.
    """
    where = np.asarray(positions, dtype=np.float64).reshape(-1, len(corner))
    mass, cut = np.asarray(weights), np.asarray(corner, dtype=np.float64)
    if not np.isfinite(cut).all():
        raise BadInput(f"corner is {tuple(corner)}; finite numbers are expected.")
    if mass.shape != (len(where),) or (np.ndim(positions) != 2 and len(where)):
        raise BadInput(
            f"positions has shape {np.shape(positions)} and weights {np.shape(weights)}; [m, c], [m] expected."
        )
    if not np.array_equal(mass, np.round(mass)):
        raise BadInput("weights must be whole numbers.")
    where = np.minimum(where, cut)
    mass = mass.astype(np.int64)
    for coordinate in range(len(cut)):
        beyond = where.copy()
        beyond[:, coordinate] = cut[coordinate]
        where, mass = np.concatenate([where, beyond]), np.concatenate([mass, -mass])
    return collect(where, mass)[0]


def complete_rectangles(positions: ArrayLike, weights: ArrayLike, corner: Sequence[float]) -> SignedMeasure:
    """A rank measure cut at a corner: all rectangles end there at the latest, and the mass is 0.

    A rectangle without extent counts for no rank, so one at the corner takes the weight that is left over, as the
    diagonal does for persistence diagrams.

    Args:
        positions: [m, 4] from (radius, level) to (radius, level), which may be infinite.
        weights: [m] integers.
        corner: (radius, level); rectangles that begin at it or beyond in some coordinate vanish.

    Raises:
        BadInput: a corner that is not two finite numbers, or weights that are no whole numbers.
    """
    where, mass, cut = _checked(positions, weights, corner, 4)
    twice = np.concatenate([cut, cut])
    inside = (where[:, :2] < cut).all(axis=1)
    where, mass = np.minimum(where[inside], twice), mass[inside]
    return collect(np.concatenate([where, twice[None, :]]), np.append(mass, -mass.sum()))[0]


def upper_corner(positions: Iterable[ArrayLike], margin: float = 0.1) -> np.ndarray:
    """A corner above all finite coordinates of some measures, by a part of their extent.

    Args:
        positions: of each measure [m, c].
        margin: part of the extent; an axis of one value only is cut one unit above it.

    Raises:
        BadInput: there is no Dirac at all.
    """
    tables = [np.asarray(table, dtype=np.float64) for table in positions]
    tables = [table for table in tables if len(table)]
    if not tables:
        raise BadInput("There are no Diracs to put a corner above: give corner itself.")
    together = np.concatenate(tables)
    corner = np.empty(together.shape[1])
    for coordinate, values in enumerate(together.T):
        finite = values[np.isfinite(values)]
        low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
        corner[coordinate] = high + (margin * (high - low) if high > low else 1.0)
    return corner


def _checked(
    positions: ArrayLike, weights: ArrayLike, corner: Sequence[float], coordinates: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    where, mass = np.asarray(positions, dtype=np.float64), np.asarray(weights)
    cut = np.asarray(corner, dtype=np.float64)
    if cut.shape != (2,) or not np.isfinite(cut).all():
        raise BadInput(f"corner is {corner}; two finite numbers (radius, level) are expected.")
    if where.size == 0 and mass.size == 0:
        return np.zeros((0, coordinates)), np.zeros(0, dtype=np.int64), cut
    if where.ndim != 2 or where.shape[1] != coordinates or mass.shape != (len(where),):
        raise BadInput(
            f"positions has shape {where.shape} and weights {mass.shape}; [m, {coordinates}] and [m] are expected."
        )
    if not np.array_equal(mass, np.round(mass)):
        raise BadInput("weights holds fractions; whole numbers are expected.")
    return where, mass.astype(np.int64), cut
