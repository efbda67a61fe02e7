"""Has this happened before? The earlier stretch of a parameter's score that looks most like an event.

Shapes are compared by the Pearson correlation r of windows of equal length, which says the same as the z-normalised
Euclidean distance d = sqrt(2 m (1 - r)) of windows of m rows; all windows at once by one FFT (MASS, Mueen et al. 2017).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d
from scipy.signal import fftconvolve

from core.telemetry.grid import Grid

AROUND = 3600.0  # seconds before and after an event that belong to its shape
SIZE_RATIO = 4.0  # an occurrence is between a quarter and four times as large
COLUMNS = (
    "parameter",
    "rank",
    "previous_start",
    "previous_peak",
    "previous_start_row",
    "previous_peak_row",
    "previous_sigma",
    "similarity",
)


def previous_occurrences(grid: Grid, signed_score: np.ndarray, events: pd.DataFrame) -> pd.DataFrame:
    """The most similar earlier stretch for each event of one parameter.

    Args:
        grid: the telemetry.
        signed_score: [rows] in sigma, NaN where there is none.
        events: parameter, rank, start_row, peak_row and end_row (inclusive).

    Returns:
        One row an event: parameter, rank, previous_start and previous_peak (ms since 1970 UTC), their row numbers,
        previous_sigma (signed, at the peak), similarity (correlation of the shapes, from 0 to 1). <NA> and NaN where
        nothing of a similar size happened before.
    """
    around = grid.rows_in(AROUND)
    rows = []
    for parameter, *numbers in events[["parameter", "rank", "start_row", "end_row"]].to_numpy(dtype=object):
        rank, start, end = (int(number) for number in numbers)
        first, stop = max(start - around, 0), min(end + around + 1, grid.rows)
        found = most_similar(signed_score, first, stop)
        named: dict[str, object] = {"parameter": parameter, "rank": rank}
        if found is not None:
            place, similarity = found
            window = signed_score[place : place + stop - first]
            peak = place + int(np.argmax(np.abs(window)))
            begin = min(place + start - first, peak)
            named |= {
                "previous_start": int(grid.times[begin]),
                "previous_peak": int(grid.times[peak]),
                "previous_start_row": begin,
                "previous_peak_row": peak,
                "previous_sigma": float(signed_score[peak]),
                "similarity": similarity,
            }
        rows.append(named)
    whole = dict.fromkeys(("previous_start", "previous_peak", "previous_start_row", "previous_peak_row"), "Int64")
    numbers_ = {"previous_sigma": "float64", "similarity": "float64"}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({**whole, **numbers_})


def most_similar(score: np.ndarray, start: int, stop: int) -> tuple[int, float] | None:
    """Where the window [start, stop) has its best match among the windows that end before it starts.

    Returns:
        First row of the match and its similarity r; None where no earlier window is whole, of similar size and of a
        shape that goes up and down with it (r > 0).
    """
    query, length = score[start:stop], stop - start
    if start < length or np.isnan(query).any():
        return None
    earlier = score[:start]
    r = correlations(query, earlier)
    size = np.abs(query).max()
    largest = _moving_maximum(np.abs(np.nan_to_num(earlier)), length)
    possible = ~np.isnan(r) & (largest >= size / SIZE_RATIO) & (largest <= size * SIZE_RATIO)
    place = int(np.argmax(np.where(possible, r, -np.inf)))
    return (place, min(float(r[place]), 1.0)) if possible[place] and r[place] > 0 else None


def correlations(query: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Pearson's r of a window with every window of a series.

    Args:
        query: [m] without NaN.
        series: [n], n >= m.

    Returns:
        [n - m + 1] float64; NaN where a window holds NaN or is constant, or the query is.
    """
    m = len(query)
    known = ~np.isnan(series)
    centre = series[known].mean() if known.any() else 0.0
    x = np.where(known, series - centre, 0.0)
    q = query - query.mean()
    sums, squares = _moving_sum(x, m), _moving_sum(x**2, m)
    products = fftconvolve(x, q[::-1], mode="valid")
    spread = np.sqrt(np.maximum(squares - sums**2 / m, 0.0)) * np.sqrt((q**2).sum())
    whole = _moving_sum((~known).astype(np.float64), m) == 0
    smallest = 1e-7 * np.sqrt(np.maximum(squares, 0.0) * (q**2).sum())  # below: rounding alone
    usable = whole & (spread > smallest) & (spread > 0)
    return np.divide(products, spread, out=np.full(len(products), np.nan), where=usable)


def _moving_sum(x: np.ndarray, m: int) -> np.ndarray:
    total = np.concatenate([[0.0], np.cumsum(x)])
    return total[m:] - total[:-m]


def _moving_maximum(x: np.ndarray, m: int) -> np.ndarray:
    """The largest of each m neighbours, [len(x) - m + 1]."""
    return maximum_filter1d(x, m, origin=-(m // 2), mode="nearest")[: len(x) - m + 1]
