"""Choices by twins on planted lines of values."""

from __future__ import annotations

import numpy as np
import pytest

from core.landscape.pruning.selection import best_by_twins, followed

WIDE = np.full(3, 1.75)


@pytest.mark.parametrize(
    ("lmc", "cka", "expected"),
    [
        ([-9.0, -0.5, -0.2], [0.99, 0.98, 0.95], 1),  # the most alike of those without a barrier
        ([-9.0, -4.0, -6.0], [0.99, 0.90, 0.95], 1),  # all divided: the least
        ([np.nan, -0.5, np.nan], [0.99, 0.9, 0.99], 1),
        ([np.nan] * 3, [0.9] * 3, None),
    ],
)
def test_the_most_alike_without_a_barrier_is_chosen(lmc: list[float], cka: list[float], expected: int | None) -> None:
    """LMC about 0 first, then the highest CKA."""
    assert best_by_twins(np.array(lmc), np.array(cka), WIDE) == expected


@pytest.mark.parametrize(
    ("regimes", "start", "expected"),
    [
        (["I", "I", "II-B", "II-A"], 0, [0, 1, 2]),  # up to the target
        (["II-B", "II-A", "II-A"], 2, [2, 1, 0]),  # down to it
        (["I", "II-A", "II-A"], 0, [0, 1]),  # it turns round: the connected one is kept
        (["I", "I", "II-A"], 2, [2, 1, 2]),
        (["I", "I"], 1, [1]),  # nothing is hotter
        (["collapsed", "II-B"], 0, [0]),
    ],
)
def test_the_advice_is_followed_to_its_end(regimes: list[str], start: int, expected: list[int]) -> None:
    """Hotter in I, colder in II-A, until II-B, the last value, or the transition between both."""
    assert followed(regimes, start) == expected
