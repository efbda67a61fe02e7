"""Accuracies, their intervals, and how answers are counted."""

from __future__ import annotations

import numpy as np
import pytest

from core.topology.scoring.accuracy import bootstrap, confusion, most_said, right_counts, wilson


@pytest.mark.parametrize(
    ("right", "items", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
)
def test_wilson_as_published(right: int, items: int, low: float, high: float) -> None:
    """The score intervals of Newcombe (Statistics in Medicine 17, 1998, table I)."""
    assert wilson(right / items, items) == pytest.approx((low, high), abs=5e-5)


def test_all_right_is_not_certain() -> None:
    """28 of 28 has the interval from 28 / (28 + z^2) to 1."""
    low, high = wilson(1.0, 28)
    assert high == 1.0
    assert low == pytest.approx(28 / (28 + 1.959964**2), abs=1e-6)


def test_the_bootstrap_is_that_of_a_share() -> None:
    """For right and wrong answers the resampled mean is binomial: quantiles near those of the exact distribution."""
    from scipy.stats import binom

    values = np.repeat([1.0, 0.0], [160, 40])
    found = bootstrap(values, 20_000, seed=1)
    assert found.value == 0.8
    exact = binom(200, 0.8).ppf([0.025, 0.975]) / 200
    assert (found.low, found.high) == pytest.approx(tuple(exact), abs=0.006)
    assert bootstrap(values, 500, seed=1) == bootstrap(values, 500, seed=1)
    assert bootstrap(np.ones(10), 100, seed=0).low == 1


def test_answers_are_counted_by_item() -> None:
    """Two rounds over five items of three classes, by hand."""
    y = np.array([0, 1, 2, 0, 1])
    said = [(np.array([0, 1, 2]), np.array([0, 2, 2])), (np.array([1, 2, 0]), np.array([1, 2, 1]))]
    asked, right = right_counts(said, y)
    assert asked.tolist() == [2, 2, 2, 0, 0]
    assert right.tolist() == [1, 1, 2, 0, 0]
    assert confusion(said, y, 3).tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 2]]
    assert most_said(said, 5, 3).tolist() == [0, 1, 2, -1, -1]
