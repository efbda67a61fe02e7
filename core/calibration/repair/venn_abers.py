"""Venn-Abers prediction: isotonic regression with the new point added once as a 0 and once as a 1.

Vovk, Petej and Fedorova 2015 (NeurIPS, arXiv 1511.00213): the two fits at the new point are p0 <= p1, one of them is
calibrated, and p = p1 / (1 - p0 + p1) is the single probability of least regret for the log loss. It is never 0 or 1.
One such predictor a class, then renormalised.

Added as a 1 at the i-th distinct score, the point's fit is max over a <= i of min over b > i of
(S_b - S_a + 1) / (W_b - W_a + 1), with W and S the cumulative weights and successes: the slope of the bridge between
the lower convex hulls of the points on its left and on its right. Both ends of the bridge only move right as i grows,
so two pointers find all of them in O(n).
"""

from __future__ import annotations

import numpy as np

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_table_size
from core.calibration.repair.tables import Table, merged_steps, one_vs_rest, tie_groups


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Inductive Venn-Abers predictors of each class against the rest, renormalised."""
    check_table_size(scores, "venn_abers")
    return one_vs_rest("venn_abers", "steps", scores, labels, venn_abers_table)


def venn_abers_table(c: np.ndarray, outcomes: np.ndarray) -> Table:
    """Edges and merged probability p1 / (1 - p0 + p1), as steps.

    Args:
        c: [n] probabilities.
        outcomes: [n] 0 or 1.
    """
    distinct, counts, successes = tie_groups(c, outcomes)
    as_one = fits_as_one(counts, successes)
    as_zero = 1 - fits_as_one(counts[::-1], (counts - successes)[::-1])[::-1]
    # At a distinct score both fits are those of that score; just below it, p0 is that of the score before.
    below = np.concatenate([[0.0], as_zero])
    p1 = np.append(np.repeat(as_one, 2), 1.0)
    p0 = np.append(np.column_stack([below[:-1], as_zero]).ravel(), below[-1])
    edges = np.column_stack([np.nextafter(distinct, -np.inf), distinct]).ravel()
    return merged_steps(edges, p1 / (1 - p0 + p1))


def fits_as_one(counts: np.ndarray, successes: np.ndarray) -> np.ndarray:
    """[k] isotonic fit at each distinct score of one more row there, with outcome 1.

    Args:
        counts: [k] rows at each distinct score, in ascending order of score.
        successes: [k] how many of them have outcome 1.
    """
    size = len(counts)
    w = np.concatenate([[0.0], np.cumsum(counts)]).tolist()
    s = np.concatenate([[0.0], np.cumsum(successes)]).tolist()

    def turns_right(i: int, j: int, k: int) -> bool:  # j lies on or above the line from i to k
        return (s[j] - s[i]) * (w[k] - w[j]) >= (s[k] - s[j]) * (w[j] - w[i])

    after = [size] * (size + 1)  # next corner of the hull of the points from j on
    for j in range(size - 1, 0, -1):
        corner = j + 1
        while corner < size and turns_right(j, corner, after[corner]):
            corner = after[corner]
        after[j] = corner
    fits = np.empty(size)
    hull: list[int] = []  # corners of the points up to i
    left, b = 0, 1
    for i in range(size):
        while len(hull) > 1 and turns_right(hull[-2], hull[-1], i):
            hull.pop()
        hull.append(i)
        left, b = min(left, len(hull) - 1), max(b, i + 1)
        while True:
            a = hull[left]
            rise, run = s[b] - s[a] + 1, w[b] - w[a] + 1
            lower = after[b]
            if lower != b and (s[lower] - s[b]) * run <= rise * (w[lower] - w[b]):
                b = lower
            elif left + 1 < len(hull) and (s[hull[left + 1]] - s[a]) * run <= rise * (w[hull[left + 1]] - w[a]):
                left += 1
            else:
                break
        fits[i] = rise / run
    return fits
