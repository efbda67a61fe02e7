"""Missing telemetry: single rows that were lost, and one pass of the ground station."""

from __future__ import annotations

import numpy as np

LOST_SHARE = 0.002
PASS_HOURS = 12.0


def missing_rows(rng: np.random.Generator, busy: np.ndarray, minutes: float) -> np.ndarray:
    """[rows] bool: 0.2 % of the rows at random, and 12 hours at one place where no event is.

    Args:
        rng: draws both.
        busy: [rows] bool, rows of events; the long gap meets none, so that every event can be found.
        minutes: between two rows.
    """
    rows = len(busy)
    missing = np.zeros(rows, dtype=bool)
    missing[rng.choice(rows, round(LOST_SHARE * rows), replace=False)] = True
    length = round(PASS_HOURS * 60 / minutes)
    events_before = np.concatenate([[0], np.cumsum(busy)])
    free = np.flatnonzero(events_before[length:] == events_before[:-length])
    start = rng.choice(free)
    missing[start : start + length] = True
    return missing
