"""Events and alarms as runs of rows."""

from __future__ import annotations

import numpy as np


def runs(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last row (inclusive) of each run of true rows, in order.

    Args:
        flags: [rows] bool.

    Returns:
        starts, ends: [runs] int64.
    """
    padded = np.zeros(flags.size + 2, dtype=np.int8)
    padded[1:-1] = flags
    change = np.diff(padded)
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1) - 1
