"""Is one classifier better than another on the same items, or could it be chance? The exact paired permutation test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chance:
    """What chance alone would give.

    Attributes:
        two_sided: probability of a difference at least as large, in either direction.
        one_sided: probability of one at least as large in favour of the first.
        items: on which the two differ; only these tell anything.
    """

    two_sided: float
    one_sided: float
    items: int


def swap_test(first: np.ndarray, second: np.ndarray) -> Chance:
    """How often the difference of two counts of right answers is as large when the two are swapped at random, item by item.

    Under the hypothesis that both classifiers are alike, the sign of each item's difference d_i is a fair coin's. The
    distribution of sum s_i d_i over all 2^m choices of signs is formed exactly, by one convolution an item, so there is
    nothing to draw. An item that was predicted several times (repeated cross-validation) is swapped as a whole, its
    predictions being anything but independent. With one prediction an item this is McNemar's exact test (Psychometrika 12,
    1947).

    >>> swap_test(np.array([1, 1, 1, 1, 1]), np.array([0, 0, 0, 0, 1]))
    Chance(two_sided=0.125, one_sided=0.0625, items=4)

    Args:
        first: [items] how often the first was right about each.
        second: [items] the same of the second, on the same items with as many predictions.
    """
    gaps = np.asarray(first, dtype=np.int64) - np.asarray(second, dtype=np.int64)
    sizes = np.abs(gaps[gaps != 0])
    reach = int(sizes.sum())
    chances = np.zeros(2 * reach + 1)  # of the sums -reach, ..., reach
    chances[reach] = 1.0
    for size in sizes:
        moved = np.zeros_like(chances)
        moved[size:] += 0.5 * chances[:-size]
        moved[:-size] += 0.5 * chances[size:]
        chances = moved
    sums = np.arange(-reach, reach + 1)
    seen = int(gaps.sum())
    two_sided = float(chances[np.abs(sums) >= abs(seen)].sum())
    return Chance(min(two_sided, 1.0), min(float(chances[sums >= seen].sum()), 1.0), len(sizes))
