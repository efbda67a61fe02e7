"""The spectral density of a symmetric operator by stochastic Lanczos quadrature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.landscape.curvature.lanczos import Ritz

LIKELY_SINGLE = 12.0  # D times the weight of a single eigenvalue, chi-squared with one degree, is less in 99.95 %
GRID_MARGIN = 0.05  # of the range of the eigenvalues, on each side of a drawn density


@dataclass(frozen=True)
class SpectralDensity:
    """Eigenvalues as a distribution: point masses that sum to 1.

    Attributes:
        nodes: places, from the largest to the smallest, [m].
        weights: share of the eigenvalues at each, [m].
    """

    nodes: np.ndarray
    weights: np.ndarray

    def smooth(self, points: int = 512, width: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
        """The density as it is drawn: each mass as a normal distribution.

        Args:
            points: of the grid.
            width: standard deviation, as a part of the range of the nodes.

        Returns:
            grid and density, [points] each.
        """
        low, high = self.nodes.min(), self.nodes.max()
        span = (high - low) or max(abs(high), 1.0)
        grid = np.linspace(low - GRID_MARGIN * span, high + GRID_MARGIN * span, points)
        sigma = width * span
        bells = np.exp(-0.5 * ((grid[:, None] - self.nodes) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
        return grid, bells @ self.weights


def spectral_density(ritz: Ritz, size: int) -> SpectralDensity:
    """mu = sum_j w_j delta(theta_j) from one Lanczos run that began at a random vector.

    w_j = tau_j^2, the squared first component of the j-th eigenvector of the tridiagonal matrix (Ghorbani, Krishnan and
    Xiao 2019, arXiv:1901.10159, algorithm 1). An eigenvalue that has converged is known to occur 1 in D times, so it
    gets that weight in place of the random one, and the others share what is left. Where the random weight is too large
    for one in D, the eigenvalue occurs several times, and the weight stays.

    Args:
        ritz: of the run.
        size: D, the number of eigenvalues.
    """
    if len(ritz.values) == size:
        return SpectralDensity(ritz.values, np.full(size, 1.0 / size))
    single = ritz.converged() & (ritz.weights <= LIKELY_SINGLE / size)
    weights = np.where(single, 1.0 / size, ritz.weights)
    rest = weights[~single].sum()
    if rest > 0:
        weights[~single] *= (1.0 - single.sum() / size) / rest
    return SpectralDensity(ritz.values, weights / weights.sum())
