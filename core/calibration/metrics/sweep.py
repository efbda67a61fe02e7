"""ECE with the number of bins chosen by monotonicity."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.cuts import equal_mass_cuts
from core.calibration.metrics.ece import ece
from core.calibration.metrics.pairs import Pairs


def sweep_bins(pairs: Pairs) -> int:
    """Largest number of equal-mass bins b whose accuracies rise with confidence for every b' <= b.

    The search stops at the first failure, as in the paper's algorithm 1.
    """
    for bins in range(2, pairs.n + 1):
        cuts = np.unique(equal_mass_cuts(pairs, bins))
        accuracy = np.diff(pairs.cumulative_outcomes[cuts]) / np.diff(cuts)
        if (np.diff(accuracy) < 0).any():
            return bins - 1
    return pairs.n


def ece_sweep(pairs: Pairs) -> float:
    """ECE over the equal-mass bins of `sweep_bins`: as many as keep the accuracy monotone.

    Roelofs et al. 2022 (arXiv 2012.08668), section 5.

    Args:
        pairs: [n] sorted confidences and outcomes.
    """
    return ece(pairs, equal_mass_cuts(pairs, sweep_bins(pairs)))
