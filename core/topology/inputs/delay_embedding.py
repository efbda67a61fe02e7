"""Delay embedding: from a series to the curve that it draws (Takens, Detecting strange attractors in turbulence, 1981)."""

from __future__ import annotations

import numpy as np

from core.errors import BadInput


def delay_embedding(
    series: np.ndarray, dimension: int = 3, delay: int = 1, skip: int = 1, *, drop_ends: bool = False
) -> np.ndarray:
    """The points (x[t], x[t + delay], ..., x[t + (dimension - 1) delay]) for t = 0, skip, 2 skip, ...

    >>> delay_embedding(np.array([[1.0, 2.0, 3.0, 4.0]]), dimension=2).tolist()
    [[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]

    Args:
        series: [channels, length]; the channels stand side by side.
        dimension: coordinates for each channel.
        delay: steps between them.
        skip: steps between points.
        drop_ends: leave out the last sample, as the code of arXiv:2306.03801 does ("paper mode"). It slices each row of
            an archive file from its second to its last but one entry: the label goes, and so does the last sample.

    Returns:
        [points, channels * dimension] float64.

    Raises:
        BadInput: a number below 1, or a series too short for one point.
    """
    for name, value in (("dimension", dimension), ("delay", delay), ("skip", skip)):
        if value < 1 or value != int(value):
            raise BadInput(f"The delay embedding's {name} is {value}; a whole number from 1 is expected.")
    values = np.asarray(series, dtype=np.float64)
    if drop_ends:
        values = values[:, :-1]
    channels, length = values.shape
    count = embedded_points(length, dimension, delay, skip)
    if count < 1:
        raise BadInput(
            f"A series of {length} values is too short for a delay embedding with dimension {dimension} and delay {delay}, which "
            f"needs {(dimension - 1) * delay + 1}: lower one of them."
        )
    starts = np.arange(count) * skip
    steps = np.arange(dimension) * delay
    return values[:, starts[:, None] + steps].transpose(1, 0, 2).reshape(count, channels * dimension)


def embedded_points(length: int, dimension: int, delay: int, skip: int) -> int:
    """How many points a series gives; none if it is too short."""
    return max((length - (dimension - 1) * delay - 1) // skip + 1, 0)
