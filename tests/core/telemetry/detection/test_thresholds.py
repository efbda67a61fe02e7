"""Thresholds: telemanom's beside a naive reading of its formula, and the rules that choose one."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.detection.nonparametric_threshold import nonparametric_threshold
from core.telemetry.detection.thresholds import choose_threshold
from tests.core.telemetry.detection.naive_threshold import naive_threshold


def _errors(seed: int, rows: int = 400) -> np.ndarray:
    """Smoothed absolute noise with up to seven bumps."""
    rng = np.random.default_rng(seed)
    errors = np.convolve(np.abs(rng.normal(0, 1, rows + 8)), np.ones(9) / 9, mode="valid")
    for _ in range(rng.integers(0, 8)):
        start = int(rng.integers(0, rows - 20))
        errors[start : start + int(rng.integers(2, 18))] += rng.uniform(0.5, 8)
    return errors


@pytest.mark.parametrize("buffer", [0, 1, 7])
@pytest.mark.parametrize("seed", range(12))
def test_telemanom_s_threshold_equals_a_naive_reading_of_the_formula(seed: int, buffer: int) -> None:
    """Epsilon to 1e-12 and the same pruned sequences."""
    errors = _errors(seed)
    epsilon, sequences = naive_threshold(list(errors), buffer)
    found = nonparametric_threshold(errors, buffer)
    assert found.threshold == pytest.approx(epsilon, rel=1e-12)
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == sequences


def test_rows_without_an_error_play_no_part_in_telemanom_s_threshold() -> None:
    """NaN rows are left out, and sequences are numbered by the rows of the whole."""
    errors = _errors(3)
    spread = np.insert(errors, 100, [np.nan] * 50)
    dense, found = nonparametric_threshold(errors), nonparametric_threshold(spread)
    assert found.threshold == dense.threshold
    np.testing.assert_array_equal(found.starts, np.where(dense.starts >= 100, dense.starts + 50, dense.starts))


def test_a_constant_error_has_no_sequence_above_its_threshold() -> None:
    """There is nothing to remove."""
    found = nonparametric_threshold(np.full(50, 2.0))
    assert not len(found.starts)
    assert found.threshold == 2.0


def test_the_quantile_is_of_the_nominal_rows_sizes() -> None:
    """Signs and the other rows do not matter."""
    score = np.r_[np.linspace(-1, 1, 201), 50.0, -60.0]
    nominal = np.arange(203) < 201
    chosen = choose_threshold(score, nominal, "quantile", quantile=0.9)
    assert chosen.value == pytest.approx(np.quantile(np.abs(score[:201]), 0.9))
    assert chosen.rule == "quantile"


def test_the_automatic_threshold_is_the_larger_of_the_two() -> None:
    """Whichever it is, its rule is named."""
    score = _errors(5)
    nominal = np.ones(len(score), dtype=bool)
    both = [choose_threshold(score, nominal, rule) for rule in ("quantile", "telemanom")]
    assert choose_threshold(score, nominal) == max(both, key=lambda one: one.value)


def test_a_manual_threshold_is_taken_as_it_is() -> None:
    """No row is looked at."""
    assert choose_threshold(np.zeros(3), np.ones(3, dtype=bool), "manual", 4.5).value == 4.5
