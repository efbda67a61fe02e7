"""How far back a forecast looks, and how long its residuals are averaged: durations, in rows of a grid.

The durations that operators think in (15, 30 and 60 minutes) suit telemetry whose rows are minutes apart. On a finer
grid they would reach over hundreds of rows, or over all there is. One rule covers both: where a quarter of an hour is
more than `MOST_ROWS` rows, the lags are 1, 2 and 4 rows and residuals are averaged over `FINE_SMOOTHING` rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import BadInput

Preset = Literal["recommended", "paper"]

QUARTER = 900.0  # seconds
RECOMMENDED = (QUARTER, 2 * QUARTER, 4 * QUARTER)
PAPER = (QUARTER, 4 * QUARTER)
LEAST_ROWS = (1, 2, 4)  # of the recommended lags, on any grid
MOST_ROWS = 5  # that a quarter of an hour may be, for durations to be taken as they are
SMOOTHING = 1800.0  # seconds
FINE_SMOOTHING, LEAST_SMOOTHING = 10, 3  # rows


@dataclass(frozen=True)
class Lags:
    """The lags of a forecast.

    Attributes:
        asked: seconds, ascending; NaN where rows were asked for.
        rows: the same in rows of the grid, ascending and distinct.
    """

    asked: tuple[float, ...]
    rows: tuple[int, ...]

    @property
    def longest(self) -> int:
        """Rows that the forecast needs before it can begin."""
        return self.rows[-1]


def is_fine(step: float) -> bool:
    """Are the rows of a grid so close that durations of minutes do not suit it?"""
    return step * MOST_ROWS < QUARTER


def choose_lags(preset: Preset, step: float, seconds: Sequence[float] = ()) -> Lags:
    """The lags in rows: the nearest whole numbers, at least 1, each once.

    Args:
        preset: "paper": 15 and 60 minutes; "recommended": 15, 30 and 60 minutes but at least 1, 2 and 4 rows, and 1, 2
            and 4 rows on a fine grid.
        step: of the grid, in seconds.
        seconds: what a person chose instead.
    """
    if seconds:
        return _distinct([(asked, max(1, round(asked / step))) for asked in sorted(seconds)])
    if preset == "paper":
        return _distinct([(asked, max(1, round(asked / step))) for asked in PAPER])
    if is_fine(step):
        return Lags((np.nan,) * len(LEAST_ROWS), LEAST_ROWS)
    return _distinct(
        [(asked, max(least, round(asked / step))) for asked, least in zip(RECOMMENDED, LEAST_ROWS, strict=True)]
    )


def choose_smoothing(step: float, seconds: float | None = None) -> int:
    """Rows that residuals are averaged over: 30 minutes but at least 3 rows, or 10 rows on a fine grid.

    Args:
        step: of the grid, in seconds.
        seconds: what a person chose instead.
    """
    if seconds is not None:
        return max(1, round(seconds / step))
    return FINE_SMOOTHING if is_fine(step) else max(LEAST_SMOOTHING, round(SMOOTHING / step))


def lagged(values: np.ndarray, rows: int) -> np.ndarray:
    """[rows] the values so many rows before; NaN where one of the rows between is unknown.

    A value from the other side of a gap is not the recent past, whatever the clock says.

    >>> lagged(np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0]), 2)
    array([nan, nan, nan, nan, nan,  4.])
    """
    before = np.full(len(values), np.nan)
    before[rows:] = values[:-rows]
    unknown = np.concatenate([[0], np.cumsum(np.isnan(values))])
    across = unknown[rows + 1 :] > unknown[: -rows - 1]  # of the rows t - rows .. t
    before[rows:][across] = np.nan
    return before


def check_span(lags: Lags, rows: int, what: str) -> None:
    """Refuses lags that the rows to learn from can't hold.

    Args:
        lags: of the forecast.
        rows: how many there are to learn from.
        what: these rows are, for the sentence.

    Raises:
        BadInput: too few; the sentence has both numbers.
    """
    if rows <= lags.longest:
        raise BadInput(
            f"{what} has {rows:,} rows, fewer than the longest lag of {lags.longest:,} rows needs; mark a longer nominal "
            "range, or choose shorter lags with lags=SECONDS,SECONDS."
        )


def _distinct(pairs: Sequence[tuple[float, int]]) -> Lags:
    """Of several durations that are one row, the first stands for all."""
    kept = {rows: asked for asked, rows in reversed(pairs)}
    rows = tuple(sorted(kept))
    return Lags(tuple(kept[one] for one in rows), rows)
