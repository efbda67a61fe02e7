"""The named numbers of a search."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from core.analysis import Scalar
from core.intrinsic_dimension.findings import Aim, Baseline, Findings
from core.intrinsic_dimension.plan import Known, Metric

if TYPE_CHECKING:
    from core.intrinsic_dimension.objective_params import ObjectiveParams

KINDS: dict[Baseline, str] = {"own": "the network's own baseline", "global": "the global baseline"}
INTERVALS = {
    "line": "95 % interval",
    "grid": "2.5 to 97.5 % of 100 curves with one replicate drawn for each dimension",
    "bisection": "the last bracket",
    "bracket": "the bracket that single trainings give",
    "at once": "the smallest subspace",
}


def objective_summary(params: ObjectiveParams, facts: Known, metric: Metric, findings: Findings) -> dict[str, Scalar]:
    """The dimensions of both baselines side by side, then what they rest on."""
    aim = findings.aims[0]
    other: Baseline = "global" if aim.baseline == "own" else "own"
    found = _dimension(aim, f"Intrinsic dimension, {aim.baseline} baseline")
    value = whole(aim)
    low, high = baseline_interval(findings)
    own = Scalar(
        float(findings.baseline.mean()),
        "Own baseline",
        f"{params.metric} accuracy",
        low=low,
        high=high,
        description=f"Mean of {len(findings.baseline)} direct trainings; 95 % interval.",
    )
    fixed = Scalar(
        params.global_baseline, "Global baseline", "accuracy", description="A fixed number, set and not measured."
    )
    return {
        "d_int90": found,
        f"d_int90_{other}": _dimension(findings.aim(other, params.fraction), f"Intrinsic dimension, {other} baseline"),
        "d_int100": _dimension(findings.aim(aim.baseline, 1.0), f"d_int100, {aim.baseline} baseline"),
        "full_dimension": Scalar(facts.full_dimension, "Parameters of the network", "parameters"),
        "ratio": Scalar(
            round(facts.full_dimension / value, 2) if value else None,
            "Parameters for each that is needed",
            description="Full dimension over intrinsic dimension.",
        ),
        f"d_int90_{aim.baseline}": _dimension(aim, f"d_int90, {aim.baseline} baseline"),
        "baseline": Scalar(
            own.value if aim.baseline == "own" else fixed.value,
            "Baseline that was searched for",
            "accuracy",
            description=f"That of {KINDS[aim.baseline].removeprefix('the ')}, on {params.metric} rows."
            if aim.baseline == "own"
            else "The global one.",
        ),
        "baseline_own": own,
        "baseline_global": fixed,
        "threshold": Scalar(
            aim.threshold, "Threshold", "accuracy", description=f"{percent(aim)} of {KINDS[aim.baseline]}."
        ),
        "threshold_global": Scalar(
            params.fraction * params.global_baseline,
            "Threshold, global baseline",
            "accuracy",
            description=f"{100 * params.fraction:g} % of the global baseline {decimal(params.global_baseline)}.",
        ),
        "chance": Scalar(
            metric.chance,
            "Chance level",
            "accuracy",
            description=f"Share of the largest class of the {params.metric} rows.",
        ),
        "trainings": Scalar(len(findings.trainings), "Trainings", "trainings", description="Direct ones included."),
        "learning_rate": Scalar(
            findings.subspace_rate,
            "Learning rate in the subspace",
            description=f"At {findings.guess:,} dimensions; "
            + (
                "every other dimension has its own, the best of as many."
                if params.learning_rate_sweep
                else "elsewhere it is scaled by the root of their ratio."
            ),
        ),
        "learning_rate_direct": Scalar(findings.direct_rate, "Learning rate of direct training"),
    }


def _dimension(aim: Aim, title: str) -> Scalar:
    """d of an aim with its interval; where it was not reached no value, and the largest d that was tried as lower end."""
    crossing = aim.crossing
    goal = f"{percent(aim)} of {KINDS[aim.baseline]}"
    if crossing is None:
        return Scalar(
            None, title, "parameters", description=f"No answer: {goal} ({aim.threshold:.3f}) is not above chance."
        )
    low, high = floor(crossing.low), ceil(crossing.high) if crossing.high is not None else None
    if crossing.how == "not reached":
        words = f"No subspace that was tried, up to {low:,} dimensions, reaches {goal}."
        return Scalar(None, title, "parameters", low=low, description=words)
    words = f"Subspace dimension that reaches {goal}; {INTERVALS[crossing.how]}."
    return Scalar(whole(aim), title, "parameters", low=low, high=high, description=words)


def whole(aim: Aim) -> int | None:
    """d of an aim as a whole number; None where there is none."""
    if aim.crossing is None or aim.crossing.dimension is None:
        return None
    return max(1, round(aim.crossing.dimension))


def in_words(scalar: Scalar) -> str:
    """A dimension as the answer has it.

    >>> in_words(Scalar(1200, "d")), in_words(Scalar(None, "d", low=300)), in_words(Scalar(None, "d"))
    ('1,200', 'more than 300', 'no number')
    """
    if scalar.value is not None:
        return f"{scalar.value:,}"
    return f"more than {scalar.low:,}" if scalar.low is not None else "no number"


def percent(aim: Aim) -> str:
    """The fraction of an aim."""
    return f"{100 * aim.fraction:g} %"


def baseline_interval(findings: Findings) -> tuple[float, float]:
    """95 % interval of the mean of the direct trainings, by Student's t, within 0 to 1."""
    from scipy.stats import t

    values = findings.baseline
    mean = float(values.mean())
    if len(values) < 2:
        return mean, mean
    reach = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)
    return max(0.0, mean - reach), min(1.0, mean + reach)


def decimal(accuracy: float) -> str:
    """With at least one digit after the point, so that it reads as an accuracy: 1.0, 0.9, 0.475."""
    return f"{accuracy:.3f}".rstrip("0") if accuracy != round(accuracy, 1) else f"{accuracy:.1f}"
