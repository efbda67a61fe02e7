"""The Hilbert function: dimensions of homology at radii and levels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from core.topology.engine.bifiltration import Simplices
from core.topology.engine.checks import checked_axis
from core.topology.engine.measure import evaluate
from core.topology.engine.signed_measure import signed_measure


def hilbert_function(
    points: ArrayLike | None = None,
    function: ArrayLike | None = None,
    radii: ArrayLike = (),
    levels: ArrayLike = (),
    degrees: Iterable[int] = (0, 1),
    filtration: str = "rips",
    *,
    simplices: Simplices | None = None,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
) -> dict[int, np.ndarray]:
    """dim H_k of what has entered up to each radius and level, both included.

    Sampled exactly: nothing is rounded to the grid.

    >>> square = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> hilbert_function(square, [0.0, 0.0, 0.0, 1.0], radii=[0.0, 1.0, 1.5], levels=[0.0, 1.0])[1].tolist()
    [[0, 0], [0, 1], [0, 0]]

    Args:
        points: [n, d].
        function: [n] second parameter.
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: of homology.
        filtration: "rips" or "alpha".
        simplices: in place of points: a list of vertex tuples, and grades [m, 2].
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out; None for all.

    Returns:
        By degree [g, h] int64.

    Raises:
        BadInput: input that can't be used.
        TooLarge: more simplices than fit.
    """
    radius_axis, level_axis = checked_axis(radii, "radii"), checked_axis(levels, "levels")
    measures = signed_measure(
        points,
        function,
        degrees,
        filtration,
        "hilbert",
        level_axis,
        simplices,
        distances=distances,
        threshold=threshold,
    )
    return {int(degree): evaluate(measure, radius_axis, level_axis) for degree, measure in measures.items()}
