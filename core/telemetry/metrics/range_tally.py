"""What a range-based curve counts at each threshold and for each width of the slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.metrics.events import runs

THRESHOLDS = 250  # as TSB-AD and aeon take
_FAR = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Tally:
    """Counts over some rows. Those of two stretches whose slopes don't meet can be added.

    With K thresholds, W + 1 windows w = 0 .. W and the reach h = floor(w / 2) of a slope on either side of an event:

    Attributes:
        rows: how many.
        labelled: of them, in events.
        alarms: [K] rows with a score of at least the threshold.
        hits: [K] labelled rows among them.
        slopes: [W + 1, K] sum of the slopes' heights at the other rows among them; zero in the middle of nowhere.
        found: [H + 1, K] widened events (those that meet count as one) with an alarm, for each reach.
        widened: [H + 1] widened events.
    """

    rows: float
    labelled: float
    alarms: np.ndarray
    hits: np.ndarray
    slopes: np.ndarray
    found: np.ndarray
    widened: np.ndarray


def sample_thresholds(scores: np.ndarray) -> np.ndarray:
    """[K] scores at evenly spaced ranks, highest first; both peers take the same.

    Args:
        scores: [rows] float64 without NaN.
    """
    ascending = np.sort(scores)
    ranks = np.linspace(0, scores.size - 1, THRESHOLDS).astype(np.int64)
    return ascending[scores.size - 1 - ranks]


def tally(labels: np.ndarray, scores: np.ndarray, thresholds: np.ndarray, window: int, delay: int) -> Tally:
    """Counts rows, events and slopes by the first threshold that they reach.

    A slope has the height sqrt(1 - d / w) at the distance d from its event, d = 1 .. h before it and d = 1 .. h - delay
    behind it. Slopes add up and are cut at 1; since d <= w / 2, each is at least 0.7, so that two of them make 1. It is
    enough, then, to know for each row the reach at which its first and its second slope arrive. As the window grows
    rows move from "none" to "one slope, distance d" to "1", which costs each of them two moves, not one for each window.

    Args:
        labels: [rows] bool with at least one event.
        scores: [rows] float64 without NaN, none below the last threshold.
        thresholds: [K] descending.
        window: W, the widest.
        delay: by how many rows the slope behind an event is shorter than that before it.
    """
    k = thresholds.size
    bins = np.searchsorted(-thresholds, -scores)  # first threshold that a row reaches
    starts, ends = runs(labels)
    near = _rows_near(labels, starts, ends, window // 2)
    found, widened = _widened(bins, starts, ends, window // 2, delay, k)
    return Tally(
        rows=scores.size,
        labelled=int(labels.sum()),
        alarms=_cumulated(bins, k),
        hits=_cumulated(bins[labels], k),
        slopes=_slopes(bins[near], *_arrivals(near, starts, ends, delay), window, k),
        found=found,
        widened=widened,
    )


def _cumulated(bins: np.ndarray, k: int) -> np.ndarray:
    return np.cumsum(np.bincount(bins, minlength=k)).astype(np.float64)


def _rows_near(labels: np.ndarray, starts: np.ndarray, ends: np.ndarray, reach: int) -> np.ndarray:
    """Rows outside of the events that are at most `reach` away from one, ascending."""
    n = labels.size
    covers = np.bincount(np.maximum(starts - reach, 0), minlength=n + 1)
    covers -= np.bincount(np.minimum(ends + reach + 1, n), minlength=n + 1)
    return np.flatnonzero((np.cumsum(covers[:n]) > 0) & ~labels)


def _arrivals(
    near: np.ndarray, starts: np.ndarray, ends: np.ndarray, delay: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row: the reach at which its first and second slope arrive, and the distance on the first."""
    following = np.searchsorted(starts, near)
    starts = np.concatenate([starts, [_FAR, _FAR]])
    ends = np.concatenate([[-_FAR, -_FAR], ends])
    before, before_next = starts[following] - near, starts[following + 1] - near
    behind, behind_next = near - ends[following + 1] + delay, near - ends[following] + delay
    first = np.minimum(before, behind)
    second = np.minimum(np.maximum(before, behind), np.minimum(before_next, behind_next))
    return first, second, np.where(before <= behind, before, behind - delay)


def _slopes(
    bins: np.ndarray, first: np.ndarray, second: np.ndarray, distance: np.ndarray, window: int, k: int
) -> np.ndarray:
    farthest = window // 2
    alone, met = (first < second) & (first <= farthest), second <= farthest
    left = alone & met
    reach = np.concatenate([first[alone], second[left]])
    place = np.concatenate([distance[alone] * k + bins[alone], distance[left] * k + bins[left]])
    change = np.repeat([1.0, -1.0], [alone.sum(), left.sum()])
    order = np.argsort(reach, kind="stable")
    moves = np.searchsorted(reach[order], np.arange(farthest + 2))

    single = np.zeros((farthest + 1) * k)  # rows on one slope, by distance and bin
    full = np.cumsum(np.bincount(second[met] * k + bins[met], minlength=single.size).reshape(-1, k), axis=0)
    slopes = np.empty((window + 1, k))
    for w in range(window + 1):
        h = w // 2
        if w % 2 == 0:
            now = order[moves[h] : moves[h + 1]]
            np.add.at(single, place[now], change[now])
        heights = np.sqrt(1 - np.arange(h + 1) / max(w, 1))
        slopes[w] = full[h] + heights @ single[: (h + 1) * k].reshape(-1, k)
    return np.cumsum(slopes, axis=1, out=slopes)


def _widened(
    bins: np.ndarray, starts: np.ndarray, ends: np.ndarray, farthest: int, delay: int, k: int
) -> tuple[np.ndarray, np.ndarray]:
    n = bins.size
    edges = np.stack([starts, ends + 1], axis=1).ravel()
    best = np.minimum.reduceat(bins, edges[:-1] if edges[-1] == n else edges)[::2]
    gaps = starts[1:] - ends[:-1]
    found, widened = np.empty((farthest + 1, k)), np.empty(farthest + 1)
    for reach in range(farthest + 1):
        low, high = starts - reach, ends + max(reach - delay, 0)
        best = np.minimum(best, np.where(low >= 0, bins[np.maximum(low, 0)], k))
        best = np.minimum(best, np.where(high < n, bins[np.minimum(high, n - 1)], k))
        group = np.flatnonzero(np.concatenate([[True], gaps > 2 * reach]))
        found[reach] = _cumulated(np.minimum.reduceat(best, group), k)
        widened[reach] = group.size
    return found, widened
