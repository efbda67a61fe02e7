"""Affiliation precision and recall: how much nearer to the events the alarms are than a random point would be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.metrics.events import runs
from core.telemetry.metrics.inputs import as_alarms, as_labels
from core.telemetry.metrics.undefined import Undefined


@dataclass(frozen=True)
class Affiliation:
    """Affiliation metrics; their floor is high, so read them beside those of a random detector only.

    Attributes:
        precision: mean over the zones that have an alarm.
        recall: mean over all zones.
    """

    precision: float
    recall: float

    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def affiliation(labels: np.ndarray, alarms: np.ndarray) -> Affiliation:
    """Affiliation precision and recall (Huet et al. 2022, arXiv 2206.13167), as integrals over continuous time.

    Row i is the stretch [i, i + 1). The zone of an event holds what is nearer to it than to any other event. Precision
    of a zone: mean over the points x of its alarms of P(dist(X, event) >= dist(x, event)) with X uniform on the zone.
    Recall: mean over the points a of its event of P(dist(a, X) >= dist(a, alarms of the zone)); 0 without an alarm.
    A random detector gets about 1/2 and nearly 1 for these two, and even an inverted one may get an F1 above 0.6.

    Args:
        labels: [rows] bool or 0 and 1.
        alarms: [rows] bool or 0 and 1.

    Raises:
        BadInput: labels, alarms or sizes that can't be used.
        Undefined: no event, nothing but events, or no alarm.
    """
    events = as_labels(labels)
    first, last = runs(as_alarms(alarms, events.size))
    if first.size == 0:
        raise Undefined("No alarm was raised, so none can be near an event.")
    starts, ends = runs(events)
    borders = np.concatenate([[0.0], (ends[:-1] + 1 + starts[1:]) / 2, [events.size]])
    precisions, recalls = [], []
    for start, end, low, high in zip(starts, ends + 1, borders[:-1], borders[1:], strict=True):
        here = slice(np.searchsorted(last + 1, low, side="right"), np.searchsorted(first, high))
        begin, stop = np.maximum(first[here], low), np.minimum(last[here] + 1, high)
        if begin.size == 0:
            recalls.append(0.0)
            continue
        precisions.append(_precision(begin, stop, float(start), float(end), low, high))
        recalls.append(_recall(begin, stop, float(start), float(end), low, high))
    return Affiliation(float(np.mean(precisions)), float(np.mean(recalls)))


def _precision(begin: np.ndarray, stop: np.ndarray, start: float, end: float, low: float, high: float) -> float:
    """Mean over the alarms [begin, stop) of the chance that a random point of the zone is no nearer to the event."""
    left, right = start - low, high - end

    def whole(distance: np.ndarray) -> np.ndarray:
        """Integral of that chance from the event's edge to a distance."""
        nearer = sum(
            np.where(distance <= side, distance**2 / 2, side * distance - side**2 / 2) for side in (left, right)
        )
        return distance - ((end - start) * distance + nearer) / (high - low)

    before = whole(np.maximum(start - begin, 0)) - whole(np.maximum(start - stop, 0))
    behind = whole(np.maximum(stop - end, 0)) - whole(np.maximum(begin - end, 0))
    inside = np.maximum(np.minimum(stop, end) - np.maximum(begin, start), 0)
    return float((before + inside + behind).sum() / (stop - begin).sum())


def _recall(begin: np.ndarray, stop: np.ndarray, start: float, end: float, low: float, high: float) -> float:
    """Mean over the points of the event of the chance that a random point of the zone is no nearer than the alarms.

    The chance is linear between edges and midpoints of alarms and the points as far from an alarm as from the zone's
    border, so its value in the middle of such a piece is its mean.
    """
    bends = np.concatenate(
        [[start, end], begin, stop, (stop[:-1] + begin[1:]) / 2, (begin + low) / 2, (stop + high) / 2]
    )
    bends = np.unique(np.clip(bends, start, end))
    point, length = (bends[1:] + bends[:-1]) / 2, np.diff(bends)
    following = np.searchsorted(begin, point, side="right")  # alarms that begin before the point
    behind = np.where(following > 0, point - stop[np.maximum(following - 1, 0)], np.inf)
    ahead = np.where(following < begin.size, begin[np.minimum(following, begin.size - 1)] - point, np.inf)
    distance = np.maximum(np.minimum(behind, ahead), 0)
    nearer = np.minimum(distance, point - low) + np.minimum(distance, high - point)
    return float(((1 - nearer / (high - low)) * length).sum() / (end - start))
