"""What the second model sees of each covariate."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.telemetry.explanation.covariate_features import covariate_features, difference, duration_text, hours_in_state
from core.telemetry.grid import Grid

NAN = np.nan


def grid(step: float = 300.0, states: tuple[str, ...] = (), **columns: list[float]) -> Grid:
    """Columns on a grid."""
    values = np.column_stack(list(columns.values())).astype(np.float64)
    times = np.arange(len(values)) * int(1000 * step)
    return Grid(times, step, tuple(columns), values, states=frozenset(states))


def test_each_covariate_gives_its_value_and_its_differences():
    """Durations become rows of the grid, and each feature knows its physical covariate."""
    found = covariate_features(grid(a=list(range(20)), b=[0.0] * 20), ["b", "a"], (900.0, 3600.0))
    assert found.names == (
        "b", "b, change in 15 min", "b, change in 1 h", "a", "a, change in 15 min", "a, change in 1 h"
    )  # fmt: skip
    assert found.covariate_of.tolist() == [0, 0, 0, 1, 1, 1] and found.covariates == ("b", "a")
    assert found.values[15].tolist() == [0, 0, 0, 15, 3, 12]
    assert found.values.dtype == np.float32 and found.notes == ()


def test_a_duration_that_the_grid_lacks_is_rounded_and_said():
    """15 minutes on a grid of 10 are 20; the note says so, and so does the feature's name."""
    found = covariate_features(grid(step=600.0, a=list(range(20))), ["a"], (900.0, 3600.0))
    assert found.names[1] == "a, change in 20 min"
    assert found.durations == ((900.0, 1200.0), (3600.0, 3600.0))
    assert found.notes == ("A difference over 15 min is taken over 20 min, the nearest the grid has.",)


def test_durations_that_share_a_row_give_one_difference():
    """On a grid of an hour 15 minutes and an hour are the same."""
    found = covariate_features(grid(step=3600.0, a=list(range(20))), ["a"], (900.0, 3600.0))
    assert found.names == ("a", "a, change in 1 h")


def test_a_difference_does_not_reach_across_a_gap():
    """It is unknown where any value between its two ends is."""
    x = np.array([1.0, 2.0, 4.0, NAN, 7.0, 9.0, 12.0, 20.0])
    assert np.array_equal(difference(x, 1), [NAN, 1, 2, NAN, NAN, 2, 3, 8], equal_nan=True)
    assert np.array_equal(difference(x, 2), [NAN, NAN, 3, NAN, NAN, NAN, 5, 11], equal_nan=True)
    assert np.isnan(difference(x, 8)).all() and np.isnan(difference(x, 100)).all()


def test_hours_in_state_are_known_from_the_first_change():
    """Neither the start of the file nor the end of a gap says since when a state has lasted."""
    x = np.array([0, 0, 1, 1, 1, NAN, 1, 1, 0, 0], dtype=np.float64)
    expected = [NAN, NAN, 0, 0.5, 1.0, NAN, NAN, NAN, 0, 0.5]
    assert np.array_equal(hours_in_state(x, 1800.0), expected, equal_nan=True)


def test_a_long_stay_is_a_day():
    """Hours without end would tell the date."""
    x = np.concatenate([[0.0], np.ones(100)])
    hours = hours_in_state(x, 3600.0)
    assert hours[1:26].tolist() == list(range(25)) and np.nanmax(hours) == hours[-1] == 24


def test_only_states_have_hours():
    """A state has one feature more."""
    found = covariate_features(grid(states=("s",), a=[0.0] * 9, s=[0.0] * 4 + [1.0] * 5), ["a", "s"], (300.0,))
    assert found.names == ("a", "a, change in 5 min", "s", "s, change in 5 min", "s, hours in state")
    assert found.of(["s"]).names == found.names[2:] and found.of(["s"]).covariate_of.tolist() == [0, 0, 0]
    assert np.array_equal(found.of(["s"]).values, found.values[:, 2:], equal_nan=True)


@pytest.mark.parametrize(
    ("covariates", "words"),
    [([], "No covariate is chosen"), (["z"], "'z' is no column"), (["a", "a"], "'a' is named twice")],
)
def test_covariates_that_are_none_are_refused(covariates: list[str], words: str):
    """One sentence each."""
    with pytest.raises(BadInput, match=words):
        covariate_features(grid(a=[1.0, 2.0]), covariates, (300.0,))


def test_durations_read_as_people_say_them():
    """Whole hours and minutes, else seconds."""
    assert [duration_text(seconds) for seconds in (10, 90, 900, 3600, 5400, 7200)] == [
        "10 s", "90 s", "15 min", "1 h", "90 min", "2 h",
    ]  # fmt: skip
