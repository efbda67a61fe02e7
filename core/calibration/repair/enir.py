"""Ensemble of near-isotonic regressions.

Naeini and Cooper 2016 (ICDM, arXiv 1511.05191). Near-isotonic regression (Tibshirani, Hoefling and Tibshirani 2011)
minimises sum_i w_i (y_i - b_i)^2 / 2 + lambda sum_i max(b_i - b_{i+1}, 0). Its whole path in lambda, from the raw
outcomes to the isotonic fit, comes from the modified pool-adjacent-violators algorithm: blocks move at constant speed
until two neighbours meet and merge. The solutions at the merges are averaged with weights exp(-BIC / 2), where a
solution with g blocks has g degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_table_size
from core.calibration.repair.tables import Table, one_vs_rest, tie_groups


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """ENIR of each class against the rest, renormalised."""
    check_table_size(scores, "enir")
    return one_vs_rest("enir", "interpolated", scores, labels, enir_table)


def enir_table(c: np.ndarray, outcomes: np.ndarray) -> Table:
    """The ends of the runs of the averaged fit, to interpolate between.

    Args:
        c: [n] probabilities.
        outcomes: [n] 0 or 1.
    """
    distinct, counts, positives = tie_groups(c, outcomes)
    frequency = positives / counts
    first = np.flatnonzero(np.concatenate([[True], frequency[1:] != frequency[:-1]]))  # runs that start as one block
    last = np.append(first[1:], len(distinct)) - 1
    weights, sums = np.add.reduceat(counts, first), np.add.reduceat(positives, first)
    mean, heaviest, total = np.zeros(len(first)), -np.inf, 0.0
    for _, starts, values in near_isotonic_path(sums / weights, weights):
        score = -_bic(values, np.add.reduceat(weights, starts), np.add.reduceat(sums, starts)) / 2
        heaviest, before = max(heaviest, score), heaviest
        shrink = np.exp(before - heaviest)
        mean *= shrink
        total = total * shrink + np.exp(score - heaviest)
        mean += np.exp(score - heaviest) * np.repeat(values, np.diff(np.append(starts, len(first))))
    x = np.column_stack([distinct[first], distinct[last]]).ravel()
    y = np.clip(np.repeat(mean / total, 2), 0.0, 1.0)
    once = np.concatenate([[True], x[1:] != x[:-1]])  # a run of one probability has one end
    return x[once], y[once]


def near_isotonic_path(y: np.ndarray, weights: np.ndarray) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Solutions at each merge, from lambda = 0 to the isotonic fit: lambda, starts of the blocks, their values.

    Args:
        y: [n] values, neighbours differ.
        weights: [n] above zero.
    """
    starts, values, weights = np.arange(len(y)), y.astype(np.float64), weights.astype(np.float64)
    strength = 0.0
    yield strength, starts, values
    while True:
        falls = np.diff(values) < 0
        if not falls.any():
            return
        pull = np.concatenate([[False], falls]).astype(float) - np.concatenate([falls, [False]]).astype(float)
        speed = pull / weights  # upwards if the one before is larger, downwards if the next one is smaller
        closing = speed[:-1] - speed[1:]
        gap = np.diff(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(closing * gap > 0, gap / closing, np.inf)
        time = times.min()
        values = values + time * speed
        meets = times <= time * (1 + 1e-12)
        opens = np.concatenate([[True], ~meets])
        blocks = np.flatnonzero(opens)
        merged = np.add.reduceat(weights, blocks)
        values = np.add.reduceat(weights * values, blocks) / merged
        starts, weights = starts[blocks], merged
        strength += time
        yield strength, starts, values


def _bic(values: np.ndarray, weights: np.ndarray, sums: np.ndarray) -> float:
    """-2 log likelihood + blocks * log n; infinite where an outcome has probability zero."""
    p = np.clip(values, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = np.where(sums > 0, sums * np.log(p), 0.0)
        likelihood += np.where(weights > sums, (weights - sums) * np.log1p(-p), 0.0)
    return float(-2 * likelihood.sum() + len(values) * np.log(weights.sum()))
