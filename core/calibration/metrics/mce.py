"""Maximum calibration error."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.pairs import Pairs


def mce(pairs: Pairs, cuts: np.ndarray) -> float:
    """MCE = max_b |gap_b| over the bins that hold samples.

    Naeini et al. 2015. It is often the noise of one small bin.

    Args:
        pairs: [n] sorted confidences and outcomes.
        cuts: Bins.
    """
    sums = np.diff(pairs.cumulative[cuts])
    return float((np.abs(sums) / np.maximum(np.diff(cuts), 1)).max())
