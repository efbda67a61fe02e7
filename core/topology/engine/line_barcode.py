"""Fibered barcodes: the persistence of a bifiltration along a line of positive slope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.persistence import Bars, ManyBars, bars_of_all


def line_barcode(
    points: ArrayLike | None = None,
    function: ArrayLike | None = None,
    basepoint: Sequence[float] = (0.0, 0.0),
    direction: Sequence[float] = (1.0, 1.0),
    degrees: Iterable[int] = (0, 1),
    filtration: str = "rips",
    *,
    simplices: tuple[Sequence[Sequence[int]], ArrayLike] | None = None,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
) -> dict[int, np.ndarray]:
    """The bars of the bifiltration along t -> basepoint + t direction.

    Args:
        points: [n, d].
        function: [n] second parameter.
        basepoint: (radius, level).
        direction: both coordinates above zero.
        degrees: of homology.
        filtration: "rips" or "alpha".
        simplices: in place of points: vertices of each simplex, and grades [m, 2].
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out; None for all.

    Returns:
        By degree [m, 2] births and deaths in t, in lexicographic order; deaths are infinite for bars that never end.

    Raises:
        BadInput: points, function, simplices, degrees or line that can't be used.
    """
    filtered = bifiltration(
        points, function, degrees, filtration, simplices=simplices, distances=distances, threshold=threshold
    )
    found = bars_on_line(filtered, basepoint, direction, tuple(degrees))
    return {degree: diagram(found[degree]) for degree in found}


def bars_on_line(
    filtered: BifilteredComplex, basepoint: ArrayLike, direction: ArrayLike, degrees: tuple[int, ...]
) -> dict[int, Bars]:
    """The bars of a complex along a line, with the cells that begin and end them.

    Args:
        filtered: complex.
        basepoint: (radius, level).
        direction: both coordinates above zero.
        degrees: up to the complex's `highest_degree`.

    Raises:
        BadInput: a line that is not finite or does not rise in both coordinates.
    """
    start = np.asarray(basepoint, dtype=np.float64)
    if start.shape != (2,) or not np.isfinite(start).all():
        raise BadInput(f"basepoint is {basepoint!r}; two finite numbers (radius, level) are expected.")
    return {degree: found.of(0) for degree, found in bars_on_lines(filtered, start[None], direction, degrees).items()}


def bars_on_lines(
    filtered: BifilteredComplex, basepoints: np.ndarray, direction: ArrayLike, degrees: tuple[int, ...]
) -> dict[int, ManyBars]:
    """`bars_on_line` for many parallel lines.

    Args:
        filtered: complex.
        basepoints: [lines, 2] finite (radius, level).
        direction: both coordinates above zero.
        degrees: up to the complex's `highest_degree`.

    Raises:
        BadInput: a direction that is not finite or does not rise in both coordinates.
    """
    slope = checked_direction(direction)

    def times(some: slice) -> list[np.ndarray]:
        radii, levels = basepoints[some].T[:, :, None]
        return [
            np.maximum((cells.grades[:, 0] - radii) / slope[0], (cells.grades[:, 1] - levels) / slope[1])
            for cells in filtered.cells
        ]

    return bars_of_all(filtered, len(basepoints), times, degrees)


def checked_direction(direction: ArrayLike) -> np.ndarray:
    """[2] a direction that rises in both coordinates.

    Raises:
        BadInput: another one.
    """
    slope = np.asarray(direction, dtype=np.float64)
    if slope.shape != (2,) or not (np.isfinite(slope).all() and (slope > 0).all()):
        raise BadInput(f"direction is {direction!r}; two numbers above 0 are expected, so that the line rises in both.")
    return slope


def diagram(found: Bars) -> np.ndarray:
    """[m, 2] births and deaths in lexicographic order."""
    order = np.lexsort((found.deaths, found.births))
    return np.column_stack([found.births, found.deaths])[order]
