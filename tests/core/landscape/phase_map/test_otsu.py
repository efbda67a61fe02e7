"""Otsu's split."""

from __future__ import annotations

import numpy as np
import pytest

from core.landscape.phase_map.otsu import UNIFORM, otsu


def _brute(numbers: np.ndarray) -> tuple[float, float, float]:
    """Tries every place between two neighbours."""
    ordered = np.sort(numbers)
    best = min(
        range(1, len(ordered)),
        key=lambda k: ((ordered[:k] - ordered[:k].mean()) ** 2).sum() + ((ordered[k:] - ordered[k:].mean()) ** 2).sum(),
    )
    low, high = ordered[:best], ordered[best:]
    within = ((low - low.mean()) ** 2).sum() + ((high - high.mean()) ** 2).sum()
    return low.mean(), high.mean(), 1 - within / ((ordered - ordered.mean()) ** 2).sum()


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_split_of_least_variance_within(seed: int) -> None:
    """The two means and the share of variance between them are those of a search over all splits."""
    rng = np.random.default_rng(seed)
    numbers = np.concatenate([rng.normal(0, 1, 30), rng.normal(4, 2, 20)])
    split = otsu(numbers)
    assert (split.low, split.high, split.separability) == pytest.approx(_brute(numbers))


def test_evenly_spread_numbers_have_a_separability_of_three_quarters() -> None:
    """Half the range holds a quarter of the variance: 1 - 1/4."""
    assert otsu(np.linspace(0, 1, 10_001)).separability == pytest.approx(UNIFORM, abs=1e-3)


def test_margins_are_one_at_the_means_and_zero_half_way() -> None:
    """Numbers 0, 1, 10, 11: means 0.5 and 10.5, threshold 5.5."""
    split = otsu(np.array([0.0, 1.0, np.nan, 10.0, 11.0]))
    assert split.margin(np.array([0.5, 5.5, 10.5])) == pytest.approx([-1, 0, 1])
    np.testing.assert_array_equal(split.above(np.array([5.0, 6.0, np.nan])), [0, 1, np.nan])


def test_one_value_cannot_be_split() -> None:
    """Equal or single numbers have no threshold, and nothing lies above it."""
    for numbers in ([3.0, 3.0, 3.0], [3.0], []):
        split = otsu(np.array(numbers))
        assert np.isnan(split.threshold) and np.isnan(split.above(np.array([4.0])))[0]
