"""Classwise calibration error over bins of equal mass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.calibration.metrics.cuts import mass_starts
from core.calibration.metrics.cwce import class_columns
from core.calibration.predictions import Predictions


def cwce_em(predictions: Predictions, bins: Sequence[int]) -> np.ndarray:
    """cwCE_em = mean over classes k of sum_b |sum_{p_k in b} (p_k - 1[y = k])| / n over bins of equal mass of p_k.

    The study's definition, with edges at the midpoints of neighbours and ties kept together. It resonates with the
    prior of the classes: with B below K the top bin holds right and wrong answers whose errors cancel.

    Only values are sorted, never indices: the few positives of a class find their bins by bisection.

    Args:
        predictions: [n, K].
        bins: Numbers of bins; more than n means n.

    Returns:
        [len(bins)] float64.
    """
    n, classes = predictions.probabilities.shape
    starts = [mass_starts(n, b) for b in bins]
    union = np.unique(np.concatenate(starts))
    places = [np.concatenate([[0], np.searchsorted(union, s) + 1, [union.size + 1]]) for s in starts]
    positives = sorted_positives(predictions)
    totals = np.zeros(len(bins))
    for first, columns in class_columns(predictions.probabilities):
        columns.sort(axis=1)
        edges, cuts = mass_edges(columns, union)
        residuals = _sums_before(columns, cuts)
        for row in range(columns.shape[0]):
            own = positives[first + row]
            residuals[row, 1:-1] -= np.searchsorted(own, edges[row], side="right")
            residuals[row, -1] -= own.size
        for i, place in enumerate(places):
            totals[i] += np.abs(np.diff(residuals[:, place], axis=1)).sum()
    return totals / (classes * n)


def sorted_positives(predictions: Predictions) -> list[np.ndarray]:
    """For each class, the probabilities of that class in the samples that have it, ascending."""
    own = predictions.probabilities[np.arange(predictions.n), predictions.labels]
    order = np.lexsort((own, predictions.labels))
    ends = np.cumsum(np.bincount(predictions.labels, minlength=predictions.classes))
    return np.split(own[order], ends[:-1])


def mass_edges(columns: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges and cuts of ascending rows [rows, n] split at `starts`, both [rows, len(starts)]: values <= edge are below.

    Where the neighbours of a split are equal, the cut moves to the end of their group.
    """
    high = columns[:, starts]
    edges = (columns[:, starts - 1] + high) / 2
    cuts = np.broadcast_to(starts, edges.shape).copy()
    tied = edges >= high
    for row in np.flatnonzero(tied.any(axis=1)):
        cuts[row, tied[row]] = np.searchsorted(columns[row], edges[row, tied[row]], side="right")
    return edges, cuts


def _sums_before(columns: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """[rows, len(cuts) + 2] sums of the values before 0, before each cut and before the end."""
    rows = columns.shape[0]
    sums = np.zeros((rows, cuts.shape[1] + 2))
    running = np.cumsum(columns, axis=1)
    sums[:, 1:-1] = np.where(cuts > 0, np.take_along_axis(running, np.maximum(cuts - 1, 0), axis=1), 0.0)
    sums[:, -1] = running[:, -1]
    return sums
