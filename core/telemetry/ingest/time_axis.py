"""The rows of a file in the order of time: sorted, without duplicates, with their typical step and their gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.data.telemetry_file import Columns
from core.errors import BadInput
from core.telemetry.ingest.stamp_cells import SECOND
from core.telemetry.ingest.stamps import Stamps, read_stamps

GAP_STEPS = 5  # a step longer than so many median steps is a gap


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """When the rows of a file were measured.

    Attributes:
        ns: [distinct] int64, the distinct times in order, nanoseconds since 1970-01-01 UTC.
        order: [stamped] int64, file rows that have a time, in the order of time (rows of one time as in the file).
        starts: [distinct] int64, where each distinct time begins in `order`.
        rows: of the file.
        step: median distance of two distinct times in seconds.
        unsorted: file rows that are earlier than the row before them.
        duplicates: rows beyond the first of their time.
        missing: rows without a time.
        notes: what the reader must know of the times.
    """

    ns: np.ndarray
    order: np.ndarray
    starts: np.ndarray
    rows: int
    step: float
    unsorted: int
    duplicates: int
    missing: int
    notes: tuple[str, ...] = ()

    @property
    def span(self) -> float:
        """Seconds from the first time to the last."""
        return float(self.ns[-1] - self.ns[0]) / SECOND

    def gaps(self) -> tuple[np.ndarray, np.ndarray]:
        """Last time before and first time after each gap, nanoseconds.

        A gap is a step of more than `GAP_STEPS` median steps.
        """
        here = np.flatnonzero(np.diff(self.ns) > GAP_STEPS * self.step * SECOND)
        return self.ns[here], self.ns[here + 1]

    @cached_property
    def distinct(self) -> np.ndarray:
        """[stamped] the place in `ns` of each row of `order`."""
        if not self.duplicates:
            return np.arange(len(self.starts))
        counts = np.diff(np.append(self.starts, len(self.order)))
        return np.repeat(np.arange(len(self.starts)), counts)


def time_axis(stamps: Stamps, what: str) -> TimeAxis:
    """Orders the rows of a file by time.

    Args:
        stamps: of the rows.
        what: file and column, as messages show them.

    Raises:
        BadInput: fewer than three distinct times.
    """
    stamped = np.flatnonzero(~stamps.missing)
    ns = stamps.ns[stamped]
    unsorted = int(np.count_nonzero(np.diff(ns) < 0))
    if unsorted:
        place = np.argsort(ns, kind="stable")
        stamped, ns = stamped[place], ns[place]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ns) > 0]))
    distinct = ns[starts]
    if len(distinct) < 3:
        raise BadInput(f"{what} holds {_counted(len(distinct), 'distinct time')}; at least three are needed.")
    missing, duplicates = int(stamps.missing.sum()), len(ns) - len(distinct)
    notes = list(stamps.notes)
    if missing:
        notes.append(f"{_counted(missing, 'row')} without a time {'was' if missing == 1 else 'were'} left out.")
    if unsorted:
        notes.append(
            f"The rows were sorted by time: {_counted(unsorted, 'row')} {'is' if unsorted == 1 else 'are'} earlier than the "
            "row before."
        )
    if duplicates:
        notes.append(
            f"{_counted(duplicates, 'row')} {'repeats' if duplicates == 1 else 'repeat'} the time of another; rows of one "
            "time were averaged."
        )
    step = float(np.median(np.diff(distinct))) / SECOND
    return TimeAxis(distinct, stamped, starts, len(stamps.ns), step, unsorted, duplicates, missing, tuple(notes))


def axis_of_column(columns: Columns, name: str, zone: str) -> TimeAxis:
    """The times in a column.

    Args:
        columns: of the file.
        name: of the time column.
        zone: of stamps that name none.

    Raises:
        BadInput: stamps that can't be read, or fewer than three distinct ones.
    """
    what = f"{columns.filename}, column {name!r}"
    _, cells = next(iter(columns.each([name])))
    stamps = read_stamps(cells, zone, what)
    axis = time_axis(stamps, what)
    if 2 * axis.duplicates > axis.rows and not (stamps.ns % (86_400 * SECOND)).any():
        raise BadInput(
            f"{what} holds days without a time of day, each in many rows; join day and time of day into one column of stamps "
            "such as 2024-02-15T10:30:00Z."
        )
    return axis


def counted_axis(rows: int, seconds: float, what: str) -> TimeAxis:
    """The axis of a file without times whose rows are evenly spaced; it starts at 1970-01-01.

    Raises:
        BadInput: fewer than three rows, or a span past the year 2262.
    """
    if rows * seconds > 9.2e9:
        raise BadInput(
            f"{what}: {rows:,} rows of {seconds:g} s reach past the year 2262; choose a smaller row_seconds."
        )
    ns = np.rint(np.arange(rows) * (seconds * SECOND)).astype(np.int64)
    axis = time_axis(Stamps(ns, np.zeros(rows, bool)), what)
    note = f"The file has no times: rows were taken as {seconds:g} s apart and are counted from 1970-01-01 00:00."
    return replace(axis, notes=(note,))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
