"""Shares of right answers, and how far they may be from the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.95
RESAMPLES_AT_ONCE = 256


@dataclass(frozen=True)
class Interval:
    """A value and an interval that is meant to cover the truth in 95 of 100 cases."""

    value: float
    low: float
    high: float


def wilson(share: float, items: int, level: float = LEVEL) -> tuple[float, float]:
    """Score interval of a share (Wilson, Journal of the American Statistical Association 22, 1927).

    It stays within 0 and 1 and keeps a width where all answers are right. An item that was predicted several times counts
    as one, its predictions being anything but independent.

    >>> tuple(round(bound, 3) for bound in wilson(0.9, 10))
    (0.596, 0.982)

    Args:
        share: of right answers.
        items: how many items were asked about.
        level: of the interval.
    """
    from scipy.stats import norm

    z = float(norm.ppf((1 + level) / 2))
    width = z * z / items
    middle = (share + width / 2) / (1 + width)
    half = z * np.sqrt(share * (1 - share) / items + width / (4 * items)) / (1 + width)
    # at 0 and 1 one bound is 0 and 1 by the formula; digits lost on the way must not leave the interval
    return (0.0 if share <= 0 else float(middle - half)), (1.0 if share >= 1 else float(middle + half))


def bootstrap(values: np.ndarray, resamples: int, seed: int, level: float = LEVEL) -> Interval:
    """The mean over items with the interval of its bootstrap: items are drawn with replacement.

    Args:
        values: [items] share of right answers about each, or its difference between two classifiers.
        resamples: how many.
        seed: of the draws, of a generator that nobody else uses.
        level: of the interval.
    """
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    for start in range(0, resamples, RESAMPLES_AT_ONCE):
        rows = min(RESAMPLES_AT_ONCE, resamples - start)
        means[start : start + rows] = values[generator.integers(0, len(values), (rows, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(low), float(high))


def right_counts(predicted: Sequence[tuple[np.ndarray, np.ndarray]], y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often each item was predicted, and how often rightly.

    Args:
        predicted: of each division the places of the test items and the classes that were said of them.
        y: [items] class numbers.

    Returns:
        Two arrays [items] int64.
    """
    asked, right = np.zeros(len(y), dtype=np.int64), np.zeros(len(y), dtype=np.int64)
    for places, said in predicted:
        asked[places] += 1
        right[places] += said == y[places]
    return asked, right


def confusion(predicted: Sequence[tuple[np.ndarray, np.ndarray]], y: np.ndarray, classes: int) -> np.ndarray:
    """[classes, classes] how often items of the class of the row were taken for the class of the column."""
    table = np.zeros((classes, classes), dtype=np.int64)
    for places, said in predicted:
        np.add.at(table, (y[places], said), 1)
    return table


def most_said(predicted: Sequence[tuple[np.ndarray, np.ndarray]], items: int, classes: int) -> np.ndarray:
    """[items] the class that was said most often of each, the first among equals; -1 of items that were not asked about."""
    votes = np.zeros((items, classes), dtype=np.int64)
    for places, said in predicted:
        np.add.at(votes, (places, said), 1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), -1)
