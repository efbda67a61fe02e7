"""Anomaly detection timing quality curve of the ESA Anomaly Detection Benchmark: how timely the alarms are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from core.telemetry.metrics.events import runs
from core.telemetry.metrics.inputs import as_alarms, as_labels
from core.telemetry.metrics.undefined import Undefined


@dataclass(frozen=True)
class TimingQuality:
    """How timely the found events were found.

    Attributes:
        score: mean of the curve over the found events, from 0 to 1.
        after_share: share of the found events whose alarm began with the event or later.
        latency: [events] first row of the alarm minus first row of the event; NaN where no alarm meets the event.
        quality: [events] value of the curve; NaN where no alarm meets the event.
    """

    score: float
    after_share: float
    latency: np.ndarray = field(compare=False)
    quality: np.ndarray = field(compare=False)


def adtqc(labels: np.ndarray, alarms: np.ndarray, exponent: float = math.e) -> TimingQuality:
    """Timing quality of the first alarm on each event (Kotowski et al. 2024, arXiv 2406.17826).

    With the latency x in rows, the event's length b and a = min(b, rows since the start of the event before):
    0 for x <= -a or x >= b, ((x + a) / a)^e for -a < x <= 0, 1 / (1 + (x / (b - x))^e) for 0 < x < b. It is 1 for an
    alarm that begins with the event, 1/2 at its middle; long before the event it is credited to something else. The
    first event has a = b.

    Args:
        labels: [rows] bool or 0 and 1.
        alarms: [rows] bool or 0 and 1.
        exponent: e, how sharply quality falls.

    Raises:
        BadInput: labels, alarms or sizes that can't be used.
        Undefined: no event, nothing but events, or no event is found.
    """
    events = as_labels(labels)
    starts, ends = runs(events)
    first, last = runs(as_alarms(alarms, events.size))
    if first.size == 0:
        raise Undefined("No alarm was raised, so none can be timely.")
    earliest = np.minimum(np.searchsorted(last, starts), first.size - 1)  # first alarm that isn't over before
    found = (first[earliest] <= ends) & (last[earliest] >= starts)
    if not found.any():
        raise Undefined("No event was found, so no alarm can be timely.")
    length = (ends - starts + 1).astype(np.float64)
    early = np.minimum(length, np.diff(starts, prepend=starts[0] - length[0]))
    latency = np.where(found, first[earliest] - starts, np.nan)
    quality = np.where(found, timing_curve(latency, early, length, exponent), np.nan)
    return TimingQuality(
        float(quality[found].mean()), float((latency[found] >= 0).mean()), latency=latency, quality=quality
    )


def timing_curve(latency: np.ndarray, early: np.ndarray, length: np.ndarray, exponent: float = math.e) -> np.ndarray:
    """Value of the curve, from 0 to 1.

    Args:
        latency: x; NaN gives 0.
        early: a > 0, how much earlier an alarm may begin.
        length: b > 0, of the event.
        exponent: e.
    """
    before = np.clip((latency + early) / early, 0, 1) ** exponent
    inside = np.clip(latency, 0, length)
    with np.errstate(divide="ignore"):
        behind = 1 / (1 + (inside / (length - inside)) ** exponent)
    return np.nan_to_num(np.where(latency <= 0, before, behind))
