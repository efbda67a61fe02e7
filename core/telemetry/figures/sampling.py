"""Fewer points for a picture: MinMaxLTTB over what a viewport shows, with every gap that can be seen kept as a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

POINTS = 2_000  # of one line; twice as many as a wide window has pixels
_LEAST = 4  # points that any stretch keeps: its ends, its minimum and its maximum


@dataclass(frozen=True)
class Line:
    """Points of a line; NaN in `y` breaks it.

    Attributes:
        x: [points] float64, milliseconds since 1970-01-01 UTC. Numbers, because Plotly takes dates 25 times slower.
        y: [points] float32 or float64.
    """

    x: np.ndarray
    y: np.ndarray


def sampled(
    times: np.ndarray, values: np.ndarray, start: int | None = None, end: int | None = None, points: int = POINTS
) -> Line:
    """What a line looks like between two moments.

    A stretch without gaps is thinned by MinMaxLTTB, which keeps extremes and shape; a gap is kept where it is at least
    as wide as the bin of the thinning, since a narrower one has no pixel of its own. The neighbours just outside the
    viewport come along, so that the line runs to its edges.

    Args:
        times: [rows] int64 milliseconds, ascending.
        values: [rows], NaN where nothing is known.
        start: left edge in milliseconds; None: the first row.
        end: right edge; None: the last row.
        points: about as many are returned; with very many gaps at most three times as many.

    Reference: Van Der Donckt et al. 2023, arXiv:2305.00332 (MinMaxLTTB); Steinarsson 2013 (LTTB).
    """
    first = 0 if start is None else max(int(np.searchsorted(times, start)) - 1, 0)
    last = len(times) if end is None else min(int(np.searchsorted(times, end, side="right")) + 1, len(times))
    x, y = times[first:last].astype(np.float64), np.ascontiguousarray(values[first:last])
    if len(y) <= points:
        return Line(x, y)
    known = np.flatnonzero(np.isfinite(y))
    if not len(known):
        return Line(x[[0, -1]], y[[0, -1]])
    width = -(-len(y) // (points // 2))  # rows of a bin
    stretches = np.split(known, np.flatnonzero(np.diff(known) > width) + 1)
    kept: list[np.ndarray] = []
    for stretch in stretches:
        wanted = max(points * len(stretch) // len(known), _LEAST)
        kept.append(_thinned(x, y, stretch, wanted))
    return _joined(x, y, kept)


def _thinned(x: np.ndarray, y: np.ndarray, stretch: np.ndarray, wanted: int) -> np.ndarray:
    """The rows of a stretch that stay."""
    if len(stretch) <= wanted:
        return stretch
    return stretch[MinMaxLTTBDownsampler().downsample(x[stretch], y[stretch], n_out=wanted)]


def _joined(x: np.ndarray, y: np.ndarray, kept: list[np.ndarray]) -> Line:
    """The stretches one after the other, NaN between them."""
    ends = np.cumsum([len(rows) for rows in kept])[:-1]
    rows = np.concatenate(kept)
    return Line(np.insert(x[rows], ends, x[rows[ends - 1]]), np.insert(y[rows], ends, np.nan))


def stretches_of(line: Line) -> list[Line]:
    """The unbroken pieces of a line, for shapes that are filled piece by piece."""
    known = np.flatnonzero(np.isfinite(line.y))
    if not len(known):
        return []
    return [Line(line.x[rows], line.y[rows]) for rows in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)]


def largest_by_size(values: np.ndarray, bins: int) -> np.ndarray:
    """The value of largest size in each of `bins` equal runs of rows, with its sign; NaN where a run has none.

    Args:
        values: [rows, columns].
        bins: at most as many as rows.

    Returns:
        [bins, columns].
    """
    edges = np.linspace(0, len(values), bins + 1).astype(int)[:-1]
    high = np.fmax.reduceat(values, edges, axis=0)
    low = np.fmin.reduceat(values, edges, axis=0)
    return np.where(np.abs(low) > np.abs(high), low, high)
