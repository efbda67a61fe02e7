"""Thresholdout: a holdout that answers only where the training set misleads.

Dwork, Feldman, Hardt, Pitassi, Reingold and Roth 2015, Generalization in Adaptive Data Analysis and Holdout Reuse
(arXiv 1506.02629), figure 1; the principle is that of arXiv 1411.2664.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput


@dataclass(frozen=True)
class Answer:
    """What one query gets.

    Attributes:
        value: the mean of the query, from the training part or, with noise, from the holdout.
        spends: whether the two parts disagreed, so that the holdout was used and one unit of the budget is gone.
    """

    value: float
    spends: bool


@dataclass(frozen=True)
class Thresholds:
    """When the holdout speaks, and how blurred.

    Attributes:
        threshold: T, the gap between the two parts from which on the holdout is used.
        sigma: scale of the Laplace noise; the gap gets 4 sigma, the threshold 2 sigma, the answer sigma.
    """

    threshold: float
    sigma: float

    def refreshed(self, generator: np.random.Generator) -> float:
        """That = T + Lap(2 sigma), drawn at the start and after each use of the holdout."""
        return self.threshold + generator.laplace(0.0, 2 * self.sigma)

    def answer(
        self, training_mean: float, holdout_mean: float, refreshed: float, generator: np.random.Generator
    ) -> Answer:
        """One query: |E_h - E_t| > That + Lap(4 sigma) gets E_h + Lap(sigma), any other gets E_t.

        Args:
            training_mean: E_t.
            holdout_mean: E_h.
            refreshed: That.
            generator: of the noise of this query.
        """
        if abs(holdout_mean - training_mean) > refreshed + generator.laplace(0.0, 4 * self.sigma):
            return Answer(holdout_mean + generator.laplace(0.0, self.sigma), True)
        return Answer(training_mean, False)


def default_thresholds(n: int, threshold: float | None = None, sigma: float | None = None) -> Thresholds:
    """T = 4/sqrt(n) and sigma = 1/(4 sqrt(n)) unless given.

    The published demonstration has this T with noise of 1/sqrt(n), which spends the budget on noise: five times as
    many null queries pass the threshold. The theorem's own constants would ask for far more samples.

    Raises:
        BadInput: one of them is not above zero.
    """
    chosen = Thresholds(
        4 / np.sqrt(n) if threshold is None else threshold, 1 / (4 * np.sqrt(n)) if sigma is None else sigma
    )
    for name, value in (("Threshold", chosen.threshold), ("Sigma", chosen.sigma)):
        if not 0 < value < np.inf:
            raise BadInput(f"{name}: {value:g} is not accepted; a number above 0 is expected.")
    return chosen


def default_budget(n: int) -> int:
    """A tenth of the samples: what practice bears; the theorem guarantees less."""
    return max(1, n // 10)


class Thresholdout:
    """Answers adaptively chosen queries about two parts of equal size.

    A query is a mean over samples of a value in [0, 1]. Once the budget is spent every query gets None, for good.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> training, holdout = rng.integers(0, 2, (2, 4000))  # two parts that agree
        >>> ledger = Thresholdout(training, holdout, budget=10, seed=0)
        >>> bool(ledger.query(lambda part: part) == training.mean())  # so the training part answers, and nothing is spent
        True
        >>> ledger.budget_left
        10
    """

    def __init__(
        self,
        training: ArrayLike,
        holdout: ArrayLike,
        threshold: float | None = None,
        sigma: float | None = None,
        budget: int | None = None,
        seed: int = 0,
    ) -> None:
        """Keeps the two parts.

        Args:
            training: [n, ...] the part that the analyst may look at.
            holdout: [n, ...] the part that is guarded.
            threshold: T; 4/sqrt(n) unless given.
            sigma: 1/(4 sqrt(n)) unless given.
            budget: B, how often the holdout may be used; a tenth of n unless given.
            seed: of the noise.

        Raises:
            BadInput: parts of different size, or a parameter that is not above zero.
        """
        self._training, self._holdout = np.asarray(training), np.asarray(holdout)
        n = _common_size(self._training, self._holdout)
        self.thresholds = default_thresholds(n, threshold, sigma)
        self.budget = default_budget(n) if budget is None else budget
        if self.budget < 1:
            raise BadInput(f"Budget: {budget} is not accepted; a whole number from 1 is expected.")
        self.budget_left = self.budget
        self._generator = np.random.default_rng(seed)
        self._refreshed = self.thresholds.refreshed(self._generator)

    def query(self, phi: Callable[[np.ndarray], Any]) -> float | None:
        """The mean of phi over the samples, or None once the budget is spent.

        Args:
            phi: maps a part [n, ...] to the value of each sample, [n] in [0, 1].

        Raises:
            BadInput: values outside [0, 1], or not one a sample.
        """
        return self.answer(phi(self._training), phi(self._holdout))

    def answer(self, training_values: ArrayLike, holdout_values: ArrayLike) -> float | None:
        """As `query`, from the values of the query on the samples of both parts, [n] each."""
        n = len(self._training)
        training_mean = mean_in_unit_interval(training_values, n, "training")
        holdout_mean = mean_in_unit_interval(holdout_values, n, "holdout")
        if self.budget_left < 1:
            return None
        answer = self.thresholds.answer(training_mean, holdout_mean, self._refreshed, self._generator)
        if answer.spends:
            self.budget_left -= 1
            self._refreshed = self.thresholds.refreshed(self._generator)
        return answer.value


def mean_in_unit_interval(values: ArrayLike, n: int, part: str) -> float:
    """The mean of a query's values over one part, in float64.

    Raises:
        BadInput: not [n], or a value that is not in [0, 1].
    """
    array = np.asarray(values)
    if array.shape != (n,):
        raise BadInput(f"Query: values of shape {array.shape} were found for the {part} part; ({n},) is expected.")
    lowest, highest = float(array.min()), float(array.max())
    if not (lowest >= 0 and highest <= 1):
        raise BadInput(
            f"Query: values from {lowest:g} to {highest:g} were found for the {part} part; a query is a mean of values "
            "in [0, 1]: divide by their range."
        )
    return float(array.mean(dtype=np.float64))


def _common_size(training: np.ndarray, holdout: np.ndarray) -> int:
    sizes = [part.shape[0] if part.ndim else 0 for part in (training, holdout)]
    if sizes[0] != sizes[1] or sizes[0] == 0:
        raise BadInput(
            f"The training part has {sizes[0]:,} samples and the holdout {sizes[1]:,}; parts of equal size are "
            "expected, so that both carry the same noise: drop samples of the larger one at random."
        )
    return sizes[0]
