"""The slope of d_int on the size of networks, against numbers known beforehand."""

import numpy as np
import pytest
from scipy.stats import linregress, t

from core.intrinsic_dimension.published import FAMILY_DIMENSIONS, FAMILY_SIZES
from core.intrinsic_dimension.size_trend import size_trend

SIZES = np.array([1e3, 3e3, 1e4, 3e4, 1e5, 3e5])


def test_a_power_law_is_found_exactly() -> None:
    """d = 5 D^0.5 without noise has slope 0.5, and depends on size at any tolerance below it."""
    trend = size_trend(SIZES, 5 * SIZES**0.5, [0.05] * 6, ["a"] * 6, 0.25)
    assert trend.slope == pytest.approx(0.5)
    assert trend.verdict(0.25, limits=0) == "depends on size"
    assert trend.p_small > 0.99


def test_interval_is_that_of_ordinary_regression_where_points_scatter_more_than_their_errors() -> None:
    """With equal errors that explain little of the scatter, slope and interval are those of least squares."""
    d = 100 * np.exp(np.random.default_rng(0).normal(0, 0.2, 6))
    trend = size_trend(SIZES, d, [0.01] * 6, ["a"] * 6, 0.25)
    plain = linregress(np.log(SIZES), np.log(d))
    reach = t.ppf(0.975, 4) * plain.stderr
    assert trend.slope == pytest.approx(plain.slope)
    assert (trend.low, trend.high) == (pytest.approx(plain.slope - reach), pytest.approx(plain.slope + reach))
    assert trend.p_same < 1e-6


def test_small_errors_do_not_narrow_the_interval_below_what_they_say() -> None:
    """Points that happen to lie on a line keep the interval that their errors give."""
    errors = np.full(6, 0.1)
    trend = size_trend(SIZES, [100.0] * 6, errors, ["a"] * 6, 0.25)
    spread = 0.1 / np.sqrt(np.square(np.log(SIZES) - np.log(SIZES).mean()).sum())
    assert trend.slope == pytest.approx(0, abs=1e-12)
    assert trend.high == pytest.approx(t.ppf(0.975, 4) * spread)
    assert trend.p_same == pytest.approx(1)
    assert trend.p_small == pytest.approx(t.sf(0.25 / spread, 4))
    assert trend.verdict(0.25, limits=0) == "varies little"


def test_a_lower_bound_takes_support_away_but_not_refutation() -> None:
    """While a network's dimension is only bounded, the claim can be refuted, not supported."""
    flat = size_trend(SIZES, [100.0] * 6, [0.05] * 6, ["a"] * 6, 0.25)
    steep = size_trend(SIZES, SIZES, [0.05] * 6, ["a"] * 6, 0.25)
    assert flat.verdict(0.25, limits=1) == "undecided"
    assert steep.verdict(0.25, limits=1) == "depends on size"


def test_data_sets_have_levels_of_their_own() -> None:
    """A data set that needs ten times as many dimensions changes nothing of the slope, nor of the ratio within one."""
    one = size_trend(SIZES, 100 * SIZES**0.1, [0.05] * 6, ["a"] * 6, 0.25)
    both = size_trend(
        [*SIZES, *SIZES], [*100 * SIZES**0.1, *1000 * SIZES**0.1], [0.05] * 12, ["a"] * 6 + ["b"] * 6, 0.25
    )
    assert both.slope == pytest.approx(0.1) and one.slope == pytest.approx(0.1)
    level, reach = both.line(1, np.log(SIZES))
    np.testing.assert_allclose(np.exp(level), 1000 * SIZES**0.1)
    assert (reach > 0).all()


def test_the_ratio_of_noise_is_that_of_a_range_of_normal_numbers() -> None:
    """Of two networks with relative error s, ln(largest / smallest) has median 0.6745 sqrt(2) s."""
    trend = size_trend([1e3, 1e4], [100.0, 100.0], [0.1, 0.1], ["a", "a"], 0.25)
    assert np.log(trend.noise_ratio) == pytest.approx(0.6745 * 2**0.5 * 0.1, rel=0.03)
    assert np.log(trend.noise_ratio_high) == pytest.approx(1.96 * 2**0.5 * 0.1, rel=0.03)


@pytest.mark.parametrize("sizes", [[], [1e3], [1e3, 1e4], [1e3, 1e3, 1e3]])
def test_too_few_networks_or_one_size_give_no_verdict(sizes: list[float]) -> None:
    """Without a degree of freedom, or without different sizes, nothing is tested."""
    trend = size_trend(sizes, [100.0] * len(sizes), [0.1] * len(sizes), ["a"] * len(sizes), 0.25)
    assert trend.verdict(0.25, limits=0) == "not testable"


def test_the_published_family_counts_as_varying_little() -> None:
    """20 MLPs of 50 to 400 units and 1 to 5 hidden layers on MNIST: D differs 24.1 times, which is that of the family."""

    def parameters(width: int, depth: int) -> int:
        return 785 * width + (depth - 1) * (width + 1) * width + (width + 1) * 10

    assert parameters(400, 5) / parameters(50, 1) == pytest.approx(FAMILY_SIZES, abs=0.05)
    assert np.log(FAMILY_DIMENSIONS) / np.log(FAMILY_SIZES) < 0.1
