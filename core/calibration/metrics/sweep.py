"""ECE with the number of bins chosen by monotonicity."""

from __future__ import annotations

from core.calibration.metrics.arrays import Array, Value, bounded, namespace, running_max, take
from core.calibration.metrics.cuts import equal_mass_cuts
from core.calibration.metrics.ece import ece
from core.calibration.metrics.pairs import Pairs


def monotone(pairs: Pairs, cuts: Array) -> Array:
    """[...] whether the accuracies of the bins that hold samples never fall."""
    xp = namespace(cuts)
    sizes = xp.diff(cuts)
    accuracy = xp.diff(take(pairs.cumulative_outcomes, cuts)) / sizes.clip(min=1)
    highest = running_max(xp.where(sizes > 0, accuracy, 0.0))
    return ~((sizes > 0) & (accuracy < highest)).any(-1)


def sweep_bins(pairs: Pairs) -> Array:
    """Largest number of equal-mass bins b whose accuracies rise with confidence for every b' <= b.

    The search stops at the first failure, as in the paper's algorithm 1.
    """
    one_value = monotone(pairs, bounded(pairs.ties[1], pairs.n))  # with a bin a value; then so are all coarser bins
    found = namespace(pairs.scores).where(one_value, pairs.n, 1)
    going = ~one_value
    for bins in range(2, pairs.n + 1):
        going = going & monotone(pairs, equal_mass_cuts(pairs, bins))
        if not going.any():
            break
        found = found + going
    return found


def ece_sweep(pairs: Pairs) -> Value:
    """ECE over the equal-mass bins of `sweep_bins`: as many as keep the accuracy monotone.

    Roelofs et al. 2022 (arXiv 2012.08668), section 5.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
    """
    chosen = sweep_bins(pairs)
    if not chosen.ndim:
        return ece(pairs, equal_mass_cuts(pairs, int(chosen)))
    value = pairs.scores.new_empty(chosen.shape)
    for bins in chosen.unique().tolist():
        at = chosen == bins
        value[at] = ece(of := Pairs(pairs.scores[at], pairs.outcomes[at]), equal_mass_cuts(of, bins))
    return value
