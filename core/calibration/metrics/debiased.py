"""Debiased calibration errors."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.arrays import Array, Value, namespace, normal_distribution, take
from core.calibration.metrics.pairs import Pairs


def debiased_l2(pairs: Pairs, cuts: Array) -> Value:
    """Signed root of sum_b n_b/n [gap_b^2 - a_b (1 - a_b) / (n_b - 1)], with a_b the accuracy of bin b.

    Kumar et al. 2019 (arXiv 1909.10155), section 4.2. The estimate of the squared error is nearly unbiased and so may
    be below zero: the sign is kept, where others cut to zero. A bin of one sample contributes nothing.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
        cuts: [..., bins + 1] bins, of equal mass in the paper.
    """
    sizes, gaps, variances = _bins(pairs, cuts)
    xp = namespace(sizes)
    terms = xp.where(sizes > 1, sizes * (gaps**2 - variances / (sizes - 1).clip(min=1)), 0.0)
    squared = terms.sum(-1) / pairs.n
    return xp.sign(squared) * xp.sqrt(abs(squared))


def debiased_l1(pairs: Pairs, cuts: Array) -> Value:
    """2 ECE - E ECE*, with the accuracies of ECE* drawn from N(a_b, a_b (1 - a_b) / n_b).

    The debiased ECE of Kumar et al. 2019, whose code draws 1,000 times; here the expectation is exact: the mean of a
    folded normal is s sqrt(2/pi) exp(-g^2 / 2 s^2) + g (1 - 2 Phi(-g / s)). It may be below zero.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
        cuts: [..., bins + 1] bins.
    """
    sizes, gaps, variances = _bins(pairs, cuts)
    xp = namespace(sizes)
    deviations = xp.sqrt(variances / sizes.clip(min=1))
    size, random = abs(gaps), deviations > 0
    ratio = xp.where(random, size / xp.where(random, deviations, 1.0), xp.inf)
    expected = deviations * np.sqrt(2 / np.pi) * xp.exp(-(ratio**2) / 2) + size * (1 - 2 * normal_distribution(-ratio))
    return (sizes * (2 * size - expected)).sum(-1) / pairs.n


def _bins(pairs: Pairs, cuts: Array) -> tuple[Array, Array, Array]:
    """Size, gap and a (1 - a) of each bin, zero for an empty one."""
    sizes = namespace(cuts).diff(cuts)
    safe = sizes.clip(min=1)
    accuracy = namespace(cuts).diff(take(pairs.cumulative_outcomes, cuts)) / safe
    return sizes, pairs.gap_sums(cuts) / safe, accuracy * (1 - accuracy)
