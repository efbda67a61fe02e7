"""The points that the estimators work on: checked, without duplicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput

MINIMUM_POINTS = 10  # below it no estimator has an interval that says anything


@dataclass(frozen=True)
class DistinctPoints:
    """Finite, distinct points.

    Attributes:
        points: floats of shape [n, p], in the order in which they were given.
        duplicates: how many rows were removed because an equal row stands before them.
    """

    points: np.ndarray
    duplicates: int


def distinct_points(points: np.ndarray) -> DistinctPoints:
    """Checks points and removes exact duplicates.

    A duplicate has a neighbour at distance zero, so every estimator that takes the logarithm of a ratio
    of neighbour distances would be drawn towards zero by it.

    Args:
        points: numbers of shape [n, p].

    Raises:
        BadInput: not a matrix of numbers, NaN or infinity (the first is named), or too few distinct points.
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] == 0 or points.dtype.kind not in "buif":
        raise BadInput(
            f"Points: an array of shape {points.shape} and type {points.dtype} was found; a matrix of numbers with "
            "one point a row is expected, so reshape it to (points, coordinates)."
        )
    if points.dtype not in (np.float32, np.float64):
        points = points.astype(np.float64)
    finite = np.isfinite(points)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise BadInput(
            f"Points: row {row}, column {column} holds {points[row, column]}; finite numbers are expected, "
            "so fill or drop that row."
        )
    first = np.sort(_first_of_each(points))
    if len(first) < MINIMUM_POINTS:
        raise BadInput(
            f"Points: {len(first)} distinct rows of {len(points)} were found; at least {MINIMUM_POINTS} are "
            "needed to see a dimension, so bring more points or a column that varies."
        )
    return DistinctPoints(points[first], len(points) - len(first))


def unit_scaled(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Points as float64, divided by the power of two next to their largest coordinate and centred, and that divisor.

    The squares of such coordinates can neither overflow nor, for points that differ visibly, vanish.
    """
    scale = float(np.exp2(np.floor(np.log2(np.abs(points).max() or 1.0))))
    scaled = points.astype(np.float64)
    scaled /= scale
    scaled -= scaled.mean(axis=0)
    return scaled, scale


def _first_of_each(points: np.ndarray) -> np.ndarray:
    rows = np.ascontiguousarray(points + 0.0)  # + 0.0 makes one zero of -0.0 and 0.0, so equal rows have equal bytes
    as_bytes = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    first: np.ndarray = np.unique(as_bytes, return_index=True)[1]
    return first
