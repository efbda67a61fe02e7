"""Maximum calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Array, Value, namespace
from core.calibration.metrics.pairs import Pairs


def mce(pairs: Pairs, cuts: Array) -> Value:
    """MCE = max_b |gap_b| over the bins that hold samples.

    Naeini et al. 2015. It is often the noise of one small bin.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
        cuts: [..., bins + 1] bins.
    """
    xp = namespace(cuts)
    return xp.amax(abs(pairs.gap_sums(cuts)) / xp.diff(cuts).clip(min=1), -1)
