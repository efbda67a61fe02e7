"""Decomposition of the Brier score over bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.calibration.metrics.pairs import Pairs


@dataclass(frozen=True)
class Murphy:
    """Parts of the Brier score of one probability; `score` is their sum.

    Attributes:
        reliability: sum_b n_b/n (mean score - mean outcome)^2, what recalibration could remove.
        resolution: sum_b n_b/n (mean outcome - base rate)^2, what tells the bins apart.
        uncertainty: base rate (1 - base rate).
        within_variance: Mean squared deviation of the scores from their bin's mean.
        within_covariance: Mean product of the deviations of score and outcome within bins.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float

    @property
    def score(self) -> float:
        """REL - RES + UNC + WBV - 2 WBC."""
        return self.reliability - self.resolution + self.uncertainty + self.within_variance - 2 * self.within_covariance


def murphy(pairs: Pairs, cuts: np.ndarray) -> Murphy:
    """mean (c - k)^2 = REL - RES + UNC + WBV - 2 WBC.

    Murphy 1973, with the two within-bin terms of Stephenson et al. 2008 (Weather and Forecasting 23:752), without
    which the parts don't add up to the score unless each bin has one value.

    Args:
        pairs: [n] sorted scores and outcomes.
        cuts: Bins.
    """
    cuts = np.unique(cuts)
    sizes = np.diff(cuts)
    share = sizes / pairs.n
    score = np.add.reduceat(pairs.scores, cuts[:-1]) / sizes
    rate = np.add.reduceat(pairs.outcomes, cuts[:-1]) / sizes
    base = float(pairs.outcomes.mean())
    off_score = pairs.scores - np.repeat(score, sizes)
    off_outcome = pairs.outcomes - np.repeat(rate, sizes)
    return Murphy(
        reliability=float((share * (score - rate) ** 2).sum()),
        resolution=float((share * (rate - base) ** 2).sum()),
        uncertainty=base * (1 - base),
        within_variance=float((off_score**2).mean()),
        within_covariance=float((off_score * off_outcome).mean()),
    )
