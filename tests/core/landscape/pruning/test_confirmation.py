"""Advice checked on errors whose best direction is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.landscape.pruning.confirmation import Gain, held_out_gain, with_confirmation


def _plane(errors: dict[float, list[float]], regimes: dict[float, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One density: a row a cell, and a row a dense network."""
    rows = [(0.1, value, seed, error) for value, line in errors.items() for seed, error in enumerate(line)]
    cells = pd.DataFrame({"density": 0.1, "temperature": list(regimes), "regime": list(regimes.values())})
    return cells, pd.DataFrame(rows, columns=["density", "temperature", "seed", "test_error"])


def test_advice_is_checked_in_its_direction() -> None:
    """Regime I looks at hotter cells, II-A at colder ones, II-B at none; with large values cold all turns round."""
    errors = {1.0: [9.0, 9.2, 8.8], 2.0: [5.0, 5.1, 4.9], 3.0: [6.0, 6.2, 5.8]}
    cells, table = _plane(errors, {1.0: "I", 2.0: "II-B", 3.0: "II-A"})
    found = with_confirmation(cells, table, cold_if_large=False)
    assert found.advised.tolist() == ["raise", "", "lower"]
    assert found.gain.tolist()[::2] == pytest.approx([4.0, 1.0])
    assert found.confirmed.tolist() == ["yes", "", "yes"]
    turned = with_confirmation(cells, table, cold_if_large=True)
    assert turned.confirmed.tolist() == ["", "", ""] and turned.opposite.tolist() == ["yes", "", "yes"]


def test_the_best_of_many_equal_values_is_no_gain() -> None:
    """Where all values are equal but for noise, choosing the best for each network itself would gain 1.7; held out it is 0."""
    rng = np.random.default_rng(0)
    errors = rng.standard_normal((20, 400, 10))
    gains = np.array([held_out_gain(one[0], one[1:]).mean for one in errors.transpose(1, 0, 2)])
    assert abs(gains.mean()) < 3 * gains.std() / np.sqrt(len(gains))
    assert (errors[0] - errors[1:].min(axis=0)).mean() > 1.7


def test_a_gain_within_its_standard_error_decides_nothing() -> None:
    """+-1 over two networks has mean 0; one network alone is not checked at all."""
    assert held_out_gain(np.array([5.0, 5.0]), np.array([[4.0, 6.0]])).verdict == "undecided"
    assert held_out_gain(np.array([5.0]), np.array([[4.0]])).verdict == ""
    assert Gain(2.0, 1.0).verdict == "yes" and Gain(-2.0, 1.0).verdict == "no"


def test_networks_that_diverged_are_left_out() -> None:
    """A network without an error at one value has no say."""
    found = held_out_gain(np.array([5.0, 5.0, 5.0]), np.array([[4.0, 4.0, np.nan]]))
    assert (found.mean, found.standard_error) == (1.0, 0.0)
