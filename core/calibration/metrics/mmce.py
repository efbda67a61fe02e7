"""Maximum mean calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Value, namespace
from core.calibration.metrics.pairs import Pairs

BANDWIDTH = 0.4  # of the paper


def mmce(pairs: Pairs, bandwidth: float = BANDWIDTH) -> Value:
    """MMCE = sqrt(sum_ij r_i r_j exp(-|c_i - c_j| / h)) / n, exactly, in O(n log n).

    Kumar et al. 2018 (PMLR 80), equation 6. With w = exp(c / h) and sorted confidences, the kernel of j < i is
    w_j / w_i, so the double sum is sum r^2 + 2 sum_i (r_i / w_i) sum_{j < i} r_j w_j.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
        bandwidth: h of the Laplace kernel.
    """
    r = pairs.residuals
    xp = namespace(r)
    w = xp.exp(pairs.scores / bandwidth)
    below = xp.cumsum(r * w, -1) - r * w
    total = (r * r).sum(-1) + 2 * ((r / w) * below).sum(-1)
    return xp.sqrt(total.clip(min=0.0)) / pairs.n
