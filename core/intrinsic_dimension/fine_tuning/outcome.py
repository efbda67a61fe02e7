"""What pretraining and the searches of a fine-tuning found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.intrinsic_dimension.findings import Findings
from core.intrinsic_dimension.fine_tuning.problem import Method, Start


@dataclass(frozen=True)
class Pretraining:
    """How pretraining here went; see `core.intrinsic_dimension.fine_tuning.trainings.pretrain`."""

    accuracy: float
    chance: float
    rows: int
    classes: int


@dataclass(frozen=True)
class Lambdas:
    """Where the lambdas of one SAID training ended.

    Attributes:
        subspace_dimension: d.
        seed: of the training.
        values: one a layer, [m].
    """

    subspace_dimension: int
    seed: int
    values: np.ndarray


@dataclass(frozen=True)
class Search:
    """One search and what it found."""

    start: Start
    method: Method
    findings: Findings
    lambdas: tuple[Lambdas, ...]


def title(start: Start, method: Method) -> str:
    """A search in words."""
    return method if start == "pretrained" else f"{method} from scratch"
