"""The demonstration of the paper: choosing features by a holdout makes the holdout lie.

Dwork et al. 2015 (arXiv 1506.02629), section 5. Labels and features are independent coin flips, so that every query
is a mean in [0, 1]: how often the sign of a feature agrees with the label. The published version draws Gaussian
features and asks for correlations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.calibration.holdout.thresholdout import Thresholdout, mean_in_unit_interval
from core.errors import BadInput

FEATURE_COUNTS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500)


@dataclass(frozen=True)
class Demonstration:
    """What two analysts report who differ only in how they ask the holdout.

    Attributes:
        curve: one row an analyst and number of features: `holdout` ("standard" or "thresholdout"), `features`,
            `training`, `reported` (what the analyst is told; missing once the budget is spent), `fresh` (accuracy on
            new samples).
        budget: of Thresholdout.
        budget_left: after all queries.
        queries: asked by the second analyst.
    """

    curve: pd.DataFrame
    budget: int
    budget_left: int
    queries: int

    def reported(self, holdout: str) -> float:
        """The accuracy that an analyst is told for the largest number of features."""
        rows = self.curve[self.curve["holdout"] == holdout]
        return float(rows["reported"].iloc[-1])


@dataclass(frozen=True)
class _Parts:
    """Agreement of each feature with the label, [d, n] of -1 and 1: a label of +1 for all loses nothing."""

    training: np.ndarray
    holdout: np.ndarray
    fresh: np.ndarray


def demonstration(
    n: int = 4000,
    d: int = 4000,
    *,
    informative: int = 0,
    bias: float = 6.0,
    budget: int | None = None,
    seed: int = 0,
) -> Demonstration:
    """Lets two analysts choose features of pure noise and report the accuracy of their vote.

    Each keeps the features whose agreement with the label is more than one standard deviation away from one half, to
    the same side, in the training part and by the answer of the holdout; the k best of them by the training part
    vote. The first analyst reads the holdout itself, the second asks Thresholdout.

    Args:
        n: samples of each of the three parts.
        d: features.
        informative: how many features do carry information; none for pure noise.
        bias: of an informative feature, in units of 1/sqrt(n): it agrees with probability (1 + bias/sqrt(n)) / 2.
        budget: of Thresholdout; a tenth of n unless given.
        seed: of samples and noise.

    Raises:
        BadInput: fewer than 100 samples or 10 features, or more informative features than there are.
    """
    if n < 100 or d < 10 or not 0 <= informative <= d or not 0 <= bias <= np.sqrt(n):
        raise BadInput(
            f"Demonstration: n = {n}, d = {d}, informative = {informative}, bias = {bias:g} is not accepted; n >= 100, "
            f"d >= 10, 0 <= informative <= d and 0 <= bias <= sqrt(n) are expected."
        )
    generator = np.random.default_rng(seed)
    parts = _Parts(*(_agreements(generator, n, d, informative, bias) for _ in range(3)))
    own, other = (part.mean(axis=1, dtype=np.float64) / 2 + 0.5 for part in (parts.training, parts.holdout))  # [d]
    standard = _selected(own, other, n)
    rows = [
        {"holdout": "standard", "features": k, "training": training, "reported": holdout, "fresh": fresh}
        for k, training, holdout, fresh in (
            (k, *(_accuracy(part, own, standard[:k]) for part in (parts.training, parts.holdout, parts.fresh)))
            for k in _counts(standard.size)
        )
    ]
    index = np.arange(n)
    guard = Thresholdout(index, index, budget=budget, seed=int(generator.integers(1 << 32)))
    answers = [guard.answer(*pair) for pair in zip(parts.training > 0, parts.holdout > 0, strict=True)]
    told = np.array([0.5 if answer is None else answer for answer in answers])
    chosen = _selected(own, told, n)
    for k in _counts(chosen.size):
        votes = [_votes(part, own, chosen[:k]) for part in (parts.training, parts.holdout)]
        reported = guard.answer(*votes)
        rows.append(
            {
                "holdout": "thresholdout",
                "features": k,
                "training": mean_in_unit_interval(votes[0], n, "training"),
                "reported": np.nan if reported is None else reported,
                "fresh": _accuracy(parts.fresh, own, chosen[:k]),
            }
        )
    return Demonstration(pd.DataFrame(rows), guard.budget, guard.budget_left, d + len(_counts(chosen.size)))


def _agreements(generator: np.random.Generator, n: int, d: int, informative: int, bias: float) -> np.ndarray:
    """[d, n] float32 of -1 and 1; the first `informative` rows lean towards 1."""
    bits = np.unpackbits(np.frombuffer(generator.bytes(-(-n * d // 8)), dtype=np.uint8), count=n * d)
    signs = bits.reshape(d, n).astype(np.float32)
    signs *= 2
    signs -= 1
    if informative:
        agrees = generator.random((informative, n)) < (1 + bias / np.sqrt(n)) / 2
        signs[:informative] = np.where(agrees, 1, -1)
    return signs


def _selected(training: np.ndarray, told: np.ndarray, n: int) -> np.ndarray:
    """Features that both parts call better than chance by one standard deviation, the best of training first."""
    deviation = 0.5 / np.sqrt(n)
    own, other = training - 0.5, told - 0.5
    kept = np.flatnonzero((own * other > 0) & (np.abs(own) > deviation) & (np.abs(other) > deviation))
    return kept[np.argsort(-np.abs(own[kept]), kind="stable")]


def _counts(available: int) -> tuple[int, ...]:
    """Numbers of features that are tried: the published ones, and all that were selected."""
    return (*(k for k in FEATURE_COUNTS if k < available), *([available] if available else []))


def _votes(part: np.ndarray, training: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Whether the vote of the features is right, [n]; a tied vote is half right."""
    score = np.sign(training[features] - 0.5).astype(np.float32) @ part[features]
    return np.sign(score) / 2 + 0.5


def _accuracy(part: np.ndarray, training: np.ndarray, features: np.ndarray) -> float:
    return float(_votes(part, training, features).mean(dtype=np.float64))
