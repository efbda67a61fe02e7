"""Scores that know nothing."""

from __future__ import annotations

import numpy as np


def random_scores(values: np.ndarray, nominal: np.ndarray, seed: int = 0) -> np.ndarray:
    """[rows] uniform numbers: what any figure has to be read against.

    Args:
        values: [rows, channels], of which only the rows are counted.
        nominal: without effect.
        seed: of the numbers.
    """
    return np.random.default_rng(seed).random(len(values))
