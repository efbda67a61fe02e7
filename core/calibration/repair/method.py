"""What a list of recalibrators says of each; its module is loaded when it is first fitted."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the catalog reads the names of the methods, and must not bring in scipy
    import numpy as np

    from core.calibration.repair.recalibrator import Recalibrator


@dataclass(frozen=True)
class Method:
    """One recalibrator.

    Attributes:
        name: in tables, parameters and JSON.
        title: on pages.
        home: module and function that fit it.
        uses_logits: whether a constant added to all logits of a row changes the fit, so that log-probabilities,
            where no logits are known, give another one.
        seeded: whether the fit draws random numbers.
        reference: the paper.
        package: optional package that it needs, "" for none.
    """

    name: str
    title: str
    home: str
    reference: str
    uses_logits: bool = False
    seeded: bool = False
    package: str = ""

    def fit(self, scores: np.ndarray, labels: np.ndarray, seed: int = 0) -> Recalibrator:
        """Fits the method.

        Args:
            scores: [n, K] logits, or log-probabilities where no logits are known.
            labels: [n] integers in 0..K-1.
            seed: of methods that draw random numbers.

        Raises:
            BadInput: These rows can't be used for a fit, or not for this method.
        """
        module, function = self.home.split(":")
        fit = getattr(import_module(f"core.calibration.repair.{module}"), function)
        fitted: Recalibrator = fit(scores, labels, seed) if self.seeded else fit(scores, labels)
        return fitted
