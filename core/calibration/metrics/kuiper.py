"""Kuiper calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Value, namespace, take
from core.calibration.metrics.pairs import Pairs


def kuiper(pairs: Pairs) -> Value:
    """Kuiper = (max_t C(t) - min_t C(t)) / n with C(t) = sum_{c_i <= t} (c_i - k_i) and C = 0 before the first.

    Arrieta-Ibarra et al. 2022 (arXiv 2202.00100). The largest sum over any interval of confidences; read only where a
    group of equal confidences ends.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
    """
    path = take(pairs.cumulative, pairs.ties[1])
    xp = namespace(path)
    return (xp.amax(path, -1).clip(min=0.0) - xp.amin(path, -1).clip(max=0.0)) / pairs.n
