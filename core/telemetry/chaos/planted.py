"""Faults put into a flow, for the detector to find."""

from __future__ import annotations

import numpy as np

from core.telemetry.injection.shapes import Kind, faulty_readings

LENGTH = 0.5  # periods that a fault lasts
APART = 2.0  # periods between two faults at least


def plant_faults(
    series: np.ndarray, kind: Kind, size: float, events: int, per_period: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Plants faults of one kind and size, with random signs, one in each of equally long stretches.

    Fewer than `events` where the series is too short for so many of them.

    Args:
        series: [rows] in standard deviations.
        kind: of the fault.
        size: in standard deviations.
        events: how many.
        per_period: rows in one period.
        rng: of places, signs and noise.

    Returns:
        The series with the faults in it, and [rows] bool where they are.
    """
    length = max(2, round(LENGTH * per_period))
    events = min(events, int(len(series) / ((LENGTH + APART) * per_period)))
    slot = len(series) / events
    shown, labels = series.copy(), np.zeros(len(series), dtype=bool)
    for event in range(events):
        start = int(event * slot + rng.uniform(APART / 2 * per_period, slot - length - APART / 2 * per_period))
        rows = slice(start, start + length)
        sign = rng.choice([-1.0, 1.0])
        shown[rows] = faulty_readings(kind, series[rows], sign * size, max(1, length // 4), rng)
        labels[rows] = True
    return shown, labels
