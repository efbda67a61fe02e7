"""What the search of one problem found: its finished trainings, the threshold and where it was crossed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.intrinsic_dimension.search import Crossing


@dataclass(frozen=True)
class Training:
    """One finished training. `subspace_dimension` is None for a direct one."""

    role: str  # "learning rate", "baseline" or "search"
    subspace_dimension: int | None
    seed: int
    learning_rate: float
    performance: float  # validation accuracy; NaN: it diverged
    training_accuracy: float


@dataclass(frozen=True)
class Findings:
    """All that a search found, from which the result is written.

    Attributes:
        trainings: in the order in which they were asked for.
        direct_rate: chosen learning rate of direct training.
        subspace_rate: chosen learning rate in the subspace of the first guess.
        guess: dimension of that subspace.
        baseline: performances of the direct trainings at the chosen rate.
        threshold: performance that was to be reached.
        crossing: None where the threshold is not above chance, so that there is nothing to search.
    """

    trainings: tuple[Training, ...]
    direct_rate: float
    subspace_rate: float
    guess: int
    baseline: np.ndarray
    threshold: float
    crossing: Crossing | None
