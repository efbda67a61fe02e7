"""Dynamic time warping (Sakoe and Chiba, IEEE Transactions on Acoustics, Speech and Signal Processing 26, 1978)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from core.errors import BadInput

NEVER = np.inf  # a cost that no path reaches
ROUNDING = 1 + 1e-12  # a bound is summed in another order than a cost


@dataclass(frozen=True, eq=False)
class Series:
    """Series side by side, shorter ones filled up with zeros.

    Attributes:
        values: [items, channels, longest] float64.
        lengths: [items] int64.
    """

    values: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    def taken(self, places: np.ndarray) -> Series:
        """Some of them."""
        return Series(self.values[places], self.lengths[places])


def side_by_side(items: Sequence[np.ndarray]) -> Series:
    """Series [channels, length] of perhaps different lengths as one table."""
    lengths = np.array([item.shape[1] for item in items], dtype=np.int64)
    values = np.zeros((len(items), items[0].shape[0], int(lengths.max())))
    for row, item in zip(values, items, strict=True):
        row[:, : item.shape[1]] = item
    return Series(values, lengths)


def dtw(first: np.ndarray, second: np.ndarray, window: int | None = None) -> float:
    """The square root of the least sum of squared differences along a warping path.

        c(i, j) = |x_i - y_j|^2 + min(c(i - 1, j), c(i, j - 1), c(i - 1, j - 1)),   |i - j| <= window

    The channels are warped together. A window narrower than the difference of the lengths is widened to it.

    >>> dtw(np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0]]))
    0.0

    Args:
        first: [channels, n].
        second: [channels, m].
        window: steps by which the path may leave the diagonal; None for any.

    Raises:
        BadInput: different numbers of channels, no values, or a window below 0.
    """
    if first.shape[0] != second.shape[0] or not first.size or not second.size:
        raise BadInput(f"Series of shape {first.shape} and {second.shape} are given; [channels, length] is expected.")
    widest = max(first.shape[1], second.shape[1])
    if window is not None and window < 0:
        raise BadInput(f"The window is {window}; a whole number from 0 is expected.")
    squared = _squared_of_two(
        np.ascontiguousarray(first, dtype=np.float64),
        np.ascontiguousarray(second, dtype=np.float64),
        widest if window is None else window,
        NEVER,
        np.empty((2, second.shape[1] + 1)),
    )
    return float(np.sqrt(squared))


def nearest(queries: Series, pool: Series, window: int | None = None, leave: np.ndarray | None = None) -> np.ndarray:
    """The place in the pool of the nearest series of each query, the first among equals.

    Candidates are tried in the order of a lower bound (Keogh and Ratanamahatana, Knowledge and Information Systems 7, 2005)
    and left as soon as bound or path costs more than the best so far, which changes nothing of the answer.

    Args:
        queries: the series that are asked for.
        pool: the series among which the nearest is sought.
        window: as of `dtw`.
        leave: [queries] a place in the pool that is passed over, such as the query's own; None: none is.

    Returns:
        [queries] int64.
    """
    longest = max(queries.values.shape[2], pool.values.shape[2])
    reach = longest if window is None else window
    same_length = len(set(queries.lengths.tolist()) | set(pool.lengths.tolist())) == 1
    lower, upper = _envelopes(pool.values, reach) if same_length else (pool.values, pool.values)
    passed = np.full(len(queries), -1, dtype=np.int64) if leave is None else np.asarray(leave, dtype=np.int64)
    return _nearest(
        queries.values, queries.lengths, pool.values, pool.lengths, lower, upper, reach, passed, same_length
    )


@njit(cache=True, nogil=True)
def _envelopes(values: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value within reach of each step."""
    lower, upper = np.empty_like(values), np.empty_like(values)
    items, channels, length = values.shape
    for item in range(items):
        for channel in range(channels):
            for step in range(length):
                low = high = values[item, channel, step]
                for near in range(max(0, step - reach), min(length, step + reach + 1)):
                    low, high = min(low, values[item, channel, near]), max(high, values[item, channel, near])
                lower[item, channel, step], upper[item, channel, step] = low, high
    return lower, upper


@njit(nogil=True)
def _bound(query: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """The sum of squares by which a series leaves the envelope of another: no path between the two costs less."""
    total = 0.0
    channels, length = query.shape
    for channel in range(channels):
        for step in range(length):
            above = query[channel, step] - upper[channel, step]
            below = lower[channel, step] - query[channel, step]
            outside = max(above, below, 0.0)
            total += outside * outside
    return total


@njit(nogil=True)
def _squared(first: np.ndarray, second: np.ndarray, reach: int, best: float, rows: np.ndarray) -> float:
    """The least squared cost, or infinity once all paths cost more than the best so far.

    Args:
        first: [channels, n].
        second: [channels, m].
        reach: window.
        best: cost above which nobody asks.
        rows: [2, at least m + 1] to work in.
    """
    channels, n = first.shape
    m = second.shape[1]
    width = max(reach, abs(n - m))
    before, row = 0, 1
    rows[before, : m + 1] = np.inf
    rows[before, 0] = 0.0
    for i in range(1, n + 1):
        start, stop = max(1, i - width), min(m, i + width)
        rows[row, start - 1] = np.inf
        least = np.inf
        for j in range(start, stop + 1):
            cost = min(rows[before, j - 1], rows[before, j], rows[row, j - 1])
            for channel in range(channels):
                gap = first[channel, i - 1] - second[channel, j - 1]
                cost += gap * gap
            rows[row, j] = cost
            least = min(least, cost)
        if stop < m:
            rows[row, stop + 1] = np.inf
        if least > best:
            return np.inf
        before, row = row, before
    return rows[before, m]


@njit(cache=True, nogil=True)
def _squared_of_two(first: np.ndarray, second: np.ndarray, reach: int, best: float, rows: np.ndarray) -> float:
    """`_squared` as Python calls it: what is kept on disk has one type, see `core.topology.compiled`."""
    return _squared(first, second, reach, best, rows)


@njit(cache=True, nogil=True)
def _nearest(
    queries: np.ndarray,
    query_lengths: np.ndarray,
    pool: np.ndarray,
    pool_lengths: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    reach: int,
    leave: np.ndarray,
    same_length: bool,
) -> np.ndarray:
    count = len(pool)
    found = np.empty(len(queries), dtype=np.int64)
    bounds = np.zeros(count)
    rows = np.empty((2, pool.shape[2] + 1))
    for place in range(len(queries)):
        query = queries[place, :, : query_lengths[place]]
        for other in range(count):
            bounds[other] = 0.0
            if same_length:
                bounds[other] = _bound(query, lower[other], upper[other])
        best, chosen = np.inf, -1
        for other in np.argsort(bounds, kind="mergesort"):
            if other == leave[place]:
                continue
            if bounds[other] > best * ROUNDING:
                break
            cost = _squared(query, pool[other, :, : pool_lengths[other]], reach, best, rows)
            if cost < best or (cost == best and other < chosen):
                best, chosen = cost, other
        found[place] = chosen
    return found
