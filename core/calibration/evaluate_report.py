"""What mode `evaluate` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.calibration.evaluate_params import EvaluateParams

HEADLINE_BINS = 15
WORTH_NAMING = 0.05  # p-value below which the data contradict perfect calibration
SCORE_TITLES = {
    "smece": ("Smooth ECE", "smECE at its own width: no bins to choose."),
    "nll": ("NLL", "Negative log-likelihood, a proper score: it punishes wrong confidence and lost ranking alike."),
    "brier": ("Brier score", "Mean squared error of the probabilities, a proper score."),
    "auroc": (
        "AUROC of confidence",
        "How well confidence ranks right above wrong answers; calibration leaves it as is.",
    ),
}


def evaluate_result(
    params: EvaluateParams,
    facts: Mapping[str, Any],
    stages: Mapping[str, Mapping[str, Any]],
    diagrams: Mapping[str, Any],
    parts: Mapping[str, Any],
    conventions: pd.DataFrame,
) -> Result:
    """The result of a classifier.

    Args:
        params: of the run.
        facts: of `describe_step`.
        stages: "pre" and, with a validation part, "post" -> what `metrics_step` found.
        diagrams: of `diagrams_step`.
        parts: of `parts_step`.
        conventions: of `conventions_step`.
    """
    metrics = pd.concat(
        [*(stages[stage]["table"] for stage in stages), _canonical(parts["canonical"])], ignore_index=True
    )
    return Result(
        answer=_answer(facts, metrics),
        summary=_summary(params, facts, metrics),
        tables={
            "metrics": metrics,
            **{name: table for name, table in diagrams.items() if isinstance(table, pd.DataFrame)},
            "decompositions": parts["table"],
            "conventions": conventions,
        },
        notes=_notes(params, facts, stages, parts["canonical"]),
    )


def _canonical(found: Mapping[str, Any]) -> pd.DataFrame:
    """The canonical KDE-ECE as a row of the metrics; without values where it is refused."""
    numbers = {name: found[name] for name in ("value", "low", "high", "floor", "p_value")}
    row = pd.DataFrame([{"metric": "canonical_kde_ece", "bins": pd.NA, "stage": "pre", **numbers}])
    return row.astype({"bins": "Int64"})


def metric_row(metrics: pd.DataFrame, name: str, bins: int | None = None, stage: str = "pre") -> pd.Series:
    """The row of one metric."""
    chosen = (metrics.metric == name) & (metrics.stage == stage)
    chosen &= metrics.bins.isna() if bins is None else (metrics.bins == bins).fillna(False)
    row: pd.Series = metrics[chosen].iloc[0]
    return row


def _answer(facts: Mapping[str, Any], metrics: pd.DataFrame) -> str:
    ece = metric_row(metrics, "ece", HEADLINE_BINS)
    gap = 100 * facts["gap"]
    against = f"{facts['mean_confidence']:.1%} against {facts['accuracy']:.1%} right".replace("%", " %")
    compared = (
        f"ECE in {HEADLINE_BINS} bins is {_percent(ece.value)}, where a perfectly calibrated model of the same confidences "
        f"would show {_percent(ece.floor)} ({_p_value(ece.p_value)})"
    )
    if ece.p_value >= WORTH_NAMING:
        return f"These data do not contradict perfect calibration: {compared}; mean confidence is {against}."
    direction = "too high" if gap > 0 else "too low"
    answer = f"Its confidence is {abs(gap):.1f} points {direction} on average ({against}): {compared}."
    if "temperature" in facts:
        after = metric_row(metrics, "ece", HEADLINE_BINS, "post")
        answer += (
            f" Dividing its logits by {facts['temperature']:.2f}, fitted on {facts['fit_rows']:,} other rows, leaves "
            f"{_percent(after.value)}."
        )
    return answer


def _summary(params: EvaluateParams, facts: Mapping[str, Any], metrics: pd.DataFrame) -> dict[str, Scalar]:
    percent = f"{100 * params.level:g} % interval"
    wide = float(ndtri((1 + params.level) / 2))
    ece = metric_row(metrics, "ece", HEADLINE_BINS)
    accuracy = metric_row(metrics, "accuracy")
    summary = {
        "ece_15": _scalar(ece, "ECE, 15 bins", f"Mean distance of accuracy from confidence over bins; {percent}."),
        "gap": Scalar(
            facts["gap"],
            "Confidence minus accuracy",
            low=_finite(facts["gap"] - wide * facts["gap_error"]),
            high=_finite(facts["gap"] + wide * facts["gap_error"]),
            description="Above zero: overconfident on average.",
        ),
        "accuracy": _scalar(accuracy, "Accuracy", "Share of rows whose most probable class is right."),
    }
    if "temperature" in facts:
        error = facts["temperature_error"]
        summary["temperature"] = Scalar(
            facts["temperature"],
            "Temperature",
            low=_finite(facts["temperature"] - wide * error),
            high=_finite(facts["temperature"] + wide * error),
            description="What the logits are divided by; fitted by NLL on the validation part alone.",
        )
    summary["ece_15_floor"] = Scalar(
        _finite(ece.floor),
        "ECE of a calibrated model",
        description="What 15 bins show on average for a perfectly calibrated model with the same confidences.",
    )
    summary["ece_15_p_value"] = Scalar(
        _finite(max(ece.p_value, 1 / (params.resamples + 1))),
        "p-value of ECE",
        description="Share of perfectly calibrated models that show as large an ECE by chance; no smaller than one of "
        "all resamples.",
    )
    for name, (title, description) in SCORE_TITLES.items():
        row = metric_row(metrics, name)
        summary[name] = _scalar(row, title, description)
    if "temperature" in facts:
        summary["ece_15_post"] = _scalar(
            metric_row(metrics, "ece", HEADLINE_BINS, "post"), "ECE after temperature", "On the same rows as before."
        )
        summary["nll_post"] = _scalar(
            metric_row(metrics, "nll", None, "post"), "NLL after temperature", "On the same rows as before."
        )
    summary["rows"] = Scalar(facts["rows"], "Rows reported on", unit="rows")
    return summary


def _notes(
    params: EvaluateParams,
    facts: Mapping[str, Any],
    stages: Mapping[str, Mapping[str, Any]],
    canonical: Mapping[str, Any],
) -> tuple[str, ...]:
    notes = list(facts["notes"])
    for stage, found in stages.items():
        after = " after temperature scaling" if stage == "post" else ""
        notes += [f"{name}{after}: {reason}." for name, reason in found["reasons"].items()]
    if canonical["refused"]:
        notes.append(f"Canonical KDE-ECE is not given: {canonical['refused']}.")
    else:
        notes.append(
            f"Canonical KDE-ECE, which compares all probabilities of a row and not the confidence alone, is "
            f"{canonical['value']:.4f} (bandwidth {canonical['bandwidth']:.3g}, "
            f"{canonical['neighbours']:.0f} effective neighbours, {canonical['rows']:,} rows)."
        )
    resonant = [bins for bins in (5, 10, 15, 20, 25) if bins < facts["classes"] or bins % facts["classes"]]
    if resonant:
        notes.append(
            f"Classwise ECE of equal mass (cwce_em): with {', '.join(map(str, resonant))} bins, which are no multiples of "
            f"the {facts['classes']} classes, some bins mix what the model gives to different classes, and errors cancel "
            "there; read it at multiples only."
        )
    if "temperature" not in facts:
        notes.append(
            "There is no validation part, so no temperature was fitted; add val_logits and val_labels (npz) or a split "
            "column to see the metrics after the repair."
        )
    if facts["rows"] < 500:
        notes.append(f"{facts['rows']:,} rows are few: most bins hold a handful, so read floors and intervals first.")
    return tuple(notes)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %" if np.isfinite(value) else "unknown"


def _p_value(value: float) -> str:
    if not np.isfinite(value):
        return "p unknown"
    return "p < 0.01" if value < 0.01 else f"p = {value:.2f}"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _scalar(row: pd.Series, title: str, description: str) -> Scalar:
    value, low, high = (_finite(row[name]) for name in ("value", "low", "high"))
    return Scalar(value, title, low=low, high=high, description=description)
