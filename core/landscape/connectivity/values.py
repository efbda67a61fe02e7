"""What a path between two networks amounts to: mode connectivity and barrier, from values along it."""

from __future__ import annotations

import numpy as np


def mode_connectivity_of(values: np.ndarray) -> np.ndarray:
    """The mean of both ends minus the value that is farthest from it, sign kept.

    Below 0: a barrier. Above 0: the path passes better points than its ends, which had not converged. Near 0: well
    connected. Yang et al. 2021 (arXiv:2107.11228), section 2, who take the training error in percent.

    Args:
        values: [..., places] along the path, the ends included.

    Returns:
        [...]; NaN where a value is not finite.
    """
    ends = (values[..., :1] + values[..., -1:]) / 2
    finite = np.isfinite(values).all(axis=-1)
    farthest = np.abs(np.where(finite[..., None], values - ends, 0.0)).argmax(axis=-1)
    found = np.take_along_axis(ends - values, farthest[..., None], axis=-1)[..., 0]
    return np.where(finite, found, np.nan)


def barrier_of(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The largest height above the straight line between the ends, at least 0.

    Frankle et al. 2020 (arXiv:1912.05671), section 2, with the line of Ainsworth et al. 2022 (arXiv:2209.04836).

    Args:
        values: [..., places] along the path.
        places: [places] from 0 to 1.

    Returns:
        [...]; NaN where a value is not finite.
    """
    straight = (1 - places) * values[..., :1] + places * values[..., -1:]
    found: np.ndarray = (values - straight).max(axis=-1)
    return found
