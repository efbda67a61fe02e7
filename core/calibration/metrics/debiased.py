"""Debiased calibration errors."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from core.calibration.metrics.pairs import Pairs


def debiased_l2(pairs: Pairs, cuts: np.ndarray) -> float:
    """Signed root of sum_b n_b/n [gap_b^2 - a_b (1 - a_b) / (n_b - 1)], with a_b the accuracy of bin b.

    Kumar et al. 2019 (arXiv 1909.10155), section 4.2. The estimate of the squared error is nearly unbiased and so may
    be below zero: the sign is kept, where others cut to zero. A bin of one sample contributes nothing.

    Args:
        pairs: [n] sorted confidences and outcomes.
        cuts: Bins, of equal mass in the paper.
    """
    sizes, gaps, variances = _bins(pairs, cuts)
    terms = np.where(sizes > 1, sizes * (gaps**2 - variances / np.maximum(sizes - 1, 1)), 0.0)
    squared = terms.sum() / pairs.n
    return float(np.sign(squared) * np.sqrt(abs(squared)))


def debiased_l1(pairs: Pairs, cuts: np.ndarray) -> float:
    """2 ECE - E ECE*, with the accuracies of ECE* drawn from N(a_b, a_b (1 - a_b) / n_b).

    The debiased ECE of Kumar et al. 2019, whose code draws 1,000 times; here the expectation is exact: the mean of a
    folded normal is s sqrt(2/pi) exp(-g^2 / 2 s^2) + g (1 - 2 Phi(-g / s)). It may be below zero.

    Args:
        pairs: [n] sorted confidences and outcomes.
        cuts: Bins.
    """
    sizes, gaps, variances = _bins(pairs, cuts)
    deviations = np.sqrt(variances / np.maximum(sizes, 1))
    size = np.abs(gaps)
    ratio = np.divide(size, deviations, out=np.full_like(size, np.inf), where=deviations > 0)
    expected = deviations * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + size * (1 - 2 * ndtr(-ratio))
    return float((sizes * (2 * size - expected)).sum() / pairs.n)


def _bins(pairs: Pairs, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Size, gap and a (1 - a) of each bin, zero for an empty one."""
    sizes = np.diff(cuts)
    safe = np.maximum(sizes, 1)
    accuracy = np.diff(pairs.cumulative_outcomes[cuts]) / safe
    return sizes, np.diff(pairs.cumulative[cuts]) / safe, accuracy * (1 - accuracy)
