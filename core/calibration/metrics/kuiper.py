"""Kuiper calibration error."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.pairs import Pairs


def kuiper(pairs: Pairs) -> float:
    """Kuiper = (max_t C(t) - min_t C(t)) / n with C(t) = sum_{c_i <= t} (c_i - k_i) and C = 0 before the first.

    Arrieta-Ibarra et al. 2022 (arXiv 2202.00100). The largest sum over any interval of confidences; read only where a
    group of equal confidences ends.

    Args:
        pairs: [n] sorted confidences and outcomes.
    """
    path = pairs.cumulative[pairs.tie_cuts]
    return float(np.ptp(path) / pairs.n)
