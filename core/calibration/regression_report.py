"""What mode `evaluate` answers of predicted numbers, out of what its step found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.calibration.evaluate_params import EvaluateParams

READ_AT = 0.9  # the interval that the answer speaks of
WORTH_NAMING = 0.05
TITLES = {
    "miscalibration_area": ("Miscalibration area", "Between the coverage curve and the diagonal.", ""),
    "interval_mace": ("Coverage error, mean", "Mean over 99 levels of coverage minus level.", ""),
    "ence": ("ENCE", "Relative gap between predicted and observed error, over 20 groups.", ""),
    "crps": ("CRPS", "A proper score, in units of the target.", ""),
    "nll": ("NLL", "A proper score: Gaussian negative log-likelihood.", "nats"),
    "sharpness": ("Sharpness", "Root mean predicted variance, in units of the target; never to be read alone.", ""),
}


def regression_result(params: EvaluateParams, facts: Mapping[str, Any], found: Mapping[str, pd.DataFrame]) -> Result:
    """The result for Gaussian predictions of numbers.

    Args:
        params: of the run.
        facts: of `describe_step`.
        found: of `regression_step`.
    """
    metrics = found["metrics"]
    curve = found["coverage"]
    covered = float(curve.coverage[np.isclose(curve.level, READ_AT)].iloc[0])
    area = _row(metrics, "miscalibration_area")
    summary = {
        "coverage_90": Scalar(covered, "Inside the 90 % interval", description="Share of targets; 0.9 is right.")
    }
    for name, (title, words, unit) in TITLES.items():
        row = _row(metrics, name)
        value, low, high = (float(row[part]) for part in ("value", "low", "high"))
        summary[name] = Scalar(value, title, unit=unit, low=low, high=high, description=words)
    summary["rows"] = Scalar(facts["rows"], "Rows reported on", unit="rows")
    notes = list(facts["notes"])
    if params.convention != "study":
        notes.append("Conventions concern classifiers; for predicted numbers there is one definition of each metric.")
    return Result(answer=_answer(covered, area), summary=summary, tables=dict(found), notes=tuple(notes))


def _row(metrics: pd.DataFrame, name: str) -> pd.Series:
    row: pd.Series = metrics[metrics.metric == name].iloc[0]
    return row


def _answer(covered: float, area: pd.Series) -> str:
    compared = (
        f"the miscalibration area is {100 * area.value:.1f} %, where a perfectly calibrated model would show "
        f"{100 * area.floor:.1f} % ({'p < 0.01' if area.p_value < 0.01 else f'p = {area.p_value:.2f}'})"
    )
    if area.p_value >= WORTH_NAMING:
        return f"These data do not contradict calibrated intervals: {100 * covered:.1f} % lie in the 90 % interval; {compared}."
    width = "narrow" if covered < READ_AT else "wide"
    return f"Its intervals are too {width}: {100 * covered:.1f} % of the targets lie in the 90 % interval; {compared}."
