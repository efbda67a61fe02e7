"""The result of a search in words, numbers and tables."""

from __future__ import annotations

from math import ceil, exp, floor, log
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.intrinsic_dimension.findings import Findings
from core.intrinsic_dimension.local_line import logit
from core.intrinsic_dimension.published import published_table
from core.intrinsic_dimension.search import NARROW, Crossing
from core.intrinsic_dimension.trainings import Facts, Problem

if TYPE_CHECKING:
    from core.intrinsic_dimension.objective_params import ObjectiveParams

BAND_POINTS = 60  # of the fitted line
FEW_ROWS = 200  # validation rows below which the resolution of an accuracy is worth a word
SCALINGS = {
    "columns": "each feature to mean 0 and variance 1",
    "common": "one mean and one variance for all features",
    "none": "features as they were brought",
}


def objective_result(params: ObjectiveParams, problem: Problem, facts: Facts, findings: Findings) -> Result:
    """Everything that a reader, a figure or a script needs of a search."""
    summary = _summary(params, facts, findings)
    return Result(
        answer=_answer(params, facts, findings, summary),
        summary=summary,
        tables={
            "curve": _curve(findings),
            "baselines": _baselines(findings),
            "fit": _fit(params, facts, findings),
            "published": published_table(),
        },
        notes=_notes(params, problem, facts, findings),
    )


def _summary(params: ObjectiveParams, facts: Facts, findings: Findings) -> dict[str, Scalar]:
    crossing = findings.crossing
    baseline, error = _baseline(findings)
    value = _whole(crossing.dimension) if crossing else None
    percent = f"{100 * params.fraction:g} %"
    return {
        "d_int90": Scalar(
            value,
            "Intrinsic dimension",
            "parameters",
            low=floor(crossing.low) if crossing else None,
            high=ceil(crossing.high) if crossing and crossing.high else None,
            description=f"Subspace dimension that reaches {percent} of the network's own baseline; 95 % interval.",
        ),
        "full_dimension": Scalar(facts.full_dimension, "Parameters of the network", "parameters"),
        "ratio": Scalar(
            round(facts.full_dimension / value, 2) if value else None,
            "Parameters for each that is needed",
            description="Full dimension over intrinsic dimension.",
        ),
        "d_int90_global": Scalar(
            _global_dimension(params, facts, crossing),
            "Intrinsic dimension, global baseline",
            "parameters",
            description=f"Subspace dimension that reaches {_fixed_goal(params)}.",
        ),
        "baseline": Scalar(
            baseline,
            "Own baseline",
            "accuracy",
            low=max(0.0, baseline - error),
            high=min(1.0, baseline + error),
            description=f"Mean validation accuracy of {len(findings.baseline)} direct trainings; 95 % interval.",
        ),
        "threshold": Scalar(findings.threshold, "Threshold", "accuracy", description=f"{percent} of the own baseline."),
        "threshold_global": Scalar(
            params.fraction * params.global_baseline,
            "Threshold, global baseline",
            "accuracy",
            description=f"{percent} of the global baseline {_decimal(params.global_baseline)}, which is set, not measured.",
        ),
        "chance": Scalar(facts.chance, "Chance level", "accuracy", description="Share of the largest class."),
        "trainings": Scalar(len(findings.trainings), "Trainings", "trainings", description="Direct ones included."),
        "learning_rate": Scalar(
            findings.subspace_rate,
            "Learning rate in the subspace",
            description=f"At {findings.guess:,} dimensions; elsewhere it is scaled by the root of their ratio.",
        ),
        "learning_rate_direct": Scalar(findings.direct_rate, "Learning rate of direct training"),
    }


def _baseline(findings: Findings) -> tuple[float, float]:
    """Mean of the direct trainings and half the width of its 95 % interval."""
    from scipy.stats import t

    values = findings.baseline
    if len(values) < 2:
        return float(values.mean()), 0.0
    return float(values.mean()), float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)


def _whole(dimension: float | None) -> int | None:
    return None if dimension is None else max(1, round(dimension))


def _global_dimension(params: ObjectiveParams, facts: Facts, crossing: Crossing | None) -> int | None:
    """Where the same line reaches the global threshold, if that is near where trainings have been."""
    if crossing is None or crossing.line is None:
        return None
    line = crossing.line
    found = line.crossing(logit(params.fraction * params.global_baseline, 0.5 / facts.validation_rows))
    inside = log(line.narrowest / NARROW) <= found <= log(line.widest * NARROW)
    return round(exp(found)) if inside and exp(found) <= facts.full_dimension else None


def _answer(params: ObjectiveParams, facts: Facts, findings: Findings, summary: dict[str, Scalar]) -> str:
    crossing, percent = findings.crossing, f"{100 * params.fraction:g} %"
    baseline = float(findings.baseline.mean())
    goal = f"{percent} of the network's own baseline ({baseline:.3f} validation accuracy)"
    found = summary["d_int90"]
    if crossing is None:
        return (
            f"No answer: {goal} is not above chance ({facts.chance:.3f}), so every subspace would pass; "
            "the network does not learn this task with these settings."
        )
    if crossing.how == "not reached":
        return (
            f"More than {found.low:,} parameters are needed: no subspace up to that dimension reaches {goal}; "
            f"the network has {facts.full_dimension:,}."
        )
    if crossing.how == "at once":
        return f"One parameter of {facts.full_dimension:,} already reaches {goal}."
    interval = "95 % interval" if crossing.how == "line" else "bracket"
    fixed = summary["d_int90_global"].value
    compared = f"; {_fixed_goal(params)} takes {fixed:,}" if fixed else ""
    return (
        f"About {found.value:,} of {facts.full_dimension:,} parameters ({interval} {found.low:,} to {found.high:,}) "
        f"reach {goal}{compared}."
    )


def _fixed_goal(params: ObjectiveParams) -> str:
    baseline = params.global_baseline
    return (
        f"an accuracy of {_decimal(params.fraction * baseline)} "
        f"({100 * params.fraction:g} % of the global baseline {_decimal(baseline)})"
    )


def _decimal(accuracy: float) -> str:
    """With at least one digit after the point, so that it reads as an accuracy: 1.0, 0.9, 0.475."""
    return f"{accuracy:.3f}".rstrip("0") if accuracy != round(accuracy, 1) else f"{accuracy:.1f}"


def _curve(findings: Findings) -> pd.DataFrame:
    rows = [one for one in findings.trainings if one.subspace_dimension is not None]
    return pd.DataFrame(
        {
            "subspace_dimension": np.array([one.subspace_dimension for one in rows], dtype=np.int64),
            "seed": np.array([one.seed for one in rows], dtype=np.int64),
            "performance": [one.performance for one in rows],
            "training_accuracy": [one.training_accuracy for one in rows],
            "learning_rate": [one.learning_rate for one in rows],
            "role": [one.role for one in rows],
        }
    )


def _baselines(findings: Findings) -> pd.DataFrame:
    rows = [one for one in findings.trainings if one.subspace_dimension is None]
    return pd.DataFrame(
        {
            "seed": np.array([one.seed for one in rows], dtype=np.int64),
            "performance": [one.performance for one in rows],
            "training_accuracy": [one.training_accuracy for one in rows],
            "learning_rate": [one.learning_rate for one in rows],
            "role": [one.role for one in rows],
            "counted": [one.learning_rate == findings.direct_rate and np.isfinite(one.performance) for one in rows],
        }
    )


def _fit(params: ObjectiveParams, facts: Facts, findings: Findings) -> pd.DataFrame:
    """The line with its 95 % band, back from logits to accuracies; no rows where there is none."""
    line = findings.crossing.line if findings.crossing else None
    if line is None:
        return pd.DataFrame(
            {name: np.array([], float) for name in ("subspace_dimension", "performance", "low", "high")}
        )
    from scipy.stats import t

    x = np.linspace(log(line.narrowest), log(line.widest), BAND_POINTS)
    level, error = line.at(x)
    reach = t.ppf(0.975, line.points - 2) * error
    return pd.DataFrame(
        {
            "subspace_dimension": np.exp(x),
            "performance": _accuracy(level),
            "low": _accuracy(level - reach),
            "high": _accuracy(level + reach),
        }
    )


def _accuracy(level: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-level))


def _notes(params: ObjectiveParams, problem: Problem, facts: Facts, findings: Findings) -> tuple[str, ...]:
    crossing = findings.crossing
    notes = [
        f"Recipe: {facts.network}; Adam, {params.epochs} epochs of batches of {min(params.batch_size, facts.training_rows)}, "
        f"learning rate {findings.direct_rate:g} directly and {findings.subspace_rate:g} sqrt({findings.guess:,} / d) in d "
        f"dimensions, falling to 0 along half a cosine; {SCALINGS[facts.scaling]}; {facts.training_rows:,} rows to learn from and "
        f"{facts.validation_rows:,} to measure on. Initialisation, projection and data order are drawn anew for each training.",
        "The number belongs to this recipe: another optimiser, longer training or another data split moves it. "
        "It does not say which parameters matter, nor that a smaller network would do.",
    ]
    own, fixed = findings.threshold, params.fraction * params.global_baseline
    if crossing and crossing.line and _global_dimension(params, facts, crossing) is None:
        notes.append(
            f"No dimension is given for the global baseline: its threshold {fixed:.3f} lies too far from the own one "
            f"({own:.3f}), around which the trainings were placed."
        )
    if crossing and crossing.how == "not reached" and crossing.low == facts.full_dimension:
        notes.append(
            "Even as many dimensions as parameters did not do, which ordinary training shows to be enough: the fault lies "
            "with the recipe, so give more epochs or other learning rates for the subspace."
        )
    if crossing and crossing.how == "line" and crossing.standard_error > params.standard_error:
        notes.append(
            f"The search ended after {params.max_trainings} trainings with a relative standard error of "
            f"{100 * crossing.standard_error:.1f} % ({100 * params.standard_error:g} % was asked for): "
            "allow more trainings for a narrower interval."
        )
    if crossing and crossing.how == "bisection":
        notes.append(
            "The curve is too flat near the threshold for a line; means of three trainings were bisected instead, and "
            "the interval is the last bracket."
        )
    if crossing and crossing.how == "bracket":
        notes.append(
            "The trainings ran out before the crossing was located: the interval is only the bracket that single "
            "trainings gave; allow more trainings."
        )
    diverged = sum(not np.isfinite(one.performance) for one in findings.trainings)
    if diverged:
        notes.append(f"{diverged} of {len(findings.trainings)} trainings diverged; in the search they count as chance.")
    if facts.validation_rows < FEW_ROWS:
        notes.append(
            f"Only {facts.validation_rows} rows to measure on: one row changes an accuracy by {1 / facts.validation_rows:.3f}."
        )
    if facts.rows_given > params.most_rows:
        notes.append(f"{params.most_rows:,} of {facts.rows_given:,} rows were used, drawn at random.")
    if facts.brought:
        notes.append("The weights that came with the model were not used: every training starts from fresh ones.")
    if facts.training_mode:
        notes.append(
            "The model was exported in training mode: its dropout, if any, stays on while accuracy is measured, which "
            "lowers it; export it in evaluation mode to avoid that."
        )
    if facts.kept:
        notes.append(
            f"These parameters could not be drawn anew and start as they were brought: {', '.join(facts.kept[:5])}."
        )
    return tuple(notes)
