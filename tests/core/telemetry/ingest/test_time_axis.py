"""Sorting, duplicates and gaps: handled, counted and noted."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.telemetry.ingest.stamps import Stamps
from core.telemetry.ingest.time_axis import counted_axis, time_axis

S = 1_000_000_000


def axis(seconds: list[float], missing: list[int] = ()):
    absent = np.zeros(len(seconds), bool)
    absent[list(missing)] = True
    return time_axis(Stamps((np.array(seconds) * S).astype(np.int64), absent), "f.csv, column 't'")


def test_times_in_order_need_no_note():
    """A clean file has nothing to report."""
    found = axis([0, 10, 20, 30])
    assert (found.unsorted, found.duplicates, found.missing, found.notes) == (0, 0, 0, ())
    assert (found.step, found.span) == (10, 30)


def test_unsorted_duplicate_and_missing_times_are_handled_and_counted():
    """Rows are sorted stably, rows of one time stand together, rows without a time are left out; each has its sentence."""
    found = axis([0, 20, 10, 10, 99, 30], missing=[4])
    assert found.order.tolist() == [0, 2, 3, 1, 5]
    assert (found.ns // S).tolist() == [0, 10, 20, 30]
    assert found.distinct.tolist() == [0, 1, 1, 2, 3]
    assert (found.unsorted, found.duplicates, found.missing) == (1, 1, 1)
    assert found.notes == (
        "1 row without a time was left out.",
        "The rows were sorted by time: 1 row is earlier than the row before.",
        "1 row repeats the time of another; rows of one time were averaged.",
    )


def test_a_gap_is_longer_than_five_usual_steps():
    """The median step counts; a step of exactly five is no gap."""
    starts, ends = axis([0, 10, 20, 70, 80, 90, 150, 160]).gaps()
    assert (starts // S).tolist() == [90] and (ends // S).tolist() == [150]


def test_too_few_times_are_refused():
    """Two distinct times make no series."""
    with pytest.raises(BadInput, match=r"column 't' holds 2 distinct times; at least three are needed"):
        axis([0, 10, 10])


def test_rows_that_are_counted():
    """Without times the rows are evenly spaced from 1970 on, and a note says so."""
    found = counted_axis(5, 60.0, "f.parquet")
    assert (found.ns // S).tolist() == [0, 60, 120, 180, 240]
    assert found.notes[0].startswith("The file has no times: rows were taken as 60 s apart")
    with pytest.raises(BadInput, match="reach past the year 2262"):
        counted_axis(1_000_000, 86_400.0, "f.parquet")
