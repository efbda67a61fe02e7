"""Learning rate schedules: what the rate is multiplied by when a share of all steps is done."""

from __future__ import annotations

import math


def cosine(done: float) -> float:
    """Half a cosine, from 1 to 0.

    >>> cosine(0.0), round(cosine(0.5), 12)
    (1.0, 0.5)
    """
    return 0.5 * (1 + math.cos(math.pi * done))


def held_then_linear(done: float) -> float:
    """1 for the first half, then a line down to 0.01 at nine tenths, where it stays: how bends of curves are trained.

    Garipov et al. 2018 (arXiv:1802.10026), as used by Yang et al. 2021 (arXiv:2107.11228).

    >>> held_then_linear(0.3), round(held_then_linear(0.7), 3), held_then_linear(0.95)
    (1.0, 0.505, 0.01)
    """
    return 1 - 0.99 * min(max((done - 0.5) / 0.4, 0.0), 1.0)
