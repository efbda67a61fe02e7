"""Smooth calibration error."""

from __future__ import annotations

import math

import numpy as np
from scipy.fft import dct
from scipy.optimize import brentq

from core.calibration.metrics.pairs import Pairs

CELLS = 1 << 14  # the values sit on a grid of 6e-5; scores between its nodes are shared by the two neighbours
SMALLEST = 4 / CELLS  # below this width the grid would show


def linear_binning(scores: np.ndarray, weights: np.ndarray, cells: int) -> np.ndarray:
    """Shares each weight between the two neighbouring nodes i/cells of its score; returns [cells + 1]."""
    position = scores * cells
    left = np.minimum(position.astype(np.int64), cells - 1)
    share = position - left
    low = np.bincount(left, weights * (1 - share), minlength=cells + 1)
    return low + np.bincount(left + 1, weights * share, minlength=cells + 1)


def cosine_moments(pairs: Pairs, cells: int = CELLS) -> np.ndarray:
    """mean_i r_i cos(pi k c_i) for k = 0..cells: the residuals in the basis in which reflected smoothing is diagonal."""
    mass = linear_binning(pairs.scores, pairs.residuals, cells) / pairs.n
    mass[[0, -1]] *= 2  # the end nodes are their own mirror images; DCT-I counts inner nodes twice
    return dct(mass, type=1) / 2


def smoothed_residual(moments: np.ndarray, width: float) -> np.ndarray:
    """mean_i r_i K_s(t, c_i) at even steps of t from 0 to 1, K_s the Gaussian of width s reflected at 0 and 1.

    The Gaussian with all its mirror images is the heat kernel with closed ends: 1 + 2 sum_k exp(-(pi k s)^2 / 2)
    cos(pi k t) cos(pi k c). Frequencies that it damps away are left out, with at least 16 steps a width.
    """
    steps = min(moments.size - 1, 1 << max(10, math.ceil(math.log2(16 / width))))
    k = np.arange(steps + 1)
    damped = moments[: steps + 1] * np.exp(-0.5 * (np.pi * k * width) ** 2)
    damped[-1] *= 2
    return dct(damped, type=1)


def smece_at(moments: np.ndarray, width: float) -> float:
    """smECE_s = integral over [0, 1] of |mean_i r_i K_s(t, c_i)| dt, by the trapezoidal rule on the grid."""
    values = np.abs(smoothed_residual(moments, width))
    return float((values.sum() - (values[0] + values[-1]) / 2) / (values.size - 1))


def smece(pairs: Pairs) -> float:
    """smECE = smECE_s at the width s where smECE_s = s.

    Blasiok and Nakkiran 2023 (arXiv 2309.12236), definition 7 and section 3: the width isn't chosen by hand, and the
    value is within a constant of the distance to the nearest calibrated predictor.

    Args:
        pairs: [n] sorted confidences and outcomes.
    """
    moments = cosine_moments(pairs)

    def excess(width: float) -> float:
        return smece_at(moments, width) - width

    if excess(SMALLEST) <= 0:
        return smece_at(moments, SMALLEST)
    return float(brentq(excess, SMALLEST, 1.0, xtol=1e-10))
