"""Resampling, against pandas on random irregular data and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.telemetry.ingest.regular_grid import (
    any_of_bins,
    automatic_step,
    fill_short_gaps,
    hold_short_gaps,
    last_of_bins,
    make_bins,
    mean_of_bins,
)
from core.telemetry.ingest.stamps import Stamps
from core.telemetry.ingest.time_axis import TimeAxis, time_axis

START = 1_707_955_200_000_000_000  # 2024-02-15 00:00 UTC
S = 1_000_000_000
NAN = np.nan


def axis_of(seconds) -> TimeAxis:
    ns = START + np.rint(np.asarray(seconds, dtype=float) * S).astype(np.int64)
    return time_axis(Stamps(ns, np.zeros(len(ns), bool)), "f.csv")


def random_rows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Irregular, unsorted times with duplicates and gaps; values with missing ones."""
    rng = np.random.default_rng(seed)
    seconds = np.cumsum(rng.exponential(20.0, 2_000).round())
    seconds[1_000:] += 5_000
    seconds = rng.permutation(np.concatenate([seconds, rng.choice(seconds, 200)]))
    values = rng.normal(100, 1, len(seconds))
    values[rng.random(len(seconds)) < 0.1] = NAN
    return seconds, values


def as_series(seconds: np.ndarray, values: np.ndarray) -> pd.Series:
    return pd.Series(values, pd.to_datetime(START + (seconds * S).astype(np.int64), utc=True)).sort_index(kind="stable")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("step", [60, 600, 7_200])
def test_means_agree_with_pandas(seed: int, step: int):
    """Rows of one time averaged, then the mean of each bin, as groupby(time).mean().resample(step).mean() has it."""
    seconds, values = random_rows(seed)
    axis = axis_of(seconds)
    bins = make_bins(axis, step, "f.csv")
    means, counts = mean_of_bins(values, axis, bins)
    at_once = as_series(seconds, values).groupby(level=0).mean()
    expected = at_once.resample(f"{step}s").mean()
    np.testing.assert_array_equal(bins.times, expected.index.as_unit("ms").asi8)
    np.testing.assert_allclose(means, expected.to_numpy(), rtol=1e-13)
    np.testing.assert_array_equal(counts, at_once.resample(f"{step}s").count())


@pytest.mark.parametrize("seed", range(5))
def test_last_values_agree_with_pandas(seed: int):
    """The last known value of a bin; of rows of one time the one that stands later in the file."""
    seconds, values = random_rows(seed)
    axis = axis_of(seconds)
    bins = make_bins(axis, 300, "f.csv")
    last, _ = last_of_bins(values, axis, bins)
    expected = as_series(seconds, values).resample("300s").last()
    np.testing.assert_array_equal(last, expected.to_numpy())


def test_large_values_keep_their_digits():
    """The mean of values around 1e9 that differ in the third decimal is exact to 1e-6."""
    axis = axis_of(np.arange(0, 6_000, 10))
    values = 1e9 + np.tile([0.001, 0.003], 300)
    means, _ = mean_of_bins(values, axis, make_bins(axis, 600, "f.csv"))
    np.testing.assert_allclose(means - 1e9, 0.002, atol=1e-6)


@pytest.mark.parametrize(
    ("step", "span", "expected"),
    [
        (10.0, 182 * 86_400.0, 600.0),  # 315 s for 50,000 rows: the next round step is 10 minutes
        (1.0, 1_200.0, 1.0),
        (1.003, 1_200.0, 1.0),
        (900.0, 86_400.0 * 100, 900.0),
        (75.0, 86_400.0, 75.0),
        (0.001, 10.0, 0.001),
        (0.001, 100.0, 0.002),
        (1e-4, 1.0, 0.001),
        (60.0, 86_400.0 * 365 * 5, 3_600.0),
        (86_400.0, 86_400.0 * 1_000, 86_400.0),
    ],
)
def test_the_automatic_step(step: float, span: float, expected: float):
    """The file's own step, made round within 5 %; the next round step where that gives more than 50,000 rows."""
    assert automatic_step(step, span) == expected


def test_bins_begin_at_whole_multiples():
    """Bins of an hour begin at full hours even where the file begins at 00:17."""
    bins = make_bins(axis_of(np.arange(17 * 60, 86_400, 60)), 3_600, "f.csv")
    assert bins.times[0] == START // 1_000_000 and bins.step == 3_600


def test_a_clock_that_trembles_fills_each_bin_once():
    """Stamps that are up to 4 ms early or late at the file's own step leave no bin empty and fill none twice."""
    rng = np.random.default_rng(0)
    seconds = np.arange(0, 5_000, 10) + rng.uniform(-0.004, 0.004, 500)
    bins = make_bins(axis_of(seconds), None, "f.csv")
    assert bins.step == 10
    np.testing.assert_array_equal(bins.of_time, np.arange(500))
    np.testing.assert_array_equal(bins.times, START // 1_000_000 + 10_000 * np.arange(500))


def test_a_clock_with_a_phase_keeps_it():
    """At the file's own step the grid's times are the usual stamps, 3.5 s past each multiple of ten."""
    bins = make_bins(axis_of(3.5 + 10.0 * np.arange(50)), None, "f.csv")
    np.testing.assert_array_equal(bins.times, START // 1_000_000 + 3_500 + 10_000 * np.arange(50))


@pytest.mark.parametrize(
    ("step", "sentence"),
    [(0.001, "leads to 86,340,001 rows; at most 2,000,000"), (86_400 * 10, "leaves 1 of its rows")],
)
def test_senseless_steps_are_refused(step: float, sentence: str):
    """A step that gives millions of rows, or none to speak of, is refused with resample=SECONDS as the remedy."""
    with pytest.raises(BadInput) as refused:
        make_bins(axis_of(np.arange(0, 86_400, 60)), step, "f.csv")
    assert sentence in str(refused.value) and "resample=SECONDS" in str(refused.value)


CASES = [  # before, interpolated, held
    ([1, NAN, 3], [1, 2, 3], [1, 1, 3]),
    ([1, NAN, NAN, 4], [1, 2, 3, 4], [1, 1, 1, 4]),
    ([1, NAN, NAN, NAN, 5], [1, NAN, NAN, NAN, 5], [1, NAN, NAN, NAN, 5]),
    ([NAN, 1, NAN, 2, NAN], [NAN, 1, 1.5, 2, NAN], [NAN, 1, 1, 2, NAN]),
    ([NAN, NAN], [NAN, NAN], [NAN, NAN]),
    ([1, 2], [1, 2], [1, 2]),
]


@pytest.mark.parametrize(("before", "interpolated", "held"), CASES)
def test_only_short_gaps_are_filled(before: list, interpolated: list, held: list):
    """At most two bins are filled, all or none of a gap; longer gaps and the ends stay unknown."""
    np.testing.assert_array_equal(fill_short_gaps(np.array(before, float)), interpolated)
    np.testing.assert_array_equal(hold_short_gaps(np.array(before, float)), held)


def test_labels_of_a_bin():
    """A bin is anomalous if any of its rows is; an empty bin of a short gap follows the one before, a long gap does not."""
    axis = axis_of([0, 10, 20, 30, 60, 70, 200, 210])
    flags = np.array([0, 0, 0, 1, 1, 0, 0, 0], bool)
    bins = make_bins(axis, 20, "f.csv")
    #            0-20   20-40 40-60(empty) 60-80 80-200(empty)      200-220
    expected = [False, True, True, True, False, False, False, False, False, False, False]
    assert any_of_bins(flags, axis, bins).tolist() == expected
