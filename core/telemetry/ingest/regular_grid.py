"""Rows at irregular times, brought to a regular grid: means of quantities, last values of states, gaps kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import BadInput
from core.telemetry.ingest.time_axis import TimeAxis

MOST_ROWS = 50_000  # that the automatic step leads to
LIMIT_ROWS = 2_000_000  # that a chosen step may lead to
FILLED = 2  # bins without a value that are interpolated; longer gaps stay gaps
TOLERANCE = 0.05  # a step that close to a round one is that round one
_MS = 1_000_000  # nanoseconds
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
ROUND_STEPS = (
    *(digit * 10.0**power for power in (-3, -2, -1) for digit in (1, 2, 5)),
    *(float(seconds) for seconds in (1, 2, 5, 10, 20, 30)),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 20, 30)),
    *(hours * _HOUR for hours in (1, 2, 6, 12)),
    *(days * _DAY for days in (1, 2, 5, 10, 20, 50, 100, 200, 365)),
)


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of a regular grid, and which of them each distinct time falls into.

    Attributes:
        times: [bins] int64, milliseconds since 1970-01-01 UTC.
        step: seconds.
        of_time: [distinct] int64, bin of each distinct time, ascending.
        expected: rows that a full bin holds at the file's own step, at least 1.
    """

    times: np.ndarray
    step: float
    of_time: np.ndarray
    expected: float

    @property
    def count(self) -> int:
        """How many bins."""
        return len(self.times)

    @cached_property
    def used(self) -> tuple[np.ndarray, np.ndarray]:
        """Bins with at least one row, and where each begins among the distinct times."""
        starts = np.flatnonzero(np.concatenate([[True], np.diff(self.of_time) > 0]))
        return self.of_time[starts], starts


def automatic_step(step: float, span: float) -> float:
    """The step of the grid where none is chosen, in seconds.

    The file's own median step, made round where it is within 5 % of a round one; where that leads to more than 50,000
    rows, the next round step that does not.

    >>> automatic_step(10.0, 180 * 86400.0), automatic_step(1.0003, 900.0), automatic_step(900.0, 1e6)
    (600.0, 1.0, 900.0)
    """
    if span / step > MOST_ROWS:
        return next((one for one in ROUND_STEPS if one * MOST_ROWS >= span), ROUND_STEPS[-1])
    nearest = min(ROUND_STEPS, key=lambda one: abs(math.log(one / step)))
    if abs(step / nearest - 1) <= TOLERANCE:
        return nearest
    return max(round(step, 3), 0.001)  # times are kept in milliseconds


def make_bins(axis: TimeAxis, step: float | None, filename: str) -> Bins:
    """Lays a regular grid over the times of a file.

    Bins begin at whole multiples of the step since 1970 (for steps that divide a day: at midnight UTC). At about the
    file's own step they are moved so that the usual stamp lies in the middle of a bin: a clock that is a few
    milliseconds early now and then would otherwise leave one bin empty and put two rows into the next.

    Args:
        axis: the distinct times of the file.
        step: seconds; None: `automatic_step`.
        filename: as messages show it.

    Raises:
        BadInput: the step leads to more than two million rows or to fewer than three.
    """
    step = automatic_step(axis.step, axis.span) if step is None else round(step, 3)
    width = round(step * 1000) * _MS
    phase = _usual_phase(axis.ns, width) if step < 1.5 * axis.step else None
    origin = 0 if phase is None else phase - width // 2
    first, last = (int(axis.ns[0]) - origin) // width, (int(axis.ns[-1]) - origin) // width
    count = last - first + 1
    if count > LIMIT_ROWS:
        raise BadInput(
            f"{filename}: a time step of {step:g} s over {axis.span / _DAY:,.1f} days leads to {count:,} rows; at most "
            f"{LIMIT_ROWS:,} are accepted: choose a longer step with resample=SECONDS."
        )
    if count < 3:
        raise BadInput(
            f"{filename}: a time step of {step:g} s leaves {count} of its rows in time; choose a shorter one with "
            "resample=SECONDS."
        )
    of_time = (axis.ns - origin) // width - first
    shown = first * width + (0 if phase is None else phase)
    times = shown // _MS + np.arange(count, dtype=np.int64) * (width // _MS)
    return Bins(times, step, of_time, max(step / axis.step, 1.0))


def _usual_phase(ns: np.ndarray, width: int) -> int | None:
    """Where in a step the stamps usually lie, whole milliseconds; None where they lie anywhere.

    The direction of the mean of exp(2 pi i phase); its length is 1 for a perfect clock and about 0 for random times.
    """
    mean = np.exp(2j * np.pi * ((ns % width) / width)).mean()
    if abs(mean) < 0.7:
        return None
    phase = float(np.angle(mean)) / (2 * np.pi) % 1.0
    if min(phase, 1 - phase) < TOLERANCE:
        return 0
    return round(phase * width / _MS) * _MS


def mean_of_bins(values: np.ndarray, axis: TimeAxis, bins: Bins) -> tuple[np.ndarray, np.ndarray]:
    """Means of a quantity: rows of one time are averaged first, then the times of one bin.

    Args:
        values: [file rows] float64, NaN where missing.
        axis: of the file.
        bins: of the grid.

    Returns:
        [bins] means, NaN where a bin has no value; [bins] int64, how many distinct times of a bin have a value.
    """
    values = values[axis.order]
    if axis.duplicates:
        values, _ = _means(values, axis.starts)
    used, starts = bins.used
    means, counts = np.full(bins.count, np.nan), np.zeros(bins.count, np.int64)
    means[used], counts[used] = _means(values, starts)
    return means, counts


def last_of_bins(values: np.ndarray, axis: TimeAxis, bins: Bins) -> tuple[np.ndarray, np.ndarray]:
    """The last known value of a state in each bin; arguments and returns as `mean_of_bins`."""
    values = values[axis.order]
    of_row = bins.of_time[axis.distinct] if axis.duplicates else bins.of_time
    starts = np.flatnonzero(np.concatenate([[True], np.diff(of_row) > 0]))
    known = ~np.isnan(values)
    latest = np.maximum.reduceat(np.where(known, np.arange(len(values)), -1), starts)
    last, counts = np.full(bins.count, np.nan), np.zeros(bins.count, np.int64)
    last[of_row[starts]] = np.where(latest >= 0, values[np.maximum(latest, 0)], np.nan)
    counts[of_row[starts]] = np.add.reduceat(known.astype(np.int64), starts)
    return last, counts


def any_of_bins(flags: np.ndarray, axis: TimeAxis, bins: Bins) -> np.ndarray:
    """[bins] bool, whether any row of a bin carries the flag; an empty bin of a short gap takes that of the bin before."""
    of_row = bins.of_time[axis.distinct]
    found = np.full(bins.count, np.nan)
    found[of_row] = 0.0
    found[of_row[flags[axis.order]]] = 1.0
    return np.nan_to_num(hold_short_gaps(found)) > 0


def fill_short_gaps(values: np.ndarray) -> np.ndarray:
    """Interpolates linearly over at most `FILLED` bins without a value; longer gaps, and both ends, stay NaN."""
    missing = np.isnan(values)
    short = _short_runs(missing)
    if not short.any():
        return values
    filled = values.copy()
    known = np.flatnonzero(~missing)
    filled[short] = np.interp(np.flatnonzero(short), known, values[known])
    return filled


def hold_short_gaps(values: np.ndarray) -> np.ndarray:
    """As `fill_short_gaps`, with the value before the gap: a state lasts until another is known."""
    short = _short_runs(np.isnan(values))
    if not short.any():
        return values
    latest = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return np.where(short, values[latest], values)


def _short_runs(missing: np.ndarray) -> np.ndarray:
    """[bins] bool, the runs of missing values that are at most `FILLED` long and lie between known values."""
    edges = np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    short = (ends - starts <= FILLED) & (starts > 0) & (ends < len(missing))
    marks = np.zeros(len(missing) + 1, np.int64)
    np.add.at(marks, starts[short], 1)
    np.add.at(marks, ends[short], -1)
    return np.cumsum(marks[:-1]) > 0


def _means(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and counts of the known values of consecutive runs."""
    known = ~np.isnan(values)
    counts = np.add.reduceat(known.astype(np.int64), starts)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan), counts
