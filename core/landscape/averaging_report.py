"""What averages of weights gain, as tables, words and advice, with the phase of the cell beside the gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.analysis import Scalar
from core.landscape.phase_map.labels import COLLAPSED

COLUMNS = [
    "family",
    "load",
    "temperature",
    "members",
    "method",
    "aligned",
    "alignment",
    "used",
    "metric",
    "value",
    "value_standard_error",
    "best_member",
    "mean_member",
    "gain",
    "standard_error",
    "gain_over_best",
    "standard_error_over_best",
]
ALL = "all checkpoints"
SURE = 2.0  # standard errors that a gain has to be away from 0
SOUPS = "Wortsman et al. 2022, arXiv:2203.05482, recipe 1"
FINE_TUNING = "Wortsman et al. 2022, arXiv:2109.01903, section 4"
REBASIN = "Ainsworth et al. 2022, arXiv:2209.04836"


def averaging_table(rows: Sequence[Mapping[str, Any]], phases: pd.DataFrame | None) -> pd.DataFrame:
    """A row an average and metric, with the phase of its cell where there is one.

    Args:
        rows: with all columns but `aligned`; load and temperature are None where the family is no cell.
        phases: of a map.
    """
    table = pd.DataFrame(rows)
    table["aligned"] = table["alignment"] != "none"
    table = table[COLUMNS].astype({"load": float, "temperature": float})
    if phases is None:
        return table
    return table.merge(phases[["load", "temperature", "phase", "confidence"]], "left", ["load", "temperature"]).fillna(
        {"phase": ""}
    )


def phase_gains(table: pd.DataFrame) -> pd.DataFrame:
    """The mean gain of the cells of each phase, for each average and metric.

    `standard_error` is over the cells; of a single cell it is that of its own gain, over rows.
    """
    cells = table[table.phase != ""]
    found = []
    for (phase, method, alignment, metric), own in cells.groupby(
        ["phase", "method", "alignment", "metric"], sort=False
    ):
        error = own.gain.std(ddof=1) / np.sqrt(len(own)) if len(own) > 1 else own.standard_error.iloc[0]
        found.append((phase, method, alignment, metric, len(own), own.gain.mean(), error))
    columns = ["phase", "method", "alignment", "metric", "cells", "gain", "standard_error"]
    return pd.DataFrame(found, columns=columns).sort_values(
        ["metric", "method", "alignment", "phase"], ignore_index=True
    )


def averaging_answer(table: pd.DataFrame) -> str:
    """One sentence: the plain mean and the aligned one, over all families of checkpoints that are of one kind."""
    plain, moved = (_means(table, alignment) for alignment in ("none", "all at once"))
    if plain.empty:
        return ""
    over = f"On average over {len(plain):,} cells the" if len(plain) > 1 else "The"
    said = f"{over} mean of the weights is {_points(plain.gain.mean())} than its mean member"
    if moved.empty:
        return f"{said}."
    return f"{said}, and {_points(moved.gain.mean())} once units are aligned."


def averaging_summary(table: pd.DataFrame) -> dict[str, Scalar]:
    """The gain of the plain and of the aligned mean."""
    summary = {}
    for name, alignment, title in (
        ("gain_mean", "none", "Gain of the mean"),
        ("gain_aligned_mean", "all at once", "Gain of the aligned mean"),
    ):
        own = _means(table, alignment)
        if own.empty:
            continue
        value, error = float(own.gain.mean()), float(own.standard_error.iloc[0])
        alone = len(own) == 1
        summary[name] = Scalar(
            value,
            title,
            "points",
            low=value - SURE * error if alone else None,
            high=value + SURE * error if alone else None,
            description="Of accuracy, over the mean member"
            + ("; two standard errors on either side." if alone else f"; mean over {len(own):,} cells."),
        )
    return summary


def averaging_advice(table: pd.DataFrame) -> pd.DataFrame:
    """What to do with each family, in the columns of a map's advice; load and temperature are NaN where it is no cell."""
    found = []
    for family, own in table[(table.metric == "accuracy") & (table.method == "mean")].groupby("family", sort=False):
        by_alignment = {str(row["alignment"]): row for _, row in own.iterrows()}
        plain, moved = by_alignment["none"], by_alignment.get("all at once")
        sentence, turn, reference = _verdict(plain, moved)
        found.append(
            {
                "load": plain["load"],
                "temperature": plain["temperature"],
                "phase": plain.get("phase", ""),
                "advice": sentence,
                "turn": turn,
                "whose": "read off the map",
                "reference": reference,
                "evidence": f"{family}: mean member {plain.mean_member:.4g} %, best member {plain.best_member:.4g} %, mean "
                f"{plain.value:.4g} %" + ("" if moved is None else f", aligned mean {moved.value:.4g} %"),
            }
        )
    return pd.DataFrame(found)


def _verdict(plain: pd.Series, moved: pd.Series | None) -> tuple[str, str, str]:
    """Sentence, turn and reference: from the gains of this family alone."""
    better = plain if moved is None or plain.gain >= moved.gain else moved
    aligned = better is not plain
    how = "Align these networks and average them" if aligned else "Average these networks as they are"
    if better.gain_over_best > SURE * better.standard_error_over_best:
        return f"{how}: the mean beats the best of them.", "align and average" if aligned else "average", SOUPS
    if better.gain > SURE * better.standard_error:
        return (
            f"{how} if you need one network and can't tell the best: the mean beats its members on average, not the best of them.",
            "align and average" if aligned else "average",
            SOUPS,
        )
    if better.gain < -SURE * better.standard_error:
        even = " even aligned" if moved is not None else ""
        return (
            f"Do not average these networks,{even or ' as they are'}: the mean is worse than its members; keep the best, or average "
            "their predictions.",
            "keep apart",
            REBASIN,
        )
    return (
        "Averaging these networks gains nothing that the rows can tell from chance; keep the best of them.",
        "keep",
        SOUPS,
    )


def averaging_notes(table: pd.DataFrame, rows: str, *, seen: bool) -> list[str]:
    """What the reader has to know of the averages.

    Args:
        table: of `averaging_table`.
        rows: on which they are reported.
        seen: whether the networks may have been trained on these.
    """
    notes = [
        f"Averages are reported on {rows}; whatever was chosen, such as the best member, was chosen on others. Gains are over the mean "
        "member on the same rows, above 0 is better; standard errors are over rows. Statistics of batch normalisation were "
        "computed anew for averages and members alike."
    ]
    if seen:
        notes.append(
            "The checkpoints may have been trained on the rows that averages are reported on; bring held-out data for gains that hold "
            "elsewhere."
        )
    if (table.method == "greedy soup").any():
        notes.append(
            f"The paper says so ({SOUPS}): where several checkpoints are at hand take the greedy average; on the rows by which it is "
            "chosen it is never worse than the best of them."
        )
    if table.method.str.startswith("WiSE-FT").any():
        notes.append(
            f"The paper says so ({FINE_TUNING}): where nothing is known of the data that are to come, take alpha 0.5 between the "
            "pretrained and the fine-tuned checkpoint."
        )
    if "phase" in table and (table.phase != "").any():
        notes.append(
            "Read off the map: gain in accuracy of the mean, as it is and aligned, by phase: " + _by_phase(table) + "."
        )
    return notes


def _by_phase(table: pd.DataFrame) -> str:
    gains = phase_gains(table[table.phase != COLLAPSED]).query("metric == 'accuracy' and method == 'mean'")
    said = []
    for phase, own in gains.groupby("phase"):
        values = own.set_index("alignment").gain
        parts = [f"{values[name]:+.2f}" for name in ("none", "all at once") if name in values]
        said.append(f"{phase} {' and '.join(parts)} points")
    return "; ".join(said)


def _means(table: pd.DataFrame, alignment: str) -> pd.DataFrame:
    """The rows of the mean: of cells that learned something where there are any, else of all checkpoints."""
    own = table[(table.metric == "accuracy") & (table.method == "mean") & (table.alignment == alignment)]
    cells = own[own.load.notna()]
    if "phase" in cells:
        cells = cells[cells.phase != COLLAPSED]
    return cells if len(cells) else own[own.load.isna()]


def _points(value: float) -> str:
    return f"{abs(value):.2f} points {'more' if value >= 0 else 'less'} accurate"
