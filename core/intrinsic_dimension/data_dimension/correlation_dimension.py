"""Dimension from the growth of the number of pairs closer than r (Grassberger & Procaccia 1983)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.analysis import report
from core.intrinsic_dimension.data_dimension.distinct_points import unit_scaled

LEVELS = 64  # radii, evenly spaced in ln C(r) from one pair a point to all pairs
FEWEST, MOST = 5.0, 40.0  # mean neighbours within r that bound the scaling range
TIED = 1e-9  # radii lie by this part above the distances that place them, so rounding moves no pair across
SAMPLE = 256  # points whose distances to all others place the radii
BLOCK_VALUES = 1 << 22  # squared distances held at once: 32 MiB in float64


@dataclass(frozen=True)
class CorrelationDimension:
    """The correlation integral and its slope.

    Attributes:
        dimension: slope of ln C against ln r in the scaling range; NaN where fewer than three radii lie in it.
        standard_error: of it, with the dependence of pairs that share a point.
        radii: ascending, float64 [L].
        integral: C(r), the part of all pairs that are closer than r, float64 [L]; counted over all pairs up to
            twice the scaling range, beyond it over the pairs of 256 points.
        fitted: which radii lie in the scaling range, bool [L].
        intercept: of the fitted line in ln C.
    """

    dimension: float
    standard_error: float
    radii: np.ndarray
    integral: np.ndarray
    fitted: np.ndarray
    intercept: float


def correlation_dimension(points: np.ndarray, seed: int = 0, device: str = "cpu") -> CorrelationDimension:
    """The correlation dimension over the range of r in which a point has on average 5 to 40 neighbours.

    C(r) = 2/(N (N-1)) #{pairs closer than r}. The range is stated in neighbours, so that it follows the data:
    below it too few pairs are counted, above it boundary and curvature bend the curve down. Pairs that share a
    point are dependent; the standard error counts the products of their influences on the slope,
    var = sum_x (sum_{pairs of x} influence)^2 - sum_pairs influence^2, the first sum having each pair twice.

    Source: Grassberger & Procaccia 1983, Physica D 9:189-208, C(r) ~ r^d for small r; error: Fafchamps & Gubert
    2007, Journal of Development Economics 83:326-350.

    Args:
        points: distinct points [n, p].
        seed: draws the points that place the radii.
        device: where torch computes.
    """
    scaled, scale = unit_scaled(points)
    exact = torch.from_numpy(scaled).to(device)
    n = len(exact)
    squares, integral = _sampled_integral(exact, seed)
    counted = int(np.searchsorted(integral, 2 * MOST / (n - 1), side="right"))  # 2: the sample may err
    closer = _pairs_closer(exact, squares[:counted])  # [n, counted]
    pairs = closer.sum(axis=0) / 2
    integral[:counted] = pairs / (n * (n - 1) / 2)
    fitted = (integral >= FEWEST / (n - 1)) & (integral <= MOST / (n - 1))
    fitted[counted:] = False
    radii = np.sqrt(squares)
    dimension, error, intercept = np.nan, np.nan, np.nan
    log_radii = np.log(radii[fitted])
    if len(log_radii) >= 3 and log_radii[-1] - log_radii[0] > 10 * TIED:
        weights = log_radii - log_radii.mean()
        weights /= weights @ weights
        dimension = float(weights @ np.log(integral[fitted]))
        intercept = float(np.log(integral[fitted]).mean() - dimension * (log_radii.mean() + np.log(scale)))
        error = _standard_error(closer[:, fitted[:counted]], pairs[fitted[:counted]], weights)
    return CorrelationDimension(dimension, error, radii * scale, integral, fitted, intercept)


def _standard_error(closer: np.ndarray, pairs: np.ndarray, weights: np.ndarray) -> float:
    """Of the slope `weights @ ln(pairs)`, from the pairs of each point [n, L] and of all points [L]."""
    by_level = weights / pairs
    by_point = closer @ by_level
    by_pair = np.cumsum(by_level[::-1])[::-1]  # a pair closer than the first radius counts in all levels, and so on
    alone = np.diff(pairs, prepend=0.0) @ np.square(by_pair)  # the variance, were all pairs independent
    return float(np.sqrt(max(np.square(by_point).sum() - alone, alone)))


def _sampled_integral(exact: torch.Tensor, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Squared radii that are even in ln C, and C there, from the distances of a sample of points to all others."""
    n = len(exact)
    rows = np.sort(np.random.default_rng(seed).choice(n, min(SAMPLE, n), replace=False))
    squares = _squares(exact, exact.square().sum(1), torch.from_numpy(rows).to(exact.device), 0).cpu().numpy()
    squares[np.arange(len(rows)), rows] = np.nan
    found = np.sort(squares[squares > 0])
    levels = np.exp(np.linspace(-np.log(n - 1), 0.0, LEVELS))  # from one neighbour a point to all pairs
    places = np.minimum((levels * len(found)).astype(int), len(found) - 1)
    radii = np.unique(found[places]) * (1 + TIED)
    return radii, np.searchsorted(found, radii) / len(found)


def _pairs_closer(exact: torch.Tensor, squared_radii: np.ndarray) -> np.ndarray:
    """For each point and radius the number of other points closer than it, float64 [n, L].

    Each block of rows meets only the columns from its own first row on, and counts for both points of a pair.
    """
    n, levels = len(exact), len(squared_radii)
    norms = exact.square().sum(1)
    edges = torch.from_numpy(squared_radii).to(exact.device)
    counts = torch.zeros(n * levels, dtype=torch.int64, device=exact.device)
    start = 0
    while start < n:
        size = min(max(1, BLOCK_VALUES // (n - start)), n - start)
        rows = torch.arange(start, start + size, device=exact.device)
        squares = _squares(exact, norms, rows, start)
        squares[:, :size] += torch.full((size, size), torch.inf, device=exact.device).tril()  # each pair once
        row, column = (squares < edges[-1]).nonzero(as_tuple=True)
        level = torch.bucketize(squares[row, column], edges, right=True)  # the first radius that is larger
        for end in (row, column):
            counts += torch.bincount((end + start) * levels + level, minlength=n * levels)
        start += size
        report(1 - (1 - start / n) ** 2, "correlation integral")
    return counts.view(n, levels).cumsum(1).cpu().numpy().astype(np.float64)


def _squares(exact: torch.Tensor, norms: torch.Tensor, rows: torch.Tensor, start: int) -> torch.Tensor:
    """Squared distances from the rows to all points from `start` on, [rows, n - start], float64."""
    squares = torch.addmm(norms[None, start:], exact[rows], exact[start:].T, alpha=-2.0)
    return squares.add_(norms[rows, None]).clamp_(min=0.0)
