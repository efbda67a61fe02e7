"""Kendall's tau-b in O(n log n), its influence function, and its bootstrap over models.

Kendall 1945, The treatment of ties in ranking problems: tau_b = S / sqrt(U_x U_y), with S the sum over ordered pairs
of sign(x_i - x_j) sign(y_i - y_j), and U_x, U_y the numbers of ordered pairs that are not tied in x, in y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_RESAMPLED = 500  # models whose pairs are resampled exactly; the matrix of pairs grows with the square


@dataclass(frozen=True, eq=False)
class Kendall:
    """Rank correlation of two columns.

    Attributes:
        tau: tau-b, NaN where a column is constant or there are fewer than two rows.
        influence: [n] change of tau per unit of weight of each row; sums to zero.
    """

    tau: float
    influence: np.ndarray

    @property
    def standard_error(self) -> float:
        """Infinitesimal jackknife (Efron 1982): sqrt(sum of squared influences)."""
        return float(np.sqrt((self.influence**2).sum()))


def tau_b(x: np.ndarray, y: np.ndarray) -> float:
    """Kendall's tau-b of two columns without missing values.

    Example:
        >>> tau_b(np.array([1, 2, 3, 4]), np.array([1, 3, 2, 4]))  # 5 concordant pairs, 1 discordant
        0.6666666666666666
    """
    return kendall(x, y).tau


def kendall(x: np.ndarray, y: np.ndarray) -> Kendall:
    """Tau-b and its influence function.

    Args:
        x: [n] numbers, none missing.
        y: [n] numbers, none missing.
    """
    n = len(x)
    scores = pair_scores(x, y)
    untied_x, untied_y = n - _tied(x), n - _tied(y)
    total_x, total_y = float(untied_x.sum()), float(untied_y.sum())
    if total_x == 0 or total_y == 0:
        return Kendall(np.nan, np.full(n, np.nan))
    scale = np.sqrt(total_x * total_y)
    tau = float(scores.sum() / scale)
    influence = 2 * scores / scale - tau * (untied_x / total_x + untied_y / total_y)
    return Kendall(min(max(tau, -1.0), 1.0), influence)


def pair_scores(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """sum_j sign(x_i - x_j) sign(y_i - y_j) of each row, [n], in O(n log n).

    Only the rows that are smaller in both are counted; the other three quadrants follow from the ranks.
    """
    n = len(x)
    if n == 0:
        return np.zeros(0)
    x, y = _ranks(x), _ranks(y)
    position = np.empty(n, dtype=np.int64)
    position[np.lexsort((-y, x))] = np.arange(n)  # of equal x, the larger y first: never smaller in both
    sequence = position[np.lexsort((-position, y))]
    below = _smaller_before(sequence)[position]  # smaller x, smaller y
    less_x, tied_x = _less(x), _tied(x)
    less_y, tied_y = _less(y), _tied(y)
    pair = _less(x * n + y), _tied(x * n + y)
    tied_x_less_y = pair[0] - less_x
    less_x_tied_y = _less(y * n + x) - less_y
    more_x_tied_y = tied_y - pair[1] - less_x_tied_y
    less_x_more_y = less_x - below - less_x_tied_y
    more_x_less_y = less_y - below - tied_x_less_y
    above = n - less_x - tied_x - more_x_less_y - more_x_tied_y
    return (below + above - less_x_more_y - more_x_less_y).astype(np.float64)


def resampling_weights(n: int, resamples: int, generator: np.random.Generator) -> np.ndarray:
    """How often each of n models is drawn in each resample, [R, n]."""
    return generator.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float32)


def tau_draws(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Tau-b of each resample, [R]: exact up to `MOST_RESAMPLED` rows, to first order (by the influence) above.

    Args:
        x: [n] numbers.
        y: [n] numbers.
        weights: [R, n] from `resampling_weights`.
    """
    if len(x) > MOST_RESAMPLED:
        found = kendall(x, y)
        return np.clip(found.tau + (weights - 1) @ found.influence, -1, 1)
    x, y = _ranks(x), _ranks(y)
    concordance = (np.sign(x[:, None] - x) * np.sign(y[:, None] - y)).astype(np.float32)
    signed = np.einsum("ri,ri->r", weights @ concordance, weights, dtype=np.float64)
    untied = _untied_weight(x, weights) * _untied_weight(y, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(untied > 0, signed / np.sqrt(untied), np.nan)


def p_value(x: np.ndarray, y: np.ndarray) -> float:
    """Two-sided p-value of independence; exact for few rows without ties, otherwise normal with ties corrected."""
    from scipy.stats import kendalltau

    return float(kendalltau(x, y).pvalue)


def _untied_weight(ranks: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ordered pairs of a resample that differ in the column, [R]; a model drawn twice is tied with itself."""
    order = np.argsort(ranks, kind="stable")
    starts = np.flatnonzero(np.diff(ranks[order], prepend=-1))
    groups = np.add.reduceat(weights[:, order].astype(np.float64), starts, axis=1)
    return groups.sum(axis=1) ** 2 - (groups**2).sum(axis=1)


def _smaller_before(sequence: np.ndarray) -> np.ndarray:
    """For a permutation of 0..n-1, how many smaller numbers stand before each number, indexed by the number.

    A radix sort from the highest bit down: two numbers part at the highest bit in which they differ, and there it is
    seen which one stood first.
    """
    n = len(sequence)
    counts, slots = np.zeros(n, dtype=np.int64), np.arange(n)
    for bit in reversed(range(n.bit_length())):
        one = (sequence >> bit) & 1 == 1
        start = sequence >> (bit + 1) << (bit + 1)  # numbers with the same leading bits fill the slots from here
        zeros = np.concatenate([[0], np.cumsum(~one)])
        zeros_before = zeros[:-1] - zeros[start]
        counts[sequence[one]] += zeros_before[one]
        target = np.where(one, slots - zeros_before + (1 << bit), start + zeros_before)
        moved = np.empty_like(sequence)
        moved[target] = sequence
        sequence = moved
    return counts


def _ranks(values: np.ndarray) -> np.ndarray:
    """Dense ranks from 0, equal for equal values."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64).reshape(-1)


def _less(values: np.ndarray) -> np.ndarray:
    """How many values are smaller than each."""
    return np.searchsorted(np.sort(values), values, side="left")


def _tied(values: np.ndarray) -> np.ndarray:
    """How many values equal each, itself included."""
    ordered = np.sort(values)
    return np.searchsorted(ordered, values, side="right") - np.searchsorted(ordered, values, side="left")
