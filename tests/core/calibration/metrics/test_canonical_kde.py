"""The canonical calibration error and when it is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import dirichlet

from core.calibration.metrics.canonical_kde import canonical_kde_ece
from core.calibration.predictions import Predictions, from_probabilities

WIDTHS = (0.03, 0.1)  # wide enough for ten neighbours among three classes


def _dirichlet(n: int, classes: int, seed: int = 0, power: float = 1.0) -> Predictions:
    """Labels drawn from the probabilities raised to a power: below 1, the model is overconfident."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(classes, 1.0), n)
    true = p**power / (p**power).sum(axis=1, keepdims=True)
    return from_probabilities(p, np.minimum((np.cumsum(true, axis=1) < rng.random((n, 1))).sum(axis=1), classes - 1))


def test_definition() -> None:
    """The value is the leave-one-out kernel regression of the labels, with the density of scipy's Dirichlet."""
    predictions = _dirichlet(60, 3)
    found = canonical_kde_ece(predictions, bandwidths=(0.3,))
    p, hot = predictions.probabilities, np.eye(3)[predictions.labels]
    total = 0.0
    for j in range(60):
        weights = np.array([dirichlet.pdf(p[j], p[i] / 0.3 + 1) if i != j else 0.0 for i in range(60)])
        total += np.abs(weights @ hot / weights.sum() - p[j]).sum()
    assert found.value == pytest.approx(total / 60, rel=1e-9)


def test_bandwidth_has_the_best_likelihood() -> None:
    """The bandwidth is the candidate with the largest leave-one-out likelihood."""
    predictions = _dirichlet(80, 3)
    candidates = (0.003, 0.03, 0.3)
    p = predictions.probabilities

    def likelihood(h: float) -> float:
        return sum(
            math.log(sum(dirichlet.pdf(p[j], p[i] / h + 1) for i in range(80) if i != j) / 79) for j in range(80)
        )

    assert canonical_kde_ece(predictions, bandwidths=candidates).bandwidth == max(candidates, key=likelihood)


def test_refused_in_many_dimensions() -> None:
    """With 100 classes the points have few effective neighbours: no value, and the reason."""
    found = canonical_kde_ece(_dirichlet(400, 100), bandwidths=(0.001, 0.01, 0.03))
    assert math.isnan(found.value)
    assert found.neighbours < 10
    assert "would be noise" in found.refused


def test_refused_without_structure() -> None:
    """Where the widest kernel fits best the estimate would be that of the mean: no value, and the reason."""
    found = canonical_kde_ece(_dirichlet(400, 100))
    assert math.isnan(found.value)
    assert found.bandwidth == 1.0
    assert "averages over" in found.refused


def test_intervals_and_floor() -> None:
    """A calibrated model's floor is its value within noise, and an overconfident one's value lies far above it."""
    good, bad = (
        canonical_kde_ece(_dirichlet(500, 3, power=power), bandwidths=WIDTHS, resamples=60) for power in (1.0, 0.3)
    )
    assert good.value == pytest.approx(good.floor, rel=0.35) and good.low == 0.0 and good.p_value > 0.02
    assert bad.floor < bad.low <= bad.value <= bad.high and bad.p_value < 0.02


def test_part_of_the_rows() -> None:
    """Of more rows than the limit a seeded part is used, and its size is reported."""
    predictions = _dirichlet(300, 3, power=0.3)
    first, again = (
        canonical_kde_ece(predictions, bandwidths=WIDTHS, most_rows=150, resamples=20, seed=4) for _ in range(2)
    )
    assert first.rows == 150
    assert first == again


def test_refused_for_a_handful_of_rows() -> None:
    """Ten rows have no ten neighbours each."""
    found = canonical_kde_ece(from_probabilities([[0.6, 0.4]], [0]))
    assert np.isnan(found.value) and "1 rows can't give" in found.refused
