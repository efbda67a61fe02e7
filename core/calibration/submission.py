"""Two parts of equal size out of one file of predictions: what a holdout is made of, and what it is asked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.calibration.reading import Scores, read_classifier

if TYPE_CHECKING:
    from core.analysis import Source
    from core.calibration.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Submission:
    """A model's predictions for the guarded rows and for those that may be known.

    Attributes:
        holdout: the reported rows of the file.
        training: its validation rows, as many; None where the file has none.
    """

    holdout: Predictions
    training: Predictions | None


def read_submission(source: Source, scores: Scores = "auto") -> Submission:
    """The parts of a file; of the larger one rows are dropped at random, the same ones of every file of these sizes.

    Raises:
        BadInput: the file can't be used.
    """
    model = read_classifier(source, scores)
    if model.fit is None:
        return Submission(model.report, None)
    size = min(model.report.n, model.fit.n)
    return Submission(_cut(model.report, size), _cut(model.fit, size))


def _cut(part: Predictions, size: int) -> Predictions:
    if part.n == size:
        return part
    return part.rows(np.sort(np.random.default_rng([part.n, size]).permutation(part.n)[:size]))
