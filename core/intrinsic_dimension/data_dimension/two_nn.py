"""Dimension from the ratio of the two nearest neighbour distances (Facco et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.intrinsic_dimension.data_dimension.neighbours import Neighbours

DISCARDED = 0.1  # the largest ratios, which the fit leaves out (Facco et al. 2017, Methods)


@dataclass(frozen=True)
class TwoNN:
    """Both forms of the two-nearest-neighbours estimate.

    Attributes:
        dimension: maximum likelihood estimate.
        standard_error: of it.
        fit_dimension: slope of the fit through the origin.
        fit_standard_error: of it.
        log_ratios: ln mu in ascending order, float64 [N].
        log_survival: -ln(1 - F) at each of them, F = i/N; the last is infinite. float64 [N].
        kept: how many of them the fit uses, from the first on.
    """

    dimension: float
    standard_error: float
    fit_dimension: float
    fit_standard_error: float
    log_ratios: np.ndarray
    log_survival: np.ndarray
    kept: int


def two_nn(neighbours: Neighbours) -> TwoNN:
    """The two-nearest-neighbours dimension.

    With mu = r2/r1, ln mu is exponential with rate d where the density is constant up to the second
    neighbour. Maximum likelihood: d = N / sum ln mu, standard error d / sqrt(N). The fit: the line
    through the origin of -ln(1 - F(mu)) against ln mu without the largest 10 % of the ratios.
    Points at distance zero from their nearest neighbour are left out. Where all ratios are 1 (a regular
    grid) no dimension is defined: NaN.

    Source: Facco, d'Errico, Rodriguez & Laio 2017, Scientific Reports 7:12140: F(mu) = 1 - mu^-d.
    """
    nearest = neighbours.distances[neighbours.distances[:, 0] > 0]
    log_ratios = np.sort(np.log(nearest[:, 1] / nearest[:, 0]))
    n = len(log_ratios)
    with np.errstate(divide="ignore"):
        log_survival = -np.log1p(-np.arange(1, n + 1) / n)
    kept = int(n * (1 - DISCARDED))
    total = log_ratios.sum()
    dimension = n / total if total > 0 else np.nan
    x, y = log_ratios[:kept], log_survival[:kept]
    slope = x @ y / (x @ x) if x.any() else np.nan
    return TwoNN(
        dimension=float(dimension),
        standard_error=float(dimension / np.sqrt(n)) if n else np.nan,
        fit_dimension=float(slope),
        fit_standard_error=float(slope * _relative_error(y, n)) if n else np.nan,
        log_ratios=log_ratios,
        log_survival=log_survival,
        kept=kept,
    )


def _relative_error(y: np.ndarray, n: int) -> float:
    """Relative standard error of the fitted slope, by the delta method on exponential order statistics.

    The ordered ln mu are strongly dependent, so the residual error of the regression means nothing. By
    Renyi's representation d ln mu_(i) = sum_{j <= i} E_j / (n - j + 1) with independent unit exponentials
    E_j, and the slope is a smooth function of them.
    """
    weights = 1 / (n - np.arange(len(y)))
    x = np.cumsum(weights)  # the expected d ln mu_(i)
    xx, xy = x @ x, x @ y
    gradient = (y * xx - 2 * x * xy) / xx**2  # of the slope, by each x_(i)
    by_exponential = weights * np.cumsum(gradient[::-1])[::-1]
    return float(np.sqrt(np.square(by_exponential).sum()) / (xy / xx))
