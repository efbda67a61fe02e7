"""Mean distance from the nominal mean."""

from __future__ import annotations

import numpy as np

from core.telemetry.comparators.scaling import scaled


def absolute_z(values: np.ndarray, nominal: np.ndarray, seed: int = 0) -> np.ndarray:
    """[rows] mean over the channels of |value - nominal mean| / nominal standard deviation: the least to beat.

    Args:
        values: [rows, channels]; NaN is missing and left out of the mean.
        nominal: [rows] bool, the rows to learn from.
        seed: without effect.

    Raises:
        BadInput: sizes that don't match, or nothing that moves.
    """
    data = scaled(values, nominal)
    count = data.present.sum(axis=1)
    return np.divide(np.abs(data.values).sum(axis=1), count, out=np.full(len(count), np.nan), where=count > 0)
