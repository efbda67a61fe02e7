"""Generated classifiers with a known cure."""

from __future__ import annotations

import numpy as np
import pytest

from core.calibration.predictions import softmax64


@pytest.fixture
def overconfident() -> type[Overconfident]:
    return Overconfident


class Overconfident:
    """Labels drawn from softmax(z); the model says `temperature` times z."""

    def __init__(self, n: int, classes: int, temperature: float, seed: int, spread: float = 2.0) -> None:
        generator = np.random.default_rng(seed)
        truth = spread * generator.normal(size=(n, classes))
        self.truth = softmax64(truth)
        self.labels = (self.truth.cumsum(axis=1) > generator.random(n)[:, None]).argmax(axis=1)
        self.logits = temperature * truth
