"""Dimension at a chosen scale from the ratio of two neighbour distances (Denti et al. 2022)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from core.intrinsic_dimension.data_dimension.neighbours import Neighbours
from core.intrinsic_dimension.data_dimension.overlap_error import overlap_error


def gride(neighbours: Neighbours, n1: int) -> tuple[float, float]:
    """The Gride dimension for n2 = 2 n1 and its standard error.

    With mu = r_{2 n1} / r_{n1} the likelihood is
    d (mu^d - 1)^(n1-1) / (B(n1, n1) mu^((2 n1 - 1) d + 1)); d is the root of its score, which decreases in d.
    n1 = 1 is 2NN. A larger n1 looks past noise that blurs the small scales. The standard error follows from the
    scores, the Fisher information and the overlap of the neighbourhoods (`overlap_error`). Points at
    distance zero from their nearest neighbour are left out; where all ratios are 1, NaN.

    Source: Denti, Doimo, Laio & Mira 2022, Scientific Reports 12:20005, the likelihood of Gride with n2 = 2 n1.

    Args:
        neighbours: at least 2 n1 of each point.
        n1: order of the nearer neighbour, at least 1.
    """
    n, n2 = len(neighbours.distances), 2 * n1
    rows = np.flatnonzero(neighbours.distances[:, 0] > 0)
    log_ratios = np.log(neighbours.distances[rows, n2 - 1] / neighbours.distances[rows, n1 - 1])
    total = log_ratios.sum()
    if not total > 0:
        return np.nan, np.nan
    # max(1, x) <= x / (1 - e^-x) <= 1 + x brackets the root; at n1 = 1 both ends are N / sum ln mu.
    low, high = n1 * len(rows) / ((2 * n1 - 1) * total), len(rows) / total
    dimension = brentq(lambda d: _scores(log_ratios, n1, d).sum(), low * (1 - 1e-9), high * (1 + 1e-9), xtol=1e-12)
    influences = _scores(log_ratios, n1, dimension) / _information(log_ratios, n1, dimension)
    return float(dimension), overlap_error(n, rows, influences, neighbours.indices[rows, :n2])


def _scores(log_ratios: np.ndarray, n1: int, dimension: float) -> np.ndarray:
    """Each point's derivative of its log likelihood: 1/d + (n1 - 1) L / (1 - e^(-d L)) - (2 n1 - 1) L."""
    x = dimension * log_ratios
    growth = np.divide(x, -np.expm1(-x), out=np.ones_like(x), where=x > 0)  # tends to 1 as L tends to 0
    scores: np.ndarray = (1 + (n1 - 1) * growth - (2 * n1 - 1) * x) / dimension
    return scores


def _information(log_ratios: np.ndarray, n1: int, dimension: float) -> float:
    """The observed Fisher information, minus the derivative of the summed scores."""
    half = np.minimum(dimension * log_ratios / 2, 300.0)  # beyond it the term below is zero, and sinh overflows
    curvature = np.divide(half, np.sinh(half), out=np.ones_like(half), where=half > 0) ** 2
    return float((1 + (n1 - 1) * curvature).sum() / dimension**2)
