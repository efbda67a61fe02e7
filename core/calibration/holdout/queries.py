"""What may be asked of a holdout: means over samples of a value in [0, 1].

A statistic outside this class (ECE, MCE) moves by more than 1/n when one sample changes, so the noise of Thresholdout
would not hide that sample; such a statistic is not offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.calibration.metrics.brier import brier_terms
from core.calibration.metrics.nll import nll_terms
from core.calibration.predictions import Predictions
from core.errors import BadInput

NLL_CEILING = 10.0  # nats: a label that was given probability 4.5e-5 costs no more


@dataclass(frozen=True)
class Query:
    """A question about predictions.

    Attributes:
        name: "accuracy", "brier" or "nll".
        title: as people read it.
        scale: multiplies the mean in [0, 1] to give the number in `unit`.
        unit: of the scaled number.
        larger_is_better: the direction of improvement.
        values: the value of each sample, [n] in [0, 1].
    """

    name: str
    title: str
    scale: float
    unit: str
    larger_is_better: bool
    values: Callable[[Predictions], np.ndarray]


def accuracy_values(predictions: Predictions) -> np.ndarray:
    """1 where the predicted class is the label, otherwise 0; [n]."""
    return predictions.correct.astype(np.float64)


def brier_values(predictions: Predictions) -> np.ndarray:
    """Half of the Brier score of each sample, sum_k (p_k - 1[y = k])^2 / 2; [n] in [0, 1]."""
    return np.clip(brier_terms(predictions) / 2, 0.0, 1.0)


def nll_values(predictions: Predictions) -> np.ndarray:
    """-log p_y of each sample, clipped at `NLL_CEILING` nats and divided by it; [n] in [0, 1]."""
    return np.clip(nll_terms(predictions) / NLL_CEILING, 0.0, 1.0)


QUERIES: dict[str, Query] = {
    query.name: query
    for query in (
        Query("accuracy", "Accuracy", 1.0, "", True, accuracy_values),
        Query("brier", "Brier score", 2.0, "", False, brier_values),
        Query("nll", f"Negative log-likelihood, clipped at {NLL_CEILING:g}", NLL_CEILING, "nats", False, nll_values),
    )
}


def query_named(name: str) -> Query:
    """The query of a name.

    Raises:
        BadInput: no such query; the sentence lists them.
    """
    if name not in QUERIES:
        raise BadInput(
            f"A holdout can't be asked for {name[:80]!r}; it answers {', '.join(QUERIES)}, which are means over samples."
        )
    return QUERIES[name]
