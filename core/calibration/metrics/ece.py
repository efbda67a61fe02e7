"""Expected calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Array, Value
from core.calibration.metrics.pairs import Pairs


def ece(pairs: Pairs, cuts: Array) -> Value:
    """ECE = sum_b |sum_{i in b} (c_i - k_i)| / n, the mean gap between confidence and accuracy over bins.

    Naeini et al. 2015; Guo et al. 2017 (arXiv 1706.04599), equation 3; the study's section 3. Biased upwards: a
    perfectly calibrated model has about sqrt(2 B / (pi n)) * mean sqrt(c (1 - c)).

    Args:
        pairs: [..., n] sorted confidences c and outcomes k.
        cuts: [..., bins + 1] bins, from `equal_width_cuts` (ECE) or `equal_mass_cuts` (ECE_em, also called adaptive).

    Example:
        >>> import numpy as np
        >>> from core.calibration.metrics.cuts import equal_width_cuts
        >>> from core.calibration.metrics.pairs import sorted_pairs
        >>> pairs = sorted_pairs(np.array([0.6, 0.9]), np.array([1, 1]))
        >>> float(round(ece(pairs, equal_width_cuts(pairs, 10)), 12))  # (0.4 + 0.1) / 2
        0.25
    """
    return abs(pairs.gap_sums(cuts)).sum(-1) / pairs.n
