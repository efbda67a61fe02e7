"""Telemanom's threshold: the one whose removal of what lies above it calms the errors most, for the fewest alarms.

Hundman, Constantinou, Laporte, Colwell and Soderstrom 2018, "Detecting Spacecraft Anomalies Using LSTMs and
Nonparametric Dynamic Thresholding", arXiv:1802.04431, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.metrics.events import runs

FACTORS = np.arange(2.5, 12.0, 0.5)  # standard deviations above the mean that are tried
FALLBACK = 12.0  # where none of them is accepted
MOST_SEQUENCES = 5
LEAST_FALL = 0.13  # share by which the maxima of kept sequences fall


@dataclass(frozen=True, eq=False)
class NonparametricThreshold:
    """The threshold and what lies above it.

    Attributes:
        threshold: epsilon; mean + 12 sd where no factor was accepted, as in the authors' programs.
        factor: z of epsilon = mean + z x standard deviation; NaN where none was accepted.
        starts: [sequences] first rows of what is above it, widened and pruned.
        ends: [sequences] last rows, inclusive.
    """

    threshold: float
    factor: float
    starts: np.ndarray
    ends: np.ndarray


def nonparametric_threshold(errors: np.ndarray, buffer: int = 0) -> NonparametricThreshold:
    """Epsilon of smoothed errors.

    For each z = 2.5, 3.0, ..., 11.5: epsilon = mean + z sd; with e' the errors below it, i the rows above it widened by
    a buffer and E the runs of those, the score is ((mean - mean(e')) / mean + (sd - sd(e')) / sd) / (|E|^2 + |i|). The best
    with |E| <= 5 and |i| < n / 2 is kept. Then sequences are pruned: in descending order of their maxima, followed by
    the largest error outside of them, all after the last fall by at least 13 % are dropped.

    Args:
        errors: [rows] smoothed absolute errors; NaN is left out.
        buffer: rows that a sequence is widened by on either side.
    """
    known = np.flatnonzero(~np.isnan(errors))
    values = errors[known]
    mean, deviation = float(values.mean()), float(values.std())
    none = NonparametricThreshold(mean + FALLBACK * deviation, np.nan, known[:0], known[:0])
    if deviation == 0:
        return none
    best, best_score = none, -np.inf
    ordered = np.sort(values)
    sums, squares = np.cumsum(ordered), np.cumsum((ordered - mean) ** 2)
    for factor in FACTORS:
        epsilon = mean + factor * deviation
        below = int(np.searchsorted(ordered, epsilon))
        if below == 0 or below == len(values):
            continue
        above = _widened(values >= epsilon, buffer)
        starts, ends = runs(above)
        if len(starts) > MOST_SEQUENCES or above.sum() * 2 >= len(values) or not len(starts):
            continue
        calm_mean = sums[below - 1] / below
        calm_deviation = np.sqrt(max(squares[below - 1] / below - (calm_mean - mean) ** 2, 0.0))
        gain = (mean - calm_mean) / mean + (deviation - calm_deviation) / deviation
        score = gain / (len(starts) ** 2 + above.sum())
        if score >= best_score:
            best_score = score
            best = NonparametricThreshold(epsilon, float(factor), starts, ends)
    if not len(best.starts):
        return none
    kept = _prune(values, best.starts, best.ends)
    return NonparametricThreshold(best.threshold, best.factor, known[best.starts[kept]], known[best.ends[kept]])


def _widened(above: np.ndarray, buffer: int) -> np.ndarray:
    """[rows] bool: within so many rows of a row above."""
    if not buffer:
        return above
    counts = np.concatenate([[0], np.cumsum(above)])
    place = np.arange(len(above))
    return counts[np.minimum(place + buffer + 1, len(above))] > counts[np.maximum(place - buffer, 0)]


def _prune(values: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which sequences stay, in the order of time."""
    maxima = np.array([values[first : last + 1].max() for first, last in zip(starts, ends, strict=True)])
    outside = np.ones(len(values), dtype=bool)
    for first, last in zip(starts, ends, strict=True):
        outside[first : last + 1] = False
    order = np.argsort(-maxima, kind="stable")
    ladder = np.append(maxima[order], values[outside].max(initial=0.0))
    falls = (ladder[:-1] - ladder[1:]) / ladder[:-1]
    steep = np.flatnonzero(falls >= LEAST_FALL)
    kept = order[: steep[-1] + 1] if len(steep) else order[:0]
    return np.sort(kept)
