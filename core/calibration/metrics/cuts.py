"""Bins as cuts: positions in the sorted scores where one bin ends and the next begins.

With the cumulative sums of `Pairs`, every binned metric is a difference of a few numbers once its cuts are known.
"""

from __future__ import annotations

import numpy as np

from core.calibration.conventions import RULES, Rules
from core.calibration.metrics.arrays import Array, bisect, bounded, like, namespace, rounded_to_single
from core.calibration.metrics.pairs import Pairs

STUDY = RULES["study"]


def equal_width_edges(bins: int, rules: Rules = STUDY) -> np.ndarray:
    """The B + 1 edges of bins of width 1/B, to the last digit as the convention's library computes them."""
    index = np.arange(bins + 1)
    if rules.edges == "ratio":
        return index / bins
    if rules.edges == "step":
        return np.linspace(0.0, 1.0, bins + 1)
    step = np.float32(1.0) / np.float32(bins)
    rising = (index * step).astype(np.float32)
    falling = (np.float32(1.0) - (bins - index) * step).astype(np.float32)
    return np.where(index < (bins + 1) // 2, rising, falling)


def equal_width_cuts(pairs: Pairs, bins: int, rules: Rules = STUDY) -> Array:
    """Cuts of B bins of equal width on [0, 1].

    Args:
        pairs: Sorted scores and outcomes.
        bins: Number of bins B.
        rules: Which edge is closed, and whether 1 stands apart.

    Returns:
        [..., bins + 1] ascending positions from 0 to n; equal neighbours are an empty bin.
    """
    edges = equal_width_edges(bins, rules)[1 : None if rules.one_apart else -1]  # the last edge is 1
    scores = rounded_to_single(pairs.scores) if rules.single else pairs.scores
    return bounded(bisect(scores, like(edges, scores), rules.closed), pairs.n)


def mass_starts(n: int, bins: int) -> np.ndarray:
    """First positions of the second to last part when n sorted values are split into B parts of equal size.

    Parts differ by at most one, the larger ones first. With more bins than samples, there are n parts of one.
    """
    parts = min(bins, n)
    size, extra = divmod(n, parts)
    index = np.arange(1, parts)
    return index * size + np.minimum(index, extra)


def equal_mass_cuts(pairs: Pairs, bins: int, rules: Rules = STUDY) -> Array:
    """Cuts of B bins with equally many samples, where equal scores always share a bin.

    The edge lies between the neighbours where the sorted scores are split, so the result doesn't depend on the order
    of the rows (Kumar et al. 2019, arXiv 1909.10155; the study's ECE_em).

    Args:
        pairs: Sorted scores and outcomes.
        bins: Number of bins B; more than n means n.
        rules: Where the edges lie and which is closed.

    Returns:
        [..., bins + 1] ascending positions from 0 to n.
    """
    scores = pairs.scores
    if rules.mass_edges == "quantiles":
        quantiles = sorted_quantiles(scores, np.linspace(0.0, 1.0, min(bins, pairs.n) + 1)[1:-1])
        return bounded(bisect(scores, quantiles, rules.closed), pairs.n)
    starts = mass_starts(pairs.n, bins)
    return bounded(bisect(scores, (scores[..., starts - 1] + scores[..., starts]) / 2, "right"), pairs.n)


def sorted_quantiles(ascending: Array, shares: np.ndarray) -> Array:
    """[..., k] quantiles of ascending values [..., n], to the last digit as `numpy.quantile` has them.

    Between the two neighbours of a share the value is interpolated from the nearer one, as there: on an edge of a bin
    another last digit would move every row that ties with it.
    """
    position = shares * (ascending.shape[-1] - 1)
    left = np.minimum(position.astype(np.int64), ascending.shape[-1] - 2)
    share = position - left
    low, high = ascending[..., left], ascending[..., left + 1]
    upper, weight = like(share >= 0.5, ascending), like(share, ascending)
    step = high - low
    return namespace(ascending).where(upper, high - step * (1 - weight), low + step * weight)
