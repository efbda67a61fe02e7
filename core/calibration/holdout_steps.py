"""The steps of mode `holdout`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.calibration.evaluate_steps import cooled, plain
from core.calibration.reading import Scores

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis import Source
    from core.calibration.predictions import Predictions

TEMPERATURES = np.geomspace(0.25, 4.0, 33)
FIT_SHARE = 0.5


def demonstration_step(samples: int, features: int, informative: int, budget: int | None, seed: int) -> dict[str, Any]:
    """One demonstration: its `curve` with the `seed`, and `budget`, `budget_left` and `queries` of Thresholdout."""
    from core.calibration.holdout.demonstration import demonstration

    shown = demonstration(samples, features, informative=informative, budget=budget, seed=seed)
    return {
        "curve": plain(shown.curve.assign(seed=seed)),
        "budget": shown.budget,
        "budget_left": shown.budget_left,
        "queries": shown.queries,
    }


def submissions_step(source: Source, scores: Scores, budget: int | None, seed: int) -> pd.DataFrame:
    """Queries about one model at many temperatures, answered by Thresholdout.

    The validation part plays the training part and the reported part the holdout, both cut to the same size; where
    there is no validation part the rows are split in halves.

    Returns:
        `query`, `temperature`, `training` and `holdout` (the two means, the second hidden from an analyst), `answer`
        (missing once the budget is spent), `budget_left`; in the unit of each query.
    """
    import pandas as pd

    from core.calibration.holdout.queries import QUERIES
    from core.calibration.holdout.thresholdout import Thresholdout

    training, holdout = _equal_parts(source, scores, seed)
    index = np.arange(training.n)
    guard = Thresholdout(index, index, budget=budget, seed=seed)
    rows = []
    for number, temperature in enumerate(TEMPERATURES):
        parts = [cooled(part, float(temperature)) for part in (training, holdout)]
        for query in QUERIES.values():
            own, hidden = (query.values(part) for part in parts)
            answer = guard.answer(own, hidden)
            rows.append(
                (
                    query.name,
                    float(temperature),
                    query.scale * float(own.mean()),
                    query.scale * float(hidden.mean()),
                    np.nan if answer is None else query.scale * answer,
                    guard.budget_left,
                )
            )
        report((number + 1) / len(TEMPERATURES), "Queries about your predictions")
    return pd.DataFrame(rows, columns=["query", "temperature", "training", "holdout", "answer", "budget_left"])


def _equal_parts(source: Source, scores: Scores, seed: int) -> tuple[Predictions, Predictions]:
    from core.calibration.repair.split import split
    from core.calibration.submission import read_submission

    parts = read_submission(source, scores)
    if parts.training is not None:
        return parts.training, parts.holdout
    halves = split(parts.holdout, FIT_SHARE, seed)
    size = min(halves.fit.n, halves.report.n)
    return halves.fit.rows(np.arange(size)), halves.report.rows(np.arange(size))
