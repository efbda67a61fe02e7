"""Injected events: their shapes, their places, and the shares that follow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from core.errors import BadInput
from core.telemetry.injection.places import admissible_starts, draw_places, widened
from core.telemetry.injection.power import power_table, size_ladder, smallest_size, wilson
from core.telemetry.injection.shapes import answer_rows, drive, faulty_readings, first_order_answer

READINGS = np.array([10.0, 11.0, 9.0, 10.5, 10.0, 12.0])


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("step", READINGS + 2),
        ("spike", READINGS + np.array([2, 2, 0, 0, 0, 0])),
        ("drift", READINGS + np.array([1, 2, 3, 4, 5, 6]) / 3),
        ("stuck", np.full(6, 12.0)),
    ],
)
def test_faults_of_a_sensor(kind: str, shown: np.ndarray) -> None:
    """Each fault shows what its definition says, for a size of 2."""
    np.testing.assert_allclose(faulty_readings(kind, READINGS, 2.0, 2, np.random.default_rng(0)), shown)


def test_noise_burst_has_its_standard_deviation() -> None:
    """A burst of noise adds noise of the chosen size and no offset."""
    added = faulty_readings("noise", np.zeros(20_000), 0.5, 1, np.random.default_rng(1))
    assert added.std() == pytest.approx(0.5, rel=0.02)
    assert added.mean() == pytest.approx(0, abs=0.015)


def test_missing_readings_stay_missing() -> None:
    """A fault invents no reading where there was none."""
    readings = np.array([np.nan, 1.0, np.nan, 3.0])
    for kind in ("step", "stuck", "noise"):
        shown = faulty_readings(kind, readings, 1.0, 1, np.random.default_rng(2))
        np.testing.assert_array_equal(np.isnan(shown), np.isnan(readings))
    assert faulty_readings("stuck", readings, 1.0, 1, np.random.default_rng(2))[3] == 2.0


def test_answer_to_a_step_is_an_exponential() -> None:
    """The target rises as 1 - exp(-t/c) while the cause lasts and decays after it, its peak being 1."""
    answer = first_order_answer(drive("step", 12, 1), 8.0, answer_rows(12, 8.0))
    t = np.arange(1, 13)
    np.testing.assert_allclose(answer[:12], (1 - np.exp(-t / 8)) / (1 - np.exp(-12 / 8)))
    np.testing.assert_allclose(answer[12:], np.exp(-np.arange(1, len(answer) - 11) / 8))
    assert len(answer) == 12 + 40
    assert answer[-1] < 0.01


def test_answer_without_lag_is_the_drive() -> None:
    """A time constant of 0 answers at once."""
    np.testing.assert_allclose(first_order_answer(drive("drift", 4, 1), 0.0, 6), [0.25, 0.5, 0.75, 1, 0, 0])


@pytest.mark.parametrize("kind", ["stuck", "noise"])
def test_faults_have_no_cause(kind: str) -> None:
    """A stuck or noisy sensor can't be caused by a covariate; the refusal says what can."""
    with pytest.raises(BadInput, match="choose one of step, spike, drift"):
        drive(kind, 4, 1)


def test_admissible_starts_keep_their_margin() -> None:
    """An event and its margins lie in usable rows; by hand and by trying every start."""
    usable = np.array([1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1], dtype=bool)
    assert admissible_starts(usable, 2, 1).tolist() == [1, 2, 3, 8, 9]
    random = np.random.default_rng(3).random(400) > 0.03
    naive = [s for s in range(4, 400) if s + 9 + 4 <= 400 and random[s - 4 : s + 9 + 4].all()]
    assert admissible_starts(random, 9, 4).tolist() == naive
    assert len(admissible_starts(usable, 20, 0)) == 0


def test_places_are_spread() -> None:
    """One place from each stretch of equally many starts; fewer starts give fewer places."""
    places = draw_places(np.arange(100, 200), 5, np.random.default_rng(4))
    assert [int(place) // 20 for place in places] == [5, 6, 7, 8, 9]
    assert draw_places(np.array([7, 9]), 5, np.random.default_rng(4)).tolist() == [7, 9]
    assert len(draw_places(np.array([], dtype=int), 5, np.random.default_rng(4))) == 0


def test_widened() -> None:
    """Rows near a true row become true."""
    mask = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1], dtype=bool)
    assert widened(mask, 1).tolist() == [False, False, True, True, True, True, False, True, True]


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (9, 10), (10, 10), (57, 80)])
def test_wilson_interval_is_scipys(successes: int, trials: int) -> None:
    """The interval equals scipy's, without its correction."""
    expected = binomtest(successes, trials).proportion_ci(0.95, "wilson")
    np.testing.assert_allclose(wilson(successes, trials), [expected.low, expected.high], atol=1e-12)


def test_power_table_counts() -> None:
    """Shares, intervals and the median delay of those that were found."""
    injections = pd.DataFrame(
        {
            "kind": "step",
            "size": [1.0, 1.0, 1.0, 1.0, 2.0, 2.0],
            "size_sigma": [3.0, 3.0, 3.0, 3.0, 6.0, 6.0],
            "detected": [True, True, True, False, True, True],
            "explained": [True, False, False, False, True, True],
            "delay_minutes": [10.0, 20.0, 60.0, np.nan, 5.0, 15.0],
        }
    )
    table = power_table(injections)
    assert table["size"].tolist() == [1.0, 2.0]
    assert table.detected.tolist() == [0.75, 1.0]
    assert table.explained.tolist() == [0.25, 1.0]
    assert table.median_delay_minutes.tolist() == [20.0, 10.0]
    assert table.loc[0, ["detected_low", "detected_high"]].tolist() == pytest.approx(wilson(3, 4))


def test_smallest_size_must_hold_from_there_on() -> None:
    """A lucky small size does not count where a larger one is missed; none counts where the largest is missed."""
    sizes = [1.0, 2.0, 4.0, 8.0]
    assert smallest_size(sizes, [0.0, 0.9, 1.0, 1.0]) == 2.0
    assert smallest_size(sizes, [1.0, 0.8, 0.95, 1.0]) == 4.0
    assert smallest_size(sizes, [1.0, 1.0, 1.0, 0.5]) is None


def test_ladder_of_sizes() -> None:
    """Sizes grow by a factor; a single one is the largest."""
    np.testing.assert_allclose(size_ladder(0.5, 8.0, 5), [0.5, 1, 2, 4, 8])
    assert size_ladder(0.5, 8.0, 1).tolist() == [8.0]
