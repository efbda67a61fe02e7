"""What mode `population` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.calibration.population_params import PopulationParams

WORTH_NAMING = 0.05  # q-value below which a rank correlation counts as found
FEWEST_MODELS = 20


def population_result(
    params: PopulationParams,
    census: Mapping[str, Any],
    questions: Sequence[pd.DataFrame],
    details: Mapping[str, Any],
) -> Result:
    """The result of a study.

    Args:
        params: of the run.
        census: of `census_step`.
        questions: of `question_step`, i to vii.
        details: of `details_step`.
    """
    from core.calibration.population.comparison import combined

    kendall = combined(questions)
    tables = {"kendall": kendall, **details["tables"]}
    return Result(
        answer=_answer(kendall, details, details["models"]),
        summary=_summary(kendall, details, census),
        tables=tables,
        notes=_notes(params, census, kendall, details),
    )


def _pair(kendall: pd.DataFrame, question: str, x: str, y: str) -> pd.Series | None:
    """The rank correlation of two columns over all models of the first data set that has it."""
    rows = kendall[(kendall.question == question) & (kendall.x == x) & (kendall.y == y) & (kendall.direction == "all")]
    rows = rows[np.isfinite(rows.tau)]
    return None if rows.empty else rows.iloc[0]


def _answer(kendall: pd.DataFrame, details: Mapping[str, Any], models: int) -> str:
    error = details["error"]
    parts = []
    accuracy = _pair(kendall, "v", "acc", error)
    if accuracy is not None:
        parts.append(_accuracy_words(accuracy))
    stages = _pair(kendall, "iv", error, error.replace("pre_", "post_"))
    if stages is not None:
        parts.append(
            f"the rank by ECE before temperature scaling says {_strength(stages.tau)} of the rank after it (tau "
            f"{_signed(stages.tau)}{_ceiling(stages)})"
        )
    others = _agreement(kendall, error)
    if len(others):
        odd = str(others.index[int(others.argmin())])
        parts.append(
            f"ECE agrees with the other metrics with a median tau of {_signed(others.median())}, least with "
            f"{_metric_words(odd)} ({_signed(others.min())})"
        )
    if not parts:
        return f"{models:,} models, and no pair of columns that the questions could compare."
    return f"Among {models:,} models, {'; '.join(parts)}."


def _accuracy_words(row: pd.Series) -> str:
    clear = row.q_value < WORTH_NAMING
    if not clear:
        return f"accuracy tells nothing sure of calibration (tau of accuracy with ECE {_signed(row.tau)})"
    direction = "better" if row.tau < 0 else "worse"
    return f"more accurate ones are {direction} calibrated (tau of accuracy with ECE {_signed(row.tau)})"


def _agreement(kendall: pd.DataFrame, error: str) -> pd.Series:
    """Tau of the ECE with each other metric, by the metric's name."""
    rows = kendall[(kendall.question == "iii") & ((kendall.x == error) | (kendall.y == error))]
    rows = rows[rows.dataset == rows.dataset.iloc[0]] if len(rows) else rows
    other = np.where(rows.x == error, rows.y, rows.x)
    taus = pd.Series(rows.tau.to_numpy(), index=other).dropna()
    return taus[[not name.endswith("AUROC") for name in taus.index]]  # a rank of right over wrong is no error


def _strength(tau: float) -> str:
    size = abs(tau)
    return "nothing" if size < 0.1 else "little" if size < 0.3 else "something" if size < 0.6 else "much"


def _ceiling(row: pd.Series) -> str:
    return f", where about {row.ceiling:.2f} could show through the noise" if np.isfinite(row.ceiling) else ""


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _summary(kendall: pd.DataFrame, details: Mapping[str, Any], census: Mapping[str, Any]) -> dict[str, Scalar]:
    error = details["error"]
    summary: dict[str, Scalar] = {}
    for name, question, x, y, title, words in (
        ("tau_accuracy", "v", "acc", error, "Accuracy and ECE", "Kendall's tau-b over all models; below zero: accurate ones are better calibrated."),
        ("tau_stages", "iv", error, error.replace("pre_", "post_"), "ECE before and after", "Kendall's tau-b of ECE before and after temperature scaling."),
    ):  # fmt: skip
        row = _pair(kendall, question, x, y)
        if row is not None:
            summary[name] = Scalar(
                float(row.tau), title, low=_finite(row.low), high=_finite(row.high), description=words
            )
    stages = _pair(kendall, "iv", error, error.replace("pre_", "post_"))
    if stages is not None and np.isfinite(stages.ceiling):
        summary["ceiling_stages"] = Scalar(
            float(stages.ceiling),
            "Ceiling of that, about",
            description="Tau that two measures of one ranking would show at these sample sizes, estimated from split halves.",
        )
    agreement = _agreement(kendall, error)
    if len(agreement):
        summary["tau_metrics"] = Scalar(
            float(agreement.median()),
            "ECE and other metrics",
            description="Median of Kendall's tau-b of ECE with each other metric, before temperature scaling.",
        )
    boxes = details["tables"].get("bin_boxes")
    for stage, words in (("pre", "before"), ("post", "after")):
        row = _floor_row(boxes, stage, error)
        if row is not None:
            summary[f"floor_share_{stage}"] = Scalar(
                float(row.floor_share),
                f"Noise in ECE, {words}",
                description=f"Floor of a calibrated model as a share of the median ECE {words} temperature scaling, {int(row.bins)} bins.",
            )
    found = int((kendall.q_value < WORTH_NAMING).sum())
    summary["found"] = Scalar(
        found,
        "Rank correlations found",
        unit=f"of {int(kendall.tau.notna().sum()):,}",
        description=f"Benjamini-Hochberg q below {WORTH_NAMING:g}, over all pairs of all questions.",
    )
    summary["models"] = Scalar(details["models"], "Models", unit="models")
    hcs = details["tables"].get("hcs")
    if hcs is not None and len(hcs):
        summary["best_hcs"] = Scalar(
            str(hcs.model.iloc[0]),
            "Best hybrid score",
            description=f"HCS {hcs.hcs.iloc[0]:.3f}: harmonic mean of accuracy and 1 − ECE.",
        )
    return summary


def _floor_row(boxes: pd.DataFrame | None, stage: str, error: str) -> pd.Series | None:
    bins = error.rpartition("_")[2]
    if boxes is None or boxes.empty or not bins.isdigit():
        return None
    rows = boxes[(boxes.stage == stage) & (boxes.bins == int(bins)) & np.isfinite(boxes.floor_share)]
    return None if rows.empty else rows.iloc[0]


def _notes(
    params: PopulationParams,
    census: Mapping[str, Any],
    kendall: pd.DataFrame,
    details: Mapping[str, Any],
) -> tuple[str, ...]:
    from core.calibration.population.table import resonance_note

    notes = list(details["notes"])
    classes = max((census.get("classes") or {"": 10 if census["form"] == "trained" else 0}).values())
    if note := resonance_note(tuple(details["bins"]), classes):
        notes.append(note)
    if note := _chance_note(details["tables"]["population"], classes):
        notes.append(note)
    if details["models"] < FEWEST_MODELS:
        notes.append(
            f"{census['models']} models are few: intervals of rank correlations are wide; {FEWEST_MODELS} are a "
            "good beginning."
        )
    if kendall[kendall.question == "i"].empty:
        notes.append("Question i needs the same models on at least two data sets; there is one.")
    if not details["robustness"]:
        notes.append(
            "Question ii needs robustness columns in the model table: the study's names, or any that start with robust_."
        )
    if not details["attributes"]:
        notes.append("Question vii needs attributes of the models (width, depth, family, ...): hand in a model table.")
    if census["form"] == "metrics":
        notes.append("Only metrics are known, so there is no split-half ceiling.")
        if params.samples is None:
            notes.append("Say on how many test samples the metrics were measured to see the noise floor of the ECE.")
    notes += details["model_notes"]
    if more := details["model_notes_count"] - len(details["model_notes"]):
        notes.append(f"{more:,} more notes on single models are left out.")
    return tuple(notes)


def _chance_note(table: pd.DataFrame, classes: int) -> str:
    """How many models are no better than chance, within two standard errors of an accuracy of 1/K; empty: none, or K is
    not known."""
    if classes < 2:
        return ""
    samples = table["samples"] if "samples" in table else pd.Series(np.inf, index=table.index)
    chance = 1 / classes
    weak = table.acc <= chance + 2 * np.sqrt(chance * (1 - chance) / samples)
    if not weak.any():
        return ""
    return (
        f"{int(weak.sum()):,} of {len(table):,} models are no better than chance (1/{classes}; they reach "
        f"{table.acc[weak].max():.3g}): their errors say nothing of the others, so see what remains with a least accuracy above."
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _metric_words(column: str) -> str:
    """`pre_cwCE_em_15` -> `cwCE_em`."""
    name, _, bins = column.removeprefix("pre_").rpartition("_")
    return name if bins.isdigit() else column.removeprefix("pre_")
