"""Root mean square calibration error."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.pairs import Pairs


def rmsce(pairs: Pairs, cuts: np.ndarray) -> float:
    """RMSCE = sqrt(sum_b n_b/n gap_b^2), with gap_b the mean of confidence minus outcome in bin b.

    Hendrycks et al. 2019 (arXiv 1812.04606); the plug-in L2 error of Kumar et al. 2019.

    Args:
        pairs: [n] sorted confidences and outcomes.
        cuts: Bins.
    """
    sizes = np.diff(cuts)
    sums = np.diff(pairs.cumulative[cuts])
    return float(np.sqrt((sums**2 / np.maximum(sizes, 1)).sum() / pairs.n))
