"""Maximum likelihood dimension from the k nearest neighbour distances (Levina & Bickel 2004)."""

from __future__ import annotations

import numpy as np

from core.intrinsic_dimension.data_dimension.neighbours import Neighbours
from core.intrinsic_dimension.data_dimension.overlap_error import overlap_error


def mle(neighbours: Neighbours, k: int) -> tuple[float, float]:
    """The Levina-Bickel dimension at k neighbours, averaged as MacKay and Ghahramani do, and its standard error.

    The inverse of the local estimate is m(x) = 1/(k-1) sum_{j<k} ln(r_k(x) / r_j(x)); it is unbiased, so the
    m(x) are averaged and the mean is inverted. The standard error follows from the spread of the m(x) and
    the overlap of their neighbourhoods (`overlap_error`). Points at distance zero from their nearest
    neighbour are left out; where all k distances are equal everywhere, no dimension is defined: NaN.

    Source: Levina & Bickel 2004, NIPS 17, equation 8; MacKay & Ghahramani 2005, Comments on 'Maximum
    Likelihood Estimation of Intrinsic Dimension'.

    Args:
        neighbours: at least k of each point.
        k: at least 2.
    """
    n = len(neighbours.distances)
    rows = np.flatnonzero(neighbours.distances[:, 0] > 0)
    logs = np.log(neighbours.distances[rows, :k])
    inverse = logs[:, k - 1] - logs[:, : k - 1].sum(axis=1) / (k - 1)
    if not inverse.sum() > 0:
        return np.nan, np.nan
    dimension = 1 / inverse.mean()
    influences = (inverse - inverse.mean()) * dimension**2 / len(rows)
    return float(dimension), overlap_error(n, rows, influences, neighbours.indices[rows, :k])
