"""Durations as rows, and a past that ends at gaps."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.telemetry.detection.lags import (
    FINE_SMOOTHING,
    check_span,
    choose_lags,
    choose_smoothing,
    lagged,
)

MINUTE, HOUR = 60.0, 3600.0


@pytest.mark.parametrize(
    ("step", "rows"),
    [
        (3 * MINUTE, (5, 10, 20)),
        (5 * MINUTE, (3, 6, 12)),
        (10 * MINUTE, (2, 3, 6)),  # 1.5 rows become 2: the 15 minutes of the paper do not lie on its 10-minute grid
        (15 * MINUTE, (1, 2, 4)),
        (HOUR, (1, 2, 4)),
        (MINUTE, (1, 2, 4)),  # a fine grid
        (1.0, (1, 2, 4)),
    ],
)
def test_the_recommended_lags_are_durations_on_grids_of_minutes_and_rows_elsewhere(
    step: float, rows: tuple[int, ...]
) -> None:
    """15, 30 and 60 minutes, at least 1, 2 and 4 rows, and just these where a quarter of an hour is over 5 rows."""
    assert choose_lags("recommended", step).rows == rows


def test_the_paper_s_lags_are_a_quarter_of_an_hour_and_an_hour_on_any_grid() -> None:
    """They keep their durations even on a fine grid."""
    assert choose_lags("paper", 10 * MINUTE).rows == (2, 6)
    assert choose_lags("paper", 1.0).rows == (900, 3600)


def test_chosen_lags_replace_the_preset_s_and_each_number_of_rows_occurs_once() -> None:
    """In ascending order, the nearest whole number of rows, at least 1."""
    lags = choose_lags("recommended", 600.0, (3600.0, 100.0, 200.0, 700.0))
    assert lags.rows == (1, 6)
    assert lags.asked == (100.0, 3600.0)
    assert lags.longest == 6


def test_smoothing_is_half_an_hour_or_ten_rows_on_a_fine_grid() -> None:
    """With at least 3 rows, unless a person says otherwise."""
    assert [choose_smoothing(step) for step in (300.0, 600.0, 3600.0, 60.0, 1.0)] == [6, 3, 3, FINE_SMOOTHING, 10]
    assert choose_smoothing(60.0, 1800.0) == 30


def test_the_past_does_not_reach_across_a_gap() -> None:
    """A row has a lagged value only where every row from there to itself is known."""
    values = np.array([0.0, 1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    np.testing.assert_array_equal(lagged(values, 1), [np.nan, 0, 1, np.nan, np.nan, 4, 5])
    np.testing.assert_array_equal(lagged(values, 2), [np.nan, np.nan, 0, np.nan, np.nan, np.nan, 4])


def test_a_lag_longer_than_the_series_knows_nothing() -> None:
    """All rows are NaN."""
    assert np.isnan(lagged(np.arange(3.0), 3)).all()
    assert np.isnan(lagged(np.arange(3.0), 5)).all()


def test_fewer_nominal_rows_than_the_longest_lag_are_refused_in_one_sentence() -> None:
    """The sentence has both numbers and what to do."""
    with pytest.raises(BadInput, match=r"has 12 rows, fewer than the longest lag of 12 rows needs; .* lags=SECONDS"):
        check_span(choose_lags("recommended", 300.0), 12, "The nominal part of a.csv")
    check_span(choose_lags("recommended", 300.0), 13, "The nominal part of a.csv")
