"""CORP: the isotonic reliability curve and the decomposition that goes with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from core.calibration.metrics.pairs import Pairs, sorted_pairs
from core.calibration.predictions import Predictions


@dataclass(frozen=True)
class Corp:
    """Parts of the Brier score; `score` is their combination.

    Attributes:
        miscalibration: MCB, score of the forecast minus score of its isotonic recalibration.
        discrimination: DSC, score of the constant base rate minus score of the recalibration.
        uncertainty: UNC, score of the constant base rate.
    """

    miscalibration: float
    discrimination: float
    uncertainty: float

    @property
    def score(self) -> float:
        """MCB - DSC + UNC."""
        return self.miscalibration - self.discrimination + self.uncertainty


def recalibrated(pairs: Pairs) -> np.ndarray:
    """[n] isotonic (pool adjacent violators) estimate of the event's probability; equal scores share one value."""
    cuts = pairs.tie_cuts
    sizes = np.diff(cuts)
    rates = np.diff(pairs.cumulative_outcomes[cuts]) / sizes
    fitted = isotonic_regression(rates, weights=sizes.astype(np.float64)).x
    return np.repeat(fitted, sizes)


def corp(pairs: Pairs) -> Corp:
    """mean (c - k)^2 = MCB - DSC + UNC.

    Dimitriadis, Gneiting and Jordan 2021 (arXiv 2008.03033), equation 4: no bins to choose, and exact.

    Args:
        pairs: [n] sorted scores and outcomes.
    """
    base = pairs.outcomes.mean()
    score = float((pairs.residuals**2).mean())
    best = float(((recalibrated(pairs) - pairs.outcomes) ** 2).mean())
    constant = float(base * (1 - base))
    return Corp(score - best, constant - best, constant)


def classwise_corp(predictions: Predictions) -> Corp:
    """The decomposition of the multiclass Brier score (the sum over classes): each class against the rest, summed.

    Args:
        predictions: [n, K].
    """
    parts = [
        corp(sorted_pairs(predictions.probabilities[:, k], predictions.labels == k)) for k in range(predictions.classes)
    ]
    return Corp(
        sum(p.miscalibration for p in parts), sum(p.discrimination for p in parts), sum(p.uncertainty for p in parts)
    )
