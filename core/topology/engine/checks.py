"""What the engine refuses before it computes: one sentence each, with the place and the remedy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput


def checked_points(points: ArrayLike) -> np.ndarray:
    """A point cloud, [n, d] float64.

    Raises:
        BadInput: no table of numbers, no points, or a value that is not finite (its row and column are named).
    """
    table = _numbers(points, "points")
    if table.ndim != 2 or table.shape[1] == 0:
        raise BadInput(
            f"points has shape {table.shape}; a table [points, coordinates] is expected: "
            "give points on a line as one column, points.reshape(-1, 1)."
        )
    if len(table) == 0:
        raise BadInput("points has no rows; at least one point is expected.")
    bad = np.argwhere(~np.isfinite(table))
    if len(bad):
        row, column = bad[0]
        raise BadInput(
            f"points holds {table[row, column]} in row {row}, column {column} (counted from 0); finite numbers are "
            "expected: drop the row or fill in the value."
        )
    return table


def checked_distances(distances: ArrayLike) -> np.ndarray:
    """A matrix of distances, [n, n] float64; it needn't obey the triangle inequality.

    Raises:
        BadInput: not square, empty, not finite, negative, not symmetric, or not zero on the diagonal.
    """
    table = _numbers(distances, "distances")
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) == 0:
        raise BadInput(f"distances has shape {table.shape}; a square matrix with at least one row is expected.")
    problems = (
        (~np.isfinite(table), "finite numbers are expected"),
        (table < 0, "distances are at least 0"),
        (table != table.T, "the matrix must be symmetric: use (D + D.T) / 2 if the difference is rounding"),
        (np.eye(len(table), dtype=bool) & (table != 0), "a point has distance 0 from itself"),
    )
    for where, sentence in problems:
        if where.any():
            row, column = np.argwhere(where)[0]
            raise BadInput(
                f"distances holds {table[row, column]} in row {row}, column {column} (counted from 0): {sentence}."
            )
    return table


def checked_function(function: ArrayLike | None, count: int, what: str = "points") -> np.ndarray:
    """The second parameter, one value a point, [n] float64.

    Args:
        function: values.
        count: how many there must be.
        what: what they belong to, for the message.

    Raises:
        BadInput: missing, another number of values, or one that is not finite (its row is named).
    """
    if function is None:
        raise BadInput(f"function is missing: give one value for each of the {count} {what}.")
    values = _numbers(function, "function")
    if values.shape != (count,):
        raise BadInput(
            f"function has shape {values.shape} and there are {count} {what}: one value for each is expected, [{count}]."
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise BadInput(
            f"function holds {values[bad[0]]} in row {bad[0]} (counted from 0); finite numbers are expected: "
            "drop the point or give it a finite value."
        )
    return values


def checked_axis(values: ArrayLike, name: str) -> np.ndarray:
    """Increasing values of a grid or levels, [m] float64.

    Raises:
        BadInput: not a list of numbers, empty, not finite, or not strictly increasing.
    """
    axis = _numbers(values, name)
    if axis.ndim == 1 and len(axis) and math.isfinite(axis[0] - axis[-1]) and (axis[1:] > axis[:-1]).all():
        return axis  # the rest finds out what is wrong
    if axis.ndim != 1 or len(axis) == 0:
        raise BadInput(f"{name} has shape {axis.shape}; a list of at least one number is expected.")
    if not np.isfinite(axis).all():
        raise BadInput(f"{name} holds {axis[~np.isfinite(axis)][0]}; finite numbers are expected.")
    falls = np.flatnonzero(np.diff(axis) <= 0)
    if len(falls):
        raise BadInput(
            f"{name} must increase, and value {falls[0] + 1} ({axis[falls[0] + 1]:g}) is not above the one before it "
            f"({axis[falls[0]]:g}): sort it and drop repetitions, numpy.unique({name})."
        )
    return axis


def checked_degrees(degrees: Iterable[int], highest: int, why: str) -> tuple[int, ...]:
    """Degrees of homology, each once and in the order given.

    Args:
        degrees: whole numbers from 0.
        highest: the highest that can be had.
        why: what sets that bound, as the end of "at most 1 ...".

    Raises:
        BadInput: none, repeated, not whole, negative, or above the bound.
    """
    chosen = tuple(degrees)
    if not chosen:
        raise BadInput("degrees is empty; name at least one degree of homology, e.g. (0, 1).")
    for degree in chosen:
        if isinstance(degree, bool) or not isinstance(degree, (int, np.integer)) or degree < 0:
            raise BadInput(f"degrees holds {degree!r}; whole numbers from 0 are expected, e.g. (0, 1).")
        if degree > highest:
            raise BadInput(f"degrees holds {degree}; it is at most {highest} {why}.")
    if len(set(chosen)) < len(chosen):
        raise BadInput(f"degrees names a degree twice: {chosen}.")
    return tuple(int(degree) for degree in chosen)


def checked_threshold(threshold: float | None) -> float:
    """The longest edge that is built; infinite without one.

    Raises:
        BadInput: not a number from 0.
    """
    if threshold is None:
        return np.inf
    if not threshold >= 0:  # refuses NaN too
        raise BadInput(f"threshold is {threshold}; a length of at least 0 is expected, or None for the full range.")
    return float(threshold)


def checked_choice(value: str, choices: Sequence[str], name: str) -> str:
    """One of a list of names.

    Raises:
        BadInput: another one; the message lists them.
    """
    if value not in choices:
        raise BadInput(f"{name} is {value!r}; it is one of {', '.join(choices)}.")
    return value


def checked_positive(value: float, name: str) -> float:
    """A finite number above zero.

    Raises:
        BadInput: anything else.
    """
    if not (math.isfinite(value) and value > 0):
        raise BadInput(f"{name} is {value}; a number above 0 is expected.")
    return float(value)


def _numbers(values: ArrayLike, name: str) -> np.ndarray:
    try:
        return np.array(values, dtype=np.float64)  # a copy: what is handed in is never changed
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"{name} is not a regular table of numbers: each row needs the same number of values."
        ) from error
