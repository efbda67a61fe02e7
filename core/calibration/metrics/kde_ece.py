"""Kernel density calibration error of the confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from core.calibration.metrics.pairs import Pairs
from core.calibration.metrics.undefined import Undefined

POINTS = 1 << 14
LOW, HIGH = -0.6, 1.6
STEP = (HIGH - LOW) / (POINTS - 1)
GRID = LOW + STEP * np.arange(POINTS)
INSIDE = (GRID > 0) & (GRID < 1)


def kde_ece(pairs: Pairs) -> float:
    """KDE-ECE = integral over [0, 1] of |x - acc(x)| p(x) dx / integral of p, acc(x) = min(1, acc p_right(x) / p(x)).

    Zhang et al. 2020 (arXiv 2003.07329) as the study uses it: triweight kernels of standard deviation
    std(confidence of right answers) (2n)^(-1/5) for both densities, data mirrored at the nearer of 0 and 1, 2^14
    points on [-0.6, 1.6].

    Args:
        pairs: [n] sorted confidences and outcomes.

    Raises:
        Undefined: The right answers have no spread of confidence that the grid could resolve.
    """
    right = pairs.scores[pairs.outcomes > 0]
    bandwidth = float(np.std(right)) * (2 * pairs.n) ** -0.2 if right.size else 0.0
    if 3 * bandwidth < 2 * STEP:
        raise Undefined("the confidences of the right answers are all (nearly) the same, so there is no bandwidth")
    share = right.size / pairs.n
    every, of_right = mirrored_densities((pairs.scores, right), bandwidth)
    dense = every > 1e-9  # below lies the rounding of the Fourier transform
    accuracy = np.minimum(1.0, share * np.divide(of_right, every, out=np.zeros(POINTS), where=dense))
    return float((np.abs(GRID - accuracy) * every * dense).sum() / every.sum())


def mirrored_densities(samples: Sequence[np.ndarray], bandwidth: float) -> np.ndarray:
    """[samples, POINTS] density of values in [0, 1] on `GRID`, zero outside (0, 1); mass beyond the nearer end is
    folded back."""
    masses = np.stack([_mirrored_mass(values) for values in samples])
    reach = 3 * bandwidth  # the triweight kernel on [-1, 1] has standard deviation 1/3
    cells = int(reach / STEP)
    kernel = 35 / 32 * (1 - (np.arange(-cells, cells + 1) * STEP / reach) ** 2) ** 3 / reach
    size = next_fast_len(POINTS + 2 * cells, real=True)
    smooth = irfft(rfft(masses, size) * rfft(kernel, size), size)[:, cells : cells + POINTS]
    densities: np.ndarray = np.maximum(smooth, 0.0) * INSIDE
    return densities


def _mirrored_mass(values: np.ndarray) -> np.ndarray:
    """[POINTS] shares of the values and of their mirror images, each between its two neighbours on the grid."""
    data = np.concatenate([values, np.where(values < 0.5, -values, 2 - values)])
    position = (data - LOW) / STEP
    left = position.astype(np.int64)
    share = position - left
    mass = np.bincount(left, 1 - share, minlength=POINTS) + np.bincount(left + 1, share, minlength=POINTS)
    return mass / max(values.size, 1)
