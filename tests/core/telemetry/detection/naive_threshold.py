"""Telemanom's threshold as its formula reads: every factor anew, row by row."""

from __future__ import annotations

import numpy as np


def naive_threshold(errors: list[float], buffer: int) -> tuple[float, list[tuple[int, int]]]:
    """Epsilon and the pruned sequences (inclusive); mean + 12 sd and none where no factor is accepted."""
    n, mean, deviation = len(errors), float(np.mean(errors)), float(np.std(errors))
    best_score, best = -np.inf, (mean + 12 * deviation, None, [])
    factor = 2.5
    while factor < 12:
        epsilon = mean + factor * deviation
        calm = [error for error in errors if error < epsilon]
        rows = {
            near
            for row, error in enumerate(errors)
            if error >= epsilon
            for near in range(row - buffer, row + buffer + 1)
            if 0 <= near < n
        }
        sequences = _sequences(sorted(rows))
        if rows and calm:
            gain = (mean - np.mean(calm)) / mean + (deviation - np.std(calm)) / deviation
            score = gain / (len(sequences) ** 2 + len(rows))
            if score >= best_score and len(sequences) <= 5 and len(rows) < n / 2:
                best_score, best = score, (epsilon, rows, sequences)
        factor += 0.5
    epsilon, rows, sequences = best
    return epsilon, _pruned(errors, rows or set(), sequences)


def _sequences(rows: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def _pruned(errors: list[float], rows: set[int], sequences: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if not sequences:
        return []
    ranked = sorted(sequences, key=lambda one: -max(errors[one[0] : one[1] + 1]))
    maxima = [max(errors[first : last + 1]) for first, last in ranked]
    maxima.append(max((error for row, error in enumerate(errors) if row not in rows), default=0.0))
    keep = 0
    for place in range(len(ranked)):
        if (maxima[place] - maxima[place + 1]) / maxima[place] >= 0.13:
            keep = place + 1
    return sorted(ranked[:keep])
