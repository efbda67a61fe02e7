"""Chains whose diagnostics are stored."""

from __future__ import annotations

from functools import partial

import numpy as np


def autoregressive(coefficient: float, chains: int, draws: int, seed: int) -> np.ndarray:
    """[chains, draws] of x <- coefficient x + N(0, 1)."""
    rng = np.random.default_rng(seed)
    found = np.zeros((chains, draws))
    found[:, 0] = rng.normal(size=chains)
    for t in range(1, draws):
        found[:, t] = coefficient * found[:, t - 1] + rng.normal(size=chains)
    return found


CHAINS = {
    "independent": partial(autoregressive, 0.0, 4, 50, 0),
    "odd": partial(autoregressive, 0.5, 2, 101, 1),
    "slow": partial(autoregressive, 0.9, 3, 400, 2),
    "slower": partial(autoregressive, 0.99, 4, 300, 3),
    "alternating": partial(autoregressive, -0.6, 2, 200, 4),
}
