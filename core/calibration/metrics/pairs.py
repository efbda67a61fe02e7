"""Scores and outcomes in ascending order of score: what every metric of one probability starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from core.calibration.metrics.arrays import Array, before, namespace, take, tie_bounds


class Answers(Protocol):
    """What a model answered, and how surely: of `Predictions`, or of a `Batch` of models."""

    @property
    def confidence(self) -> Array:
        """[..., n] the largest probability of each row."""
        ...

    @property
    def correct(self) -> Array:
        """[..., n] whether the predicted class is the label."""
        ...


@dataclass(frozen=True, eq=False)
class Pairs:
    """Predicted probabilities of an event and whether it happened, sorted by probability.

    Numpy arrays [n] of one model, or tensors [..., n] of many, whose metrics then are computed at once.

    Attributes:
        scores: [..., n] float64 ascending.
        outcomes: [..., n] float64, 1 where the event happened.
    """

    scores: Array
    outcomes: Array

    @property
    def n(self) -> int:
        """Number of pairs."""
        return int(self.scores.shape[-1])

    @cached_property
    def residuals(self) -> Array:
        """[..., n] r = score - outcome."""
        return self.scores - self.outcomes

    @cached_property
    def cumulative(self) -> Array:
        """[..., n + 1] sums of the residuals before each position, so that a bin's sum is a difference of two."""
        return before(self.residuals)

    @cached_property
    def cumulative_outcomes(self) -> Array:
        """[..., n + 1] sums of the outcomes before each position."""
        return before(self.outcomes)

    @cached_property
    def ties(self) -> tuple[Array, Array]:
        """First position and end of each pair's group of equal scores, both [..., n]: the order within means nothing."""
        return tie_bounds(self.scores)

    @cached_property
    def tie_cuts(self) -> np.ndarray:
        """[g + 1] positions between groups of equal scores of one model, from 0 to n."""
        return np.concatenate([[0], np.unique(self.ties[1])])

    def gap_sums(self, cuts: Array) -> Array:
        """[..., bins] sums of the residuals between neighbouring cuts."""
        return namespace(cuts).diff(take(self.cumulative, cuts))


def sorted_pairs(scores: Array, outcomes: Array) -> Pairs:
    """Pairs of arrays [..., n], sorted by score."""
    if isinstance(scores, np.ndarray):
        order = np.argsort(scores, kind="stable")
        return Pairs(scores[order].astype(np.float64, copy=False), outcomes[order].astype(np.float64))
    ascending, order = scores.double().sort(stable=True)
    return Pairs(ascending, outcomes.double().take_along_dim(order, -1))


def top_label(predictions: Answers) -> Pairs:
    """The confidence in the predicted class, and whether that class was right."""
    return sorted_pairs(predictions.confidence, predictions.correct)
