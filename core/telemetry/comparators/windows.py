"""Detectors that look at some consecutive rows at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.errors import BadInput
from core.telemetry.comparators.scaling import Scaled

FEW_CHANNELS = 10  # with so few, one row says little
FEW_CHANNELS_WIDTH = 20
_BLOCK = 2**22  # numbers in memory at once


def usual_width(channels: int) -> int:
    """Rows of a window for methods that need none: 20 for few channels, otherwise 1."""
    return FEW_CHANNELS_WIDTH if channels <= FEW_CHANNELS else 1


def nominal_windows(data: Scaled, width: int, most: int) -> np.ndarray:
    """[windows, width * channels] windows of nominal rows without a row that has no value, evenly thinned out.

    Args:
        data: scaled channels.
        width: rows of a window.
        most: windows to return.

    Raises:
        BadInput: there are not even two.
    """
    starts = np.flatnonzero(_whole(data.nominal, width))
    if starts.size < 2:
        raise BadInput(
            f"The {int(data.nominal.sum())} nominal rows hold no stretch of {width + 1} rows without a gap, which is "
            "what a window needs; choose a longer nominal range."
        )
    if starts.size > most:
        starts = starts[np.linspace(0, starts.size - 1, most).astype(np.int64)]
    return _windows(data.values, width, starts)


def scores_by_window(data: Scaled, width: int, score: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """[rows] mean of the scores of the windows that a row lies in; NaN where it lies in none without a gap.

    Args:
        data: scaled channels.
        width: rows of a window.
        score: from [windows, width * channels] to [windows].
    """
    rows, channels = data.values.shape
    total, count = np.zeros(rows), np.zeros(rows)
    starts = np.flatnonzero(_whole(data.known, width))
    for part in np.array_split(starts, max(1, -(-starts.size * width * channels // _BLOCK))):
        if part.size == 0:
            continue
        found = score(_windows(data.values, width, part))
        for offset in range(width):
            total[part + offset] += found
            count[part + offset] += 1
    return np.divide(total, count, out=np.full(rows, np.nan), where=count > 0)


def _whole(flags: np.ndarray, width: int) -> np.ndarray:
    """For each first row of a window: whether all its rows are true."""
    if flags.size < width:
        return np.zeros(0, dtype=bool)
    before = np.concatenate([[0], np.cumsum(flags)])
    return before[width:] - before[:-width] == width


def _windows(values: np.ndarray, width: int, starts: np.ndarray) -> np.ndarray:
    return sliding_window_view(values, width, axis=0)[starts].reshape(starts.size, -1)
