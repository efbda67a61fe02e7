"""Average calibration error."""

from __future__ import annotations

from core.calibration.metrics.arrays import Array, Value, namespace
from core.calibration.metrics.pairs import Pairs


def ace(pairs: Pairs, cuts: Array) -> Value:
    """ACE = mean of |gap_b| over the bins that hold samples, each counting alike.

    Neumann et al. 2018 (NIPS MLITS), netcal's ACE: a bin of one sample counts as much as one of thousands, so that it
    lies far above ECE where most samples share a bin. Others call ECE_em "ACE".

    Args:
        pairs: [..., n] sorted confidences and outcomes.
        cuts: [..., bins + 1] bins.
    """
    sizes = namespace(cuts).diff(cuts)
    return (abs(pairs.gap_sums(cuts)) / sizes.clip(min=1)).sum(-1) / (sizes > 0).sum(-1)
