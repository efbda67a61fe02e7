"""The definitions as plain loops, slow and without any trick."""

from __future__ import annotations

import math

import numpy as np


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last row of each run."""
    found: list[tuple[int, int]] = []
    for row, flag in enumerate(flags):
        if flag and row and flags[row - 1]:
            found[-1] = (found[-1][0], row)
        elif flag:
            found.append((row, row))
    return found


def vus(labels: np.ndarray, scores: np.ndarray, window: int, definition: str) -> tuple[float, float]:
    """VUS-PR and VUS-ROC."""
    areas = [range_areas(labels, scores, w, definition) for w in range(window + 1)]
    return sum(pr for pr, _ in areas) / len(areas), sum(roc for _, roc in areas) / len(areas)


def range_areas(labels: np.ndarray, scores: np.ndarray, w: int, definition: str) -> tuple[float, float]:
    """Areas under the curves for one window."""
    n, events, h = len(labels), runs(labels), w // 2
    extended = [0.0] * n
    behind = h if definition == "tsb_ad" else h - 1
    for first, last in events:
        for distance in range(1, h + 1):
            if first - distance >= 0:
                extended[first - distance] += math.sqrt(1 - distance / w)
        for distance in range(1, behind + 1):
            if last + distance < n:
                extended[last + distance] += math.sqrt(1 - distance / w)
    extended = [1.0 if label else min(1.0, value) for label, value in zip(labels, extended, strict=True)]
    widened = [False] * n
    for first, last in events:
        for row in range(max(0, first - h), min(n - 1, last + max(behind, 0)) + 1):
            widened[row] = True
    segments = widened_segments(events, h, max(behind, 0), n) if definition == "tsb_ad" else runs(np.array(widened))

    ordered = sorted(scores, reverse=True)
    rates, false_rates, precisions = [0.0], [0.0], [1.0]
    positives = sum(map(int, labels))
    for rank in np.linspace(0, n - 1, 250).astype(int):
        alarms = [score >= ordered[rank] for score in scores]
        count = sum(alarms)
        true = sum(value for value, alarm in zip(extended, alarms, strict=True) if alarm)
        on_slopes = true - sum(1 for label, alarm in zip(labels, alarms, strict=True) if label and alarm)
        total = positives + (on_slopes if definition == "tsb_ad" else sum(extended) - positives) / 2
        existence = sum(any(alarms[first : last + 1]) for first, last in segments) / len(segments)
        rates.append(min(true / total, 1) * existence)
        false_rates.append((count - true) / (n - total))
        precisions.append(true / count)
    pr = 0.0
    for k in range(1, len(rates)):
        height = precisions[k] if definition == "tsb_ad" else (precisions[k] + precisions[k - 1]) / 2
        pr += (rates[k] - rates[k - 1]) * height
    rates, false_rates = [*rates, 1.0], [*false_rates, 1.0]
    roc = sum((false_rates[k] - false_rates[k - 1]) * (rates[k] + rates[k - 1]) / 2 for k in range(1, len(false_rates)))
    return pr, roc


def widened_segments(events: list[tuple[int, int]], h: int, behind: int, n: int) -> list[tuple[int, int]]:
    """Widened events; one goes on into the next unless a row lies between their ends."""
    found = [(events[0][0] - h, events[0][1] + behind)]
    for first, last in events[1:]:
        if found[-1][1] < first - h:
            found.append((first - h, last + behind))
        else:
            found[-1] = (found[-1][0], last + behind)
    return [(max(0, first), min(n - 1, last)) for first, last in found]


def event_scores(labels: np.ndarray, alarms: np.ndarray) -> dict[str, float]:
    """The counts of the ESA benchmark, event by event and alarm by alarm."""
    events, raised = runs(labels), runs(alarms)

    def meet(a: tuple[int, int], b: tuple[int, int]) -> bool:
        return a[0] <= b[1] and b[0] <= a[1]

    met = [sum(meet(event, alarm) for alarm in raised) for event in events]
    return {
        "found": sum(count > 0 for count in met),
        "missed": sum(count == 0 for count in met),
        "redundant": sum(max(0, count - 1) for count in met),
        "false_alarms": sum(not any(meet(event, alarm) for event in events) for alarm in raised),
        "false_rows": sum(alarm and not label for label, alarm in zip(labels, alarms, strict=True)),
        "nominal_rows": sum(not label for label in labels),
    }


def timing(labels: np.ndarray, alarms: np.ndarray) -> list[float | None]:
    """Timing quality of each event; None where it isn't found."""
    found: list[float | None] = []
    before: int | None = None
    for first, last in runs(labels):
        length = last - first + 1
        early = length if before is None else min(length, first - before)
        before = first
        meeting = [alarm for alarm in runs(alarms) if alarm[0] <= last and alarm[1] >= first]
        if not meeting:
            found.append(None)
            continue
        x = meeting[0][0] - first
        if x <= -early:
            found.append(0.0)
        elif x <= 0:
            found.append(((x + early) / early) ** math.e)
        else:
            found.append(1 / (1 + (x / (length - x)) ** math.e))
    return found


def affiliation(labels: np.ndarray, alarms: np.ndarray, fine: int = 40) -> tuple[float, float]:
    """Affiliation precision and recall by sums over a fine grid of points; right to about 1 / fine of a row."""
    points = (np.arange(len(labels) * fine) + 0.5) / fine
    events = runs(labels)
    alarmed = np.repeat(alarms, fine)

    def distance(x: np.ndarray, first: int, last: int) -> np.ndarray:
        return np.maximum(np.maximum(first - x, x - (last + 1)), 0)

    nearest = np.argmin([distance(points, first, last) for first, last in events], axis=0)
    precisions, recalls = [], []
    for j, (first, last) in enumerate(events):
        zone = points[nearest == j]
        here = points[(nearest == j) & alarmed]
        if here.size == 0:
            recalls.append(0.0)
            continue
        far = np.sort(distance(zone, first, last))
        precisions.append(np.mean(1 - np.searchsorted(far, distance(here, first, last)) / zone.size))
        inside = zone[(zone > first) & (zone < last + 1)]
        recall = []
        for point in inside:
            gap = np.abs(here - point).min()
            recall.append(np.mean(np.abs(zone - point) >= gap))
        recalls.append(float(np.mean(recall)))
    return float(np.mean(precisions)), float(np.mean(recalls))
