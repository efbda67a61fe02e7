"""The exact paired permutation test."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.topology.scoring.permutation import swap_test


def over_all_swaps(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Both p-values from every choice of swaps, written out."""
    gaps = first - second
    sums = np.array([np.dot(signs, gaps) for signs in product((-1, 1), repeat=len(gaps))])
    return float((np.abs(sums) >= abs(gaps.sum())).mean()), float((sums >= gaps.sum()).mean())


@pytest.mark.parametrize("repeats", [1, 2, 5])
@pytest.mark.parametrize("seed", range(6))
def test_every_choice_of_swaps_counts(repeats: int, seed: int) -> None:
    """Equal to the shares among all 2^n swaps, items with several predictions being swapped as a whole."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, repeats + 1, 11), rng.integers(0, repeats + 1, 11)
    found = swap_test(first, second)
    assert (found.two_sided, found.one_sided) == pytest.approx(over_all_swaps(first, second), abs=1e-12)
    assert found.items == (first != second).sum()


@pytest.mark.parametrize(("only_first", "only_second", "two_sided"), [(5, 0, 2 / 32), (6, 0, 2 / 64), (8, 1, 20 / 512)])
def test_mcnemar_by_hand(only_first: int, only_second: int, two_sided: float) -> None:
    """With one prediction an item it is the sign test of the items on which the two differ: 2 (1 + 9) / 512 for 8 to 1."""
    first = np.array([1] * only_first + [0] * only_second + [1] * 20)
    second = np.array([0] * only_first + [1] * only_second + [1] * 20)
    found = swap_test(first, second)
    assert found.two_sided == pytest.approx(two_sided)
    assert found.one_sided == pytest.approx(two_sided / 2)
    assert swap_test(second, first).two_sided == pytest.approx(two_sided)


def test_scipy_agrees() -> None:
    """The binomial test of the differing items, for hundreds of items."""
    from scipy.stats import binomtest

    rng = np.random.default_rng(0)
    first, second = rng.random(900) < 0.8, rng.random(900) < 0.75
    better, worse = int((first & ~second).sum()), int((~first & second).sum())
    found = swap_test(first, second)
    assert found.two_sided == pytest.approx(binomtest(better, better + worse).pvalue, rel=1e-9)
    assert found.one_sided == pytest.approx(binomtest(better, better + worse, alternative="greater").pvalue, rel=1e-9)


def test_the_same_answers_are_no_evidence() -> None:
    """Two that are right about the same items differ on none, and p is 1."""
    right = np.array([1, 0, 1])
    assert (swap_test(right, right).two_sided, swap_test(right, right).one_sided) == (1, 1)
