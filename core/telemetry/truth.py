"""What is known of a built-in's planted events: to score an analysis by, never to help it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from core.analysis import Source
    from core.telemetry.grid import Grid

DEFINITION = "euclid_like truth"


@dataclass(frozen=True, eq=False)
class Truth:
    """The planted events of a built-in on the grid of a run.

    Attributes:
        events: one row each; see `core.telemetry.synthetic.euclid_like`.
        effects: [events, parameters] in the unit.
        parameters: in the order of `effects`.
        labels: [rows] bool.
        grid: the telemetry with all its columns.
        training_rows: before the first event.
    """

    events: pd.DataFrame
    effects: np.ndarray
    parameters: tuple[str, ...]
    labels: np.ndarray
    grid: Grid
    training_rows: int


def truth_of(source: Source, seed: int, amplitude: float, facts: Mapping[str, Any]) -> Truth | None:
    """The truth about a built-in; None for a file, and where the run has another time grid than it was made on."""
    if not source.builtin:
        return None
    from core.telemetry.synthetic.builtin import make

    made = make(source.builtin, seed, amplitude)
    if len(facts["times"]) != made.grid.rows or facts["step"] != made.grid.step:
        return None
    return Truth(made.truth, made.effects, made.targets, made.event_rows, made.grid, made.training_rows)


def truth_scores(
    truth: Truth,
    step: float,
    events: pd.DataFrame,
    attributions: pd.DataFrame | None,
    residual: Mapping[str, np.ndarray],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores against the planted events, and which of them were found.

    Args:
        truth: of the built-in.
        step: seconds between two rows.
        events: parameter, rank, peak_row, explained_share, start_row, end_row.
        attributions: parameter, rank, covariate, order and order_by_difference; None without covariates.
        residual: [rows] signed score in sigma of each parameter.

    Returns:
        Rows for the table `scores`, and the table `truth`: the planted events with found, rank, place, explained_share.
    """
    from core.telemetry.synthetic.truth_scores import difference_detections, score_truth

    def scored(detections: pd.DataFrame, order: str) -> Any:
        return score_truth(truth.events, truth.effects, truth.parameters, step, detections, attributions, order)

    own = scored(events, "order")
    lines = [
        ("assay", "recall_at_3", own.recall),
        ("assay", "precision_at_3", own.precision),
        ("assay", "hit_at_1", own.hit_1),
        ("assay", "hit_at_3", own.hit_3),
        ("assay", "explained_share_auroc", own.share_auroc),
    ]
    lines += [("assay", f"hit_rate_at_{percent}", _hit_rate(truth, residual, percent)) for percent in (100, 150)]
    plain = difference_detections(truth.grid, truth.parameters, truth.training_rows)
    by_change = score_truth(truth.events, truth.effects, truth.parameters, step, plain)
    lines += [
        ("difference over 1 h", "recall_at_3", by_change.recall),
        ("difference over 1 h", "precision_at_3", by_change.precision),
    ]
    if attributions is not None:
        largest = scored(events, "order_by_difference")
        lines += [
            ("covariate that changed most", "hit_at_1", largest.hit_1),
            ("covariate that changed most", "hit_at_3", largest.hit_3),
        ]
    scores = pd.DataFrame(lines, columns=["method", "metric", "value"])
    scores.insert(2, "definition", DEFINITION)
    scores["value"] = scores["value"].astype(float)
    scores["low"] = scores["high"] = np.nan
    scores["note"] = ["" if np.isfinite(value) else "Undefined: nothing was found." for value in scores.value]
    found = own.found.drop(columns=["parameter", "kind"])
    return scores, truth.events.merge(found, on="event").drop(columns=["start_row", "end_row"])


def _hit_rate(truth: Truth, residual: Mapping[str, np.ndarray], percent: int) -> float | None:
    """HitRate@P%, mean over the events: are the parameters that an event moves those with the largest scores in it?"""
    from core.telemetry.metrics.hit_rate import hit_rate
    from core.telemetry.synthetic.truth_scores import NOTICEABLE

    hits = []
    starts, ends = truth.events.start_row.to_numpy(), truth.events.end_row.to_numpy()
    for place, (first, last) in enumerate(zip(starts, ends, strict=True)):
        moved = [
            name for name, effect in zip(truth.parameters, truth.effects[place], strict=True) if effect > NOTICEABLE
        ]
        sizes = {name: float(np.nan_to_num(np.abs(score[first : last + 1])).max()) for name, score in residual.items()}
        if moved:
            ranked = sorted(sizes, key=lambda name: sizes[name], reverse=True)
            hits.append(hit_rate(ranked, moved, percent))
    return float(np.mean(hits)) if hits else None
