"""Kendall's tau-b, its influence and its bootstrap, against scipy and naive references."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control, kendalltau

from core.calibration.population.kendall import (
    MOST_RESAMPLED,
    kendall,
    p_value,
    pair_scores,
    resampling_weights,
    tau_b,
    tau_draws,
)
from core.calibration.population.multiplicity import benjamini_hochberg

CASES = [  # rows, distinct values (0: no ties), seed
    (2, 0, 0),
    (3, 2, 1),
    (10, 3, 2),
    (64, 5, 3),
    (65, 0, 4),
    (257, 40, 5),
    (1000, 0, 6),
]


def columns(n, kinds, seed):
    generator = np.random.default_rng(seed)
    if kinds:
        return generator.integers(0, kinds, n).astype(float), generator.integers(0, kinds, n).astype(float)
    x = generator.normal(size=n)
    return x, x + generator.normal(size=n)


@pytest.mark.parametrize("case", CASES)
def test_pair_scores_are_the_double_sum(case):
    """The O(n log n) scores equal sum_j sign(x_i - x_j) sign(y_i - y_j), ties included."""
    x, y = columns(*case)
    naive = (np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))).sum(axis=1)
    np.testing.assert_array_equal(pair_scores(x, y), naive)


@pytest.mark.parametrize("case", CASES)
def test_tau_is_scipys(case):
    """Tau-b and the p-value equal scipy.stats.kendalltau."""
    x, y = columns(*case)
    theirs = kendalltau(x, y)
    assert tau_b(x, y) == pytest.approx(theirs.statistic, abs=1e-12)
    assert p_value(x, y) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_monotone_maps_do_not_matter_and_order_does():
    """Tau is 1 for an increasing map, also to infinity, and -1 for a decreasing one; swapping the columns changes nothing."""
    x = np.array([0.1, 0.2, 0.5, 3.0])
    assert tau_b(x, np.array([1, 5, 7, np.inf])) == 1
    assert tau_b(x, -(x**3)) == -1
    a, b = columns(50, 7, 8)
    assert tau_b(a, b) == tau_b(b, a)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_constant_column_has_no_tau(n):
    """No pair is untied, so tau is missing, not zero."""
    assert np.isnan(tau_b(np.ones(n), np.arange(n)))


@pytest.mark.parametrize("case", [(40, 0, 1), (40, 4, 2)])
def test_influence_is_the_derivative_by_weight(case):
    """Giving a row a little more weight changes the weighted tau by its influence."""
    x, y = columns(*case)
    step = 1e-4

    def weighted(w):
        signs = np.sign(np.subtract.outer(x, x)), np.sign(np.subtract.outer(y, y))
        total, own, other = (np.einsum("i,ij,j", w, m, w) for m in (signs[0] * signs[1], signs[0] ** 2, signs[1] ** 2))
        return total / np.sqrt(own * other)

    found = [(weighted(1 + step * one) - weighted(1 - step * one)) / (2 * step) for one in np.eye(len(x))]
    np.testing.assert_allclose(kendall(x, y).influence, found, atol=1e-6)
    assert kendall(x, y).influence.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("case", [(30, 0, 1), (60, 6, 2)])
def test_draws_are_taus_of_resamples(case):
    """Each bootstrap value equals scipy's tau of the models drawn, duplicates included."""
    x, y = columns(*case)
    weights = resampling_weights(len(x), 20, np.random.default_rng(0))
    for draw, row in zip(tau_draws(x, y, weights), weights, strict=True):
        drawn = np.repeat(np.arange(len(x)), row.astype(int))
        assert draw == pytest.approx(kendalltau(x[drawn], y[drawn]).statistic, abs=1e-6)


def test_first_order_draws_have_the_spread_of_exact_ones(monkeypatch):
    """Above the limit the draws follow the influence; their spread agrees with the exact bootstrap's."""
    x, y = columns(MOST_RESAMPLED, 0, 3)
    weights = resampling_weights(len(x), 400, np.random.default_rng(0))
    exact = tau_draws(x, y, weights)
    monkeypatch.setattr("core.calibration.population.kendall.MOST_RESAMPLED", 10)
    linear = tau_draws(x, y, weights)
    assert linear.std() == pytest.approx(exact.std(), rel=0.05)
    assert np.corrcoef(exact, linear)[0, 1] > 0.99
    assert kendall(x, y).standard_error == pytest.approx(exact.std(), rel=0.12)


def test_intervals_cover_the_truth_of_a_normal_pair():
    """90 % percentile intervals cover tau = (2/pi) asin(rho) in at least 85 % of 200 populations of 60 models."""
    rho, truth, covered = 0.6, 2 / np.pi * np.arcsin(0.6), 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        x = generator.normal(size=60)
        y = rho * x + np.sqrt(1 - rho**2) * generator.normal(size=60)
        low, high = np.quantile(tau_draws(x, y, resampling_weights(60, 200, generator)), [0.05, 0.95])
        covered += low <= truth <= high
    assert covered >= 170


def test_q_values_are_benjamini_hochbergs():
    """q-values equal scipy's, whatever the order; missing p-values stay missing and don't count."""
    p = np.random.default_rng(0).random(50) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), atol=1e-15)
    with_gap = np.insert(p, 7, np.nan)
    np.testing.assert_allclose(np.delete(benjamini_hochberg(with_gap), 7), false_discovery_control(p), atol=1e-15)
    assert np.isnan(benjamini_hochberg(with_gap)[7])
    assert benjamini_hochberg(np.array([])).size == 0
