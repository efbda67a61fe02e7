"""Arrays that compiled code fills without knowing how long they get. Copied by loops, which numba compiles quickly."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True)
def longer(values: np.ndarray) -> np.ndarray:
    """A copy with room for twice as many values."""
    copy = np.empty(2 * len(values), dtype=values.dtype)
    for place in range(len(values)):
        copy[place] = values[place]
    return copy


@njit(nogil=True)
def longer_table(rows: np.ndarray) -> np.ndarray:
    """A copy with room for twice as many rows."""
    copy = np.empty((2 * len(rows), rows.shape[1]), dtype=rows.dtype)
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            copy[row, column] = rows[row, column]
    return copy
