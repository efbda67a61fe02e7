"""Linear dimension: how many principal components carry the variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.intrinsic_dimension.data_dimension.distinct_points import unit_scaled

MOST_COMPONENTS = 4096  # a larger eigenvalue problem takes minutes; beyond it this many points are drawn


@dataclass(frozen=True)
class PrincipalComponents:
    """The spectrum of the covariance and what is counted on it.

    Attributes:
        explained: part of the variance of each component, largest first, float64 [min(n, p)].
        participation_ratio: (sum lambda)^2 / sum lambda^2.
        participation_error: its standard error.
        points: how many points were used.
    """

    explained: np.ndarray
    participation_ratio: float
    participation_error: float
    points: int

    def count(self, fraction: float) -> int:
        """The fewest components that carry at least this part of the variance."""
        return int(np.searchsorted(np.cumsum(self.explained), fraction - 1e-12) + 1)


def principal_components(points: np.ndarray, seed: int = 0) -> PrincipalComponents:
    """Principal components of the points as they are (centred, not standardised).

    The standard error of the participation ratio is that of its influence function,
    2 PR (|x|^2 / tr C - x' C x / tr C^2) with centred x.

    Source: Pearson 1901; participation ratio as in Gao et al. 2017, bioRxiv 214262.

    Args:
        points: distinct points [n, p]; where both n and p are larger than 4,096, that many are drawn.
        seed: draws them.
    """
    if min(points.shape) > MOST_COMPONENTS:
        rows = np.random.default_rng(seed).choice(len(points), MOST_COMPONENTS, replace=False)
        points = points[np.sort(rows)]
    x, _ = unit_scaled(points)
    n, p = x.shape
    small = x.T @ x / n if p <= n else x @ x.T / n  # the same non-zero eigenvalues
    eigenvalues = np.clip(np.linalg.eigvalsh(small)[::-1], 0.0, None)
    trace, trace_of_square = eigenvalues.sum(), np.square(eigenvalues).sum()
    ratio = trace**2 / trace_of_square
    forms = np.einsum("ij,ij->i", x @ small, x) if p <= n else np.square(small).sum(axis=1) * n  # x' C x
    influences = 2 * ratio * (np.square(x).sum(axis=1) / trace - forms / trace_of_square)
    return PrincipalComponents(
        explained=eigenvalues / trace,
        participation_ratio=float(ratio),
        participation_error=float(influences.std() / np.sqrt(n)),
        points=n,
    )
