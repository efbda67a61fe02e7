"""The directions in which nominal rows vary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Subspace:
    """Principal components of the nominal rows.

    Attributes:
        mean: [d].
        components: [d, q] orthonormal.
        variances: [q] along the components.
    """

    mean: np.ndarray
    components: np.ndarray
    variances: np.ndarray

    def statistics(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hotelling's T^2 and Q of points [n, d], both [n].

        T^2 is the squared distance from the mean within the subspace in standard deviations, Q (the squared prediction
        error) the squared distance from the subspace.
        """
        centred = points - self.mean
        squares = (centred @ self.components) ** 2
        rest = (centred**2).sum(axis=1) - squares.sum(axis=1)
        return (squares / self.variances).sum(axis=1), np.maximum(rest, 0)


def fit_subspace(points: np.ndarray, share: float = 0.9) -> Subspace:
    """The fewest components that hold a share of the variance; at least one direction is left out.

    Args:
        points: [n, d] nominal rows or windows.
        share: of the variance.
    """
    mean = points.mean(axis=0)
    centred = points - mean
    variances, components = np.linalg.eigh(centred.T @ centred / len(points))
    variances, components = variances[::-1], components[:, ::-1]
    kept = int(np.searchsorted(np.cumsum(variances), share * variances.sum())) + 1
    kept = max(1, min(kept, variances.size - 1))
    return Subspace(mean, components[:, :kept], variances[:kept])
