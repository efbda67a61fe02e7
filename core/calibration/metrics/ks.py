"""Kolmogorov-Smirnov calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Value, namespace, take
from core.calibration.metrics.pairs import Pairs


def ks(pairs: Pairs) -> Value:
    """KS = max_t |sum_{c_i <= t} (c_i - k_i)| / n.

    Gupta et al. 2021 (arXiv 2006.12800), section 4. Read only where a group of equal confidences ends, so that the
    order of the rows doesn't matter. It equals |mean confidence - accuracy| when the gap never changes its sign.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
    """
    path = take(pairs.cumulative, pairs.ties[1])
    return namespace(path).amax(abs(path), -1) / pairs.n
