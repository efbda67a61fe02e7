"""Kernel density calibration error of the confidence."""

from __future__ import annotations

import numpy as np
from scipy.fft import next_fast_len

from core.calibration.metrics.arrays import Array, Value, deposit, fourier, like, namespace, whole
from core.calibration.metrics.pairs import Pairs
from core.calibration.metrics.undefined import where_defined

POINTS = 1 << 14
LOW, HIGH = -0.6, 1.6
STEP = (HIGH - LOW) / (POINTS - 1)
GRID = LOW + STEP * np.arange(POINTS)
INSIDE = (GRID > 0) & (GRID < 1)


def kde_ece(pairs: Pairs) -> Value:
    """KDE-ECE = integral over [0, 1] of |x - acc(x)| p(x) dx / integral of p, acc(x) = min(1, acc p_right(x) / p(x)).

    Zhang et al. 2020 (arXiv 2003.07329) as the study uses it: triweight kernels of standard deviation
    std(confidence of right answers) (2n)^(-1/5) for both densities, data mirrored at the nearer of 0 and 1, 2^14
    points on [-0.6, 1.6].

    Args:
        pairs: [..., n] sorted confidences and outcomes.

    Raises:
        Undefined: The right answers have no spread of confidence that the grid could resolve.
    """
    xp = namespace(pairs.scores)
    right = pairs.outcomes.sum(-1)
    bandwidth = deviation(pairs.scores, pairs.outcomes) * (2 * pairs.n) ** -0.2
    known = 3 * bandwidth >= 2 * STEP
    bandwidth = xp.where(known, bandwidth, STEP)
    weightings = xp.full_like(pairs.scores, 1 / pairs.n), pairs.outcomes / right.clip(min=1)[..., None]
    every, of_right = mirrored_densities(pairs.scores, weightings, bandwidth)
    dense = every > 1e-9  # below lies the rounding of the Fourier transform
    accuracy = ((right / pairs.n)[..., None] * of_right * dense / xp.where(dense, every, 1.0)).clip(max=1.0)
    value = (abs(like(GRID, every) - accuracy) * every * dense).sum(-1) / every.sum(-1)
    reason = "the confidences of the right answers are all (nearly) the same, so there is no bandwidth"
    return where_defined(known, value, reason)


def deviation(scores: Array, weights: Array) -> Value:
    """Standard deviation of the scores [..., n] under weights [..., n]; zero where there is no weight."""
    total = weights.sum(-1).clip(min=1)
    mean = (scores * weights).sum(-1) / total
    squares = weights * (scores - mean[..., None]) ** 2
    return namespace(scores).sqrt(squares.sum(-1) / total)


def mirrored_densities(scores: Array, weightings: tuple[Array, ...], bandwidth: Value) -> tuple[Array, ...]:
    """[..., POINTS] density of values in [0, 1] on `GRID` under each of several weightings.

    It is zero outside (0, 1); the mass beyond the nearer end is folded back.

    Args:
        scores: [..., n].
        weightings: Weights [..., n] that sum to one, as many densities.
        bandwidth: [...] standard deviation of the kernel, at least `STEP`.
    """
    xp = namespace(scores)
    mirrored = xp.concatenate([scores, xp.where(scores < 0.5, -scores, 2 - scores)], -1)
    position = (mirrored - LOW) / STEP
    left = whole(position)
    share = position - left
    reach = 3 * bandwidth[..., None]  # the triweight kernel on [-1, 1] has standard deviation 1/3
    cells = int(xp.amax(reach) / STEP)
    offsets = like(np.arange(-cells, cells + 1) * STEP, scores)
    kernel = 35 / 32 * (1 - (offsets / reach) ** 2).clip(min=0.0) ** 3 / reach
    size = next_fast_len(POINTS + 2 * cells, real=True)
    fft = fourier(scores)
    of_kernel = fft.rfft(kernel, size)
    inside = like(INSIDE, scores)

    def density(weights: Array) -> Array:
        twice = xp.concatenate([weights, weights], -1)
        mass = deposit(left, twice * (1 - share), POINTS) + deposit(left + 1, twice * share, POINTS)
        smooth = fft.irfft(fft.rfft(mass, size) * of_kernel, size)[..., cells : cells + POINTS]
        return smooth.clip(min=0.0) * inside

    return tuple(density(weights) for weights in weightings)
