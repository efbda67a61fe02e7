"""From scores to events and from events to incidents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.telemetry.detection.detector import Score
from core.telemetry.detection.events import (
    EventSettings,
    event_table,
    largest_stretches,
    stretches_over,
    strongest,
)
from core.telemetry.detection.incidents import find_incidents
from core.telemetry.detection.nominal import nominal_range, without_largest


def _signed() -> np.ndarray:
    signed = np.zeros(100)
    signed[10:13] = [4, -9, 5]
    signed[15:17] = [6, 4]  # two rows behind the first
    signed[40:42] = [-20, -7]
    signed[70] = 5
    signed[90] = 2
    return signed


def test_stretches_closer_than_the_join_are_one_with_its_largest_row_as_the_peak() -> None:
    """Fewer rows between them than that; starts, peaks and ends are rows of the series."""
    joined = stretches_over(_signed(), 3, join=3)
    assert joined.starts.tolist() == [10, 40, 70]
    assert joined.peaks.tolist() == [11, 40, 70]
    assert joined.ends.tolist() == [16, 41, 70]
    assert stretches_over(_signed(), 3, join=2).starts.tolist() == [10, 15, 40, 70]
    assert not len(stretches_over(_signed(), 100, join=3).starts)


def test_rows_without_a_score_end_a_stretch() -> None:
    """They are never above a threshold."""
    signed = np.array([5.0, 5.0, np.nan, np.nan, 5.0])
    assert stretches_over(signed, 3, join=1).ends.tolist() == [1, 4]


def test_the_strongest_come_first_and_blank_what_is_near_to_them() -> None:
    """By the distance of the peaks."""
    stretches = stretches_over(_signed(), 3, join=2)
    peaks = stretches.peaks
    assert peaks[strongest(_signed(), stretches, blank=0, top=9)].tolist() == [40, 11, 15, 70]
    assert peaks[strongest(_signed(), stretches, blank=10, top=9)].tolist() == [40, 11, 70]
    assert peaks[strongest(_signed(), stretches, blank=10, top=1)].tolist() == [40]


def test_largest_rows_below_the_threshold_fill_the_list() -> None:
    """The three largest are listed even where fewer pass the threshold, and none twice."""
    signed = _signed()
    stretches, chosen = largest_stretches(signed, 8, EventSettings(join=3, blank=10, top=4))
    assert stretches.peaks[chosen].tolist() == [40, 11, 70, 90]
    few, numbers = largest_stretches(np.zeros(50), 8, EventSettings(join=3, blank=10, top=3))
    assert not len(numbers)
    assert not len(few.peaks)


def test_an_event_is_described_in_sigma_and_in_its_unit() -> None:
    """Values at the peak, area in sigma hours over the whole event."""
    signed = _signed()
    score = Score(np.full(100, 20.0), signed, signed / 10, signed)
    stretches = stretches_over(signed, 3, join=3)
    table = event_table("A", np.arange(100.0), score, stretches, np.array([1, 0]), step=600)
    first = table.iloc[0]
    assert (first.parameter, first["rank"], first.start_row, first.peak_row, first.end_row) == ("A", 1, 40, 40, 41)
    assert (first.peak_sigma, first.peak_value, first.measured, first.predicted) == (-20.0, -2.0, 40.0, 20.0)
    assert first.area == pytest.approx(27 / 6)


def test_incidents_are_ordered_by_onset_and_say_who_moved_first() -> None:
    """Events that overlap or lie within the tolerance belong together, also through a third."""
    events = pd.DataFrame(
        [
            ("A", 1, 10, 30, 5.0),
            ("B", 1, 25, 50, -8.0),
            ("C", 1, 52, 60, 4.0),
            ("A", 2, 70, 80, 3.0),
            ("D", 1, 10, 12, 6.0),
        ],
        columns=["parameter", "rank", "start_row", "end_row", "peak_sigma"],
    )
    table = find_incidents(events, tolerance=3, step=600)
    assert table.incident.tolist() == [1, 1, 1, 1, 2]
    assert table.parameter.tolist() == ["D", "A", "B", "C", "A"]
    assert table.order.tolist() == [1, 1, 3, 4, 1]
    assert table.lag_minutes.tolist() == [0, 0, 150, 420, 0]
    assert find_incidents(events, tolerance=1, step=600).incident.nunique() == 3
    assert find_incidents(events[:0], tolerance=1, step=600).empty


def test_the_marked_range_leaves_labelled_rows_out() -> None:
    """With a mark the rows before it, without one the rows labelled as normal, with neither none."""
    labels = np.zeros(10, dtype=bool)
    labels[[2, 8]] = True
    marked = nominal_range(10, 5, "rows", labels)
    assert (np.flatnonzero(marked.rows).tolist(), marked.rule, marked.end) == ([0, 1, 3, 4], "rows", 5)
    assert np.flatnonzero(nominal_range(10, None, "rows", labels).rows).tolist() == [0, 1, 3, 4, 5, 6, 7, 9]
    assert nominal_range(10, None, "rows", labels).rule == "labels"
    assert nominal_range(10, None, "rows", None).rows is None
    assert nominal_range(10, None, "rows", np.zeros(10, dtype=bool)).rule == "found"


def test_the_largest_residuals_are_left_out_with_a_margin() -> None:
    """A share of the rows, and so many rows on either side; rows without a residual are never kept."""
    sizes = np.ones(100)
    sizes[[0, 50]] = 9.0
    sizes[80] = np.nan
    kept = without_largest(sizes, margin=2, share=0.02)
    assert np.flatnonzero(~kept).tolist() == [0, 1, 2, 48, 49, 50, 51, 52, 80]
