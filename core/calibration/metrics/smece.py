"""Smooth calibration error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.calibration.metrics.arrays import Array, Value, deposit, even_transform, like, namespace, whole
from core.calibration.metrics.pairs import Pairs

CELLS = 1 << 14  # the values sit on a grid of 6e-5; scores between its nodes are shared by the two neighbours
FEWEST_STEPS = 1 << 10
SMALLEST = 4 / CELLS  # below this width the grid would show
TOLERANCE = 1e-11
MAX_TRIALS = 100


def linear_binning(scores: Array, weights: Array, cells: int) -> Array:
    """Shares each weight between the two neighbouring nodes i/cells of its score; returns [..., cells + 1]."""
    position = scores * cells
    left = whole(position).clip(max=cells - 1)
    share = position - left
    return deposit(left, weights * (1 - share), cells + 1) + deposit(left + 1, weights * share, cells + 1)


def cosine_moments(pairs: Pairs, cells: int = CELLS) -> Array:
    """mean_i r_i cos(pi k c_i) for k = 0..cells: the residuals in the basis in which reflected smoothing is diagonal."""
    mass = linear_binning(pairs.scores, pairs.residuals, cells) / pairs.n
    mass[..., [0, -1]] *= 2  # the end nodes are their own mirror images; DCT-I counts inner nodes twice
    return even_transform(mass) / 2


def smece_at(moments: Array, width: Value) -> Value:
    """smECE_s = integral over [0, 1] of |mean_i r_i K_s(t, c_i)| dt, by the trapezoidal rule on a grid.

    K_s is the Gaussian of width s reflected at 0 and 1: with all its mirror images it is the heat kernel with closed
    ends, 1 + 2 sum_k exp(-(pi k s)^2 / 2) cos(pi k t) cos(pi k c). Frequencies that it damps away are left out: a power
    of two of steps, at least 16 a width, which each of many models has for itself.

    Args:
        moments: [..., cells + 1] from `cosine_moments`.
        width: [...] s.
    """
    xp = namespace(moments)
    width = xp.asarray(width)
    cells = moments.shape[-1] - 1
    fitting = 2 ** xp.ceil(xp.log2(16 / width))
    steps = whole(fitting.clip(min=FEWEST_STEPS, max=cells))[..., None]
    most = int(steps.max())
    k = like(np.arange(most + 1.0), moments)  # floats: torch would take a whole number times pi as float32
    damped = moments[..., : most + 1] * xp.exp(-0.5 * (np.pi * k * width[..., None]) ** 2) * (k <= steps)
    damped[..., -1] *= 2  # DCT-I counts the last frequency once
    residual = even_transform(damped)  # at the nodes k / most
    node = (k % (most // steps) == 0) * (1 - 0.5 * ((k == 0) | (k == most)))
    return (abs(residual) * node).sum(-1) / steps[..., 0]


def smece(pairs: Pairs) -> Value:
    """smECE = smECE_s at the width s where smECE_s = s.

    Blasiok and Nakkiran 2023 (arXiv 2309.12236), definition 7 and section 3: the width isn't chosen by hand, and the
    value is within a constant of the distance to the nearest calibrated predictor.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
    """
    moments = cosine_moments(pairs)
    xp = namespace(moments)
    low, high = (xp.full_like(moments[..., 0], width) for width in (SMALLEST, 1.0))
    narrow = smece_at(moments, low)
    width = _falling_root(lambda width: smece_at(moments, width) - width, low, high, narrow - low)
    return xp.where(narrow <= low, narrow, width)[()]  # of one model a number, no array without axes


def _falling_root(function: Callable[[Array], Array], low: Array, high: Array, at_low: Array) -> Array:
    """Where a falling function of slope -1 or steeper is zero, for many at once; `low` where it is below zero there.

    The Illinois method (Dowell and Jarratt 1971): false position, with the value at an end that stays halved. Each of
    many stops for itself, so that its root does not depend on the others.
    """
    xp = namespace(low)
    at_high = function(high)
    root, value = low, at_low.clip(min=0.0)
    was_above = was_below = low > high  # neither
    for _ in range(MAX_TRIALS):
        going = abs(value) > TOLERANCE
        if not going.any():
            break
        root = xp.where(going, (low * at_high - high * at_low) / (at_high - at_low), root)
        value = function(root)
        above = value > 0
        at_low, at_high = (
            xp.where(was_below & ~above, at_low / 2, at_low),
            xp.where(was_above & above, at_high / 2, at_high),
        )
        low, at_low = xp.where(above, root, low), xp.where(above, value, at_low)
        high, at_high = xp.where(above, high, root), xp.where(above, at_high, value)
        was_above, was_below = above, ~above
    return root
