"""Scores and outcomes in ascending order of score: what every metric of one probability starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.calibration.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Pairs:
    """Predicted probabilities of an event and whether it happened, sorted by probability.

    Attributes:
        scores: [n] float64 ascending.
        outcomes: [n] float64, 1 where the event happened.
    """

    scores: np.ndarray
    outcomes: np.ndarray

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.scores.shape[0]

    @cached_property
    def residuals(self) -> np.ndarray:
        """[n] r = score - outcome."""
        return self.scores - self.outcomes

    @cached_property
    def cumulative(self) -> np.ndarray:
        """[n + 1] sums of the residuals before each position, so that a bin's sum is a difference of two."""
        return np.concatenate([[0.0], np.cumsum(self.residuals)])

    @cached_property
    def cumulative_outcomes(self) -> np.ndarray:
        """[n + 1] sums of the outcomes before each position."""
        return np.concatenate([[0.0], np.cumsum(self.outcomes)])

    @cached_property
    def tie_cuts(self) -> np.ndarray:
        """[g + 1] positions between groups of equal scores, from 0 to n: the order within a group means nothing."""
        steps = np.flatnonzero(self.scores[1:] != self.scores[:-1]) + 1
        return np.concatenate([[0], steps, [self.n]])


def sorted_pairs(scores: np.ndarray, outcomes: np.ndarray) -> Pairs:
    """Pairs of arrays [n], sorted by score."""
    order = np.argsort(scores, kind="stable")
    return Pairs(scores[order].astype(np.float64, copy=False), outcomes[order].astype(np.float64))


def top_label(predictions: Predictions) -> Pairs:
    """The confidence in the predicted class, and whether that class was right."""
    return sorted_pairs(predictions.confidence, predictions.correct)
