"""Root mean square calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Array, Value, namespace
from core.calibration.metrics.pairs import Pairs


def rmsce(pairs: Pairs, cuts: Array) -> Value:
    """RMSCE = sqrt(sum_b n_b/n gap_b^2), with gap_b the mean of confidence minus outcome in bin b.

    Hendrycks et al. 2019 (arXiv 1812.04606); the plug-in L2 error of Kumar et al. 2019.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
        cuts: [..., bins + 1] bins.
    """
    xp = namespace(cuts)
    return xp.sqrt((pairs.gap_sums(cuts) ** 2 / xp.diff(cuts).clip(min=1)).sum(-1) / pairs.n)
