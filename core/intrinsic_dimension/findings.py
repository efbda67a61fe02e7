"""What the search of one problem found: its finished trainings, the thresholds and where they were crossed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from core.intrinsic_dimension.search import Crossing

Baseline = Literal["own", "global"]


@dataclass(frozen=True)
class Training:
    """One finished training. `subspace_dimension` is None for a direct one."""

    role: str  # "learning rate", "baseline", "search", or "sweep": a rate that another one beat at the same d
    subspace_dimension: int | None
    seed: int
    learning_rate: float
    performance: float  # the accuracy that counts; NaN: it diverged
    validation_accuracy: float
    training_accuracy: float


@dataclass(frozen=True)
class Aim:
    """A threshold and where it was crossed.

    Attributes:
        baseline: "own", of the same network, measured; "global", a number that was set.
        fraction: of the baseline: 0.9 for d_int90, 1 for d_int100.
        threshold: performance that was to be reached.
        crossing: None where the threshold is not above chance, so that there is nothing to search.
    """

    baseline: Baseline
    fraction: float
    threshold: float
    crossing: Crossing | None


@dataclass(frozen=True)
class Findings:
    """All that a search found, from which the result is written.

    Attributes:
        trainings: in the order in which they were asked for.
        direct_rate: chosen learning rate of direct training.
        subspace_rate: chosen learning rate in the subspace of the first guess.
        guess: dimension of that subspace.
        baseline: performances of the direct trainings at the chosen rate.
        aims: the one that was searched for first, then the others that its trainings say something of.
    """

    trainings: tuple[Training, ...]
    direct_rate: float
    subspace_rate: float
    guess: int
    baseline: np.ndarray
    aims: tuple[Aim, ...]

    @property
    def threshold(self) -> float:
        """Performance that the search was to reach."""
        return self.aims[0].threshold

    @property
    def crossing(self) -> Crossing | None:
        """Where the search reached it."""
        return self.aims[0].crossing

    def aim(self, baseline: Baseline, fraction: float) -> Aim:
        """One of the aims.

        Raises:
            StopIteration: it was none.
        """
        return next(aim for aim in self.aims if aim.baseline == baseline and aim.fraction == fraction)
