"""What a viewport shows: extremes stay, gaps stay, and the number of points does not grow with the data."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.figures.sampling import largest_by_size, sampled, stretches_of

STEP = 1_000
BEGIN = 1_710_000_000_000


def times(rows: int) -> np.ndarray:
    return BEGIN + STEP * np.arange(rows, dtype=np.int64)


@pytest.mark.parametrize("rows", [5_000, 200_000])
def test_every_extreme_survives(rows: int) -> None:
    """One row that sticks out by far is in the picture, wherever it lies, in few points."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=rows).astype(np.float32)
    for place in rng.integers(0, rows, 5):
        spiked = values.copy()
        spiked[place] = 50.0
        line = sampled(times(rows), spiked)
        assert len(line.x) <= 2_000
        assert line.x[np.nanargmax(line.y)] == BEGIN + STEP * place
    assert np.all(np.diff(line.x) > 0)


def test_short_series_stay_as_they_are() -> None:
    """Below the limit nothing is left out, and missing values break the line."""
    values = np.array([1.0, np.nan, 3.0, 4.0])
    line = sampled(times(4), values)
    np.testing.assert_array_equal(line.y, values)
    np.testing.assert_array_equal(line.x, times(4))


def test_a_gap_that_can_be_seen_stays_a_gap() -> None:
    """No point lies inside a gap but those that break the line; both edges of the gap are kept."""
    values = np.sin(np.arange(100_000) / 50)
    values[40_000:45_000] = np.nan
    line = sampled(times(100_000), values)
    edges = [BEGIN + STEP * 39_999, BEGIN + STEP * 45_000]
    inside = (line.x > edges[0]) & (line.x < edges[1]) & np.isfinite(line.y)
    assert not inside.any()
    pieces = stretches_of(line)
    assert [pieces[0].x[-1], pieces[1].x[0]] == edges


def test_a_gap_without_a_pixel_is_bridged() -> None:
    """A single missing row among a million does not break the line."""
    values = np.zeros(1_000_000, dtype=np.float32)
    values[500_000] = np.nan
    assert np.isfinite(sampled(times(1_000_000), values).y).all()


def test_many_gaps_do_not_make_many_points() -> None:
    """With every other row missing, and with every other stretch, the number of points stays bounded."""
    rows = 300_000
    for period in (2, 600, 3_000):
        values = np.where(np.arange(rows) % period < period // 2, 1.0, np.nan)
        assert len(sampled(times(rows), values).x) <= 3 * 2_000


def test_a_viewport_shows_its_rows_and_one_neighbour_on_each_side() -> None:
    """The line runs to both edges of what is asked for and no further than the next row."""
    line = sampled(times(10_000), np.arange(10_000.0), BEGIN + 500 * STEP + 1, BEGIN + 700 * STEP - 1)
    assert (line.y[0], line.y[-1]) == (500.0, 700.0)
    assert len(sampled(times(10), np.arange(10.0), BEGIN + 99 * STEP, BEGIN + 100 * STEP).x) == 1


def test_nothing_known_is_an_empty_line() -> None:
    """A column of missing values gives a line without a visible point."""
    line = sampled(times(10_000), np.full(10_000, np.nan))
    assert not np.isfinite(line.y).any() and stretches_of(line) == []


def test_the_cell_has_the_value_of_largest_size_with_its_sign() -> None:
    """Of a run of rows the strip shows the largest |value|, NaN only where all are missing."""
    values = np.array([[1.0, np.nan], [-3.0, np.nan], [2.0, 0.5], [np.nan, -0.2]])
    np.testing.assert_array_equal(largest_by_size(values, 2), [[-3.0, np.nan], [2.0, 0.5]])
    np.testing.assert_array_equal(largest_by_size(values, 4), values)
