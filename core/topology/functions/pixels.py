"""Second parameters of images: functions on pixels."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from core.errors import BadInput


def blurred(intensity: np.ndarray, bandwidth: float) -> np.ndarray:
    """g(x) = -(intensity convolved with a Gaussian): low where much is bright around a pixel.

    Args:
        intensity: [h, w].
        bandwidth: standard deviation in pixels; below 0 a share of the image's diagonal.

    Raises:
        BadInput: a bandwidth of 0.
    """
    if not np.isfinite(bandwidth) or bandwidth == 0:
        raise BadInput(
            f"The bandwidth is {bandwidth}; a number above 0, or below 0 for a share of the diagonal, is expected."
        )
    width = bandwidth if bandwidth > 0 else -bandwidth * float(np.hypot(*intensity.shape))
    return -gaussian_filter(np.asarray(intensity, dtype=np.float64), width, mode="constant")


def centre_distance(intensity: np.ndarray) -> np.ndarray:
    """g(x) = distance of a pixel from the centre of brightness, in pixels; from the middle of an image without any.

    Args:
        intensity: [h, w].
    """
    rows, columns = np.indices(intensity.shape)
    weights = intensity - intensity.min()
    if not weights.sum() > 0:
        weights = np.ones_like(intensity)
    centre = [(axis * weights).sum() / weights.sum() for axis in (rows, columns)]
    return np.hypot(rows - centre[0], columns - centre[1])
