"""Generated predictions that the tests and the stored values of other libraries share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.calibration.predictions import Predictions, from_logits, from_probabilities

SIZE = 1500


def overconfident(n: int = SIZE, classes: int = 10, seed: int = 1, sharper: float = 1.8) -> Predictions:
    """Labels drawn from softmax(z), logits z * sharper: confident beyond what is true."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, classes)) * 1.7
    return from_logits(z * sharper, _draw(_softmax(z), rng))


def calibrated(n: int = SIZE, classes: int = 10, seed: int = 2) -> Predictions:
    """Labels drawn from the probabilities themselves."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, classes)) * 1.7
    return from_logits(z, _draw(_softmax(z), rng))


def binary(n: int = SIZE, seed: int = 3) -> Predictions:
    """Two classes, underconfident."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 2)) * 1.3
    return from_logits(z * 0.6, _draw(_softmax(z), rng))


def hundredths(n: int = SIZE, seed: int = 4) -> Predictions:
    """Probabilities that are whole hundredths: many ties, and values that lie on the edges of bins."""
    rng = np.random.default_rng(seed)
    p = _softmax(rng.normal(size=(n, 5)) * 2.0)
    counts = np.stack([rng.multinomial(100, row) for row in p])
    counts[: n // 50] = [100, 0, 0, 0, 0]
    return from_probabilities(counts / 100, _draw(p, rng))


def confident() -> Predictions:
    """Most confidences near 1, some of them 1 in float32."""
    return overconfident(n=10_000, seed=6, sharper=5.0)


CASES: dict[str, Callable[[], Predictions]] = {
    "overconfident": overconfident,
    "calibrated": calibrated,
    "binary": binary,
    "hundredths": hundredths,
}


def _softmax(z: np.ndarray) -> np.ndarray:
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def _draw(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.minimum((np.cumsum(p, axis=1) < rng.random((p.shape[0], 1))).sum(axis=1), p.shape[1] - 1)
