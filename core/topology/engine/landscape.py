"""Multiparameter persistence landscapes (Vipond, Journal of Machine Learning Research 21, 2020)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.bifiltration import Simplices, bifiltration
from core.topology.engine.checks import checked_axis
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.line_barcode import bars_on_lines, checked_direction

_SAME_DIAGONAL = 1e-13  # of the extent: grid points whose diagonals differ by less share one


def landscape(
    points: ArrayLike | None = None,
    function: ArrayLike | None = None,
    radii: ArrayLike = (),
    levels: ArrayLike = (),
    degrees: Iterable[int] = (0, 1),
    layers: int = 1,
    filtration: str = "rips",
    *,
    direction: Sequence[float] = (1.0, 1.0),
    simplices: Simplices | None = None,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
) -> dict[int, np.ndarray]:
    """lambda_k(x) = sup{e >= 0: rank of H(x - e v) -> H(x + e v) is at least k}, v the direction.

    Args:
        points: [n, d].
        function: [n] second parameter.
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: of homology.
        layers: k = 1, ..., layers.
        filtration: "rips" or "alpha".
        direction: v, both coordinates above zero; (1, 1) is Vipond's. Where radius and level have different units,
            their ranges are a fairer choice.
        simplices: in place of points: a list of vertex tuples, and grades [m, 2].
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out; None for all.

    Returns:
        By degree [layers, g, h] float64; infinite where bars never end and never begin, which finite data don't have.

    Raises:
        BadInput: input that can't be used.
        TooLarge: more simplices than fit.
    """
    chosen = tuple(degrees)
    filtered = bifiltration(
        points, function, chosen, filtration, simplices=simplices, distances=distances, threshold=threshold
    )
    axes = checked_axis(radii, "radii"), checked_axis(levels, "levels")
    return landscape_on_grid(filtered, *axes, chosen, layers, direction)


def landscape_on_grid(
    filtered: BifilteredComplex,
    radii: np.ndarray,
    levels: np.ndarray,
    degrees: tuple[int, ...],
    layers: int,
    direction: Sequence[float] = (1.0, 1.0),
) -> dict[int, np.ndarray]:
    """`landscape` of a complex: on the line through x along v, the k-th largest of min(x - birth, death - x).

    One barcode for each line of the direction that meets the grid: g + h - 1 if the steps of both axes are equal in
    units of v, up to g h else.

    Args:
        filtered: complex.
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: up to the complex's `highest_degree`.
        layers: at least 1.
        direction: both coordinates above zero.

    Raises:
        BadInput: layers or direction that can't be used.
    """
    if layers < 1 or layers != int(layers):
        raise BadInput(f"layers is {layers}; a whole number from 1 is expected.")
    result = {degree: np.zeros((layers, len(radii), len(levels))) for degree in degrees}
    lines = lines_through_grid(radii, levels, direction)
    bases = np.array([(radii[rows[0]], levels[columns[0]]) for rows, columns in lines])
    for degree, many in bars_on_lines(filtered, bases, direction, degrees).items():
        for number, (rows, columns) in enumerate(lines):
            found, times = many.of(number), (radii[rows] - bases[number, 0]) / direction[0]
            tents = np.minimum(times[:, None] - found.births, found.deaths - times[:, None]).clip(min=0.0)
            highest = -np.sort(-tents, axis=1)[:, :layers]
            result[degree][: highest.shape[1], rows, columns] = highest.T
    return result


def lines_through_grid(
    radii: np.ndarray, levels: np.ndarray, direction: Sequence[float]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The grid points by the lines of a direction on which they lie: rows and columns of each."""
    slope = checked_direction(direction)
    offsets = (radii / slope[0])[:, None] - (levels / slope[1])[None, :]
    rows, columns = np.divmod(np.argsort(offsets, axis=None, kind="stable"), len(levels))
    steps = np.diff(offsets[rows, columns])
    ends = np.flatnonzero(steps > _SAME_DIAGONAL * max(np.abs(offsets).max(), 1e-300)) + 1
    return list(zip(np.split(rows, ends), np.split(columns, ends), strict=True))
