"""The numbers of mode `evaluate` as pictures: errors over their floor, bins, conventions, parts of the Brier score."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.calibration.figures.drawing import (
    AFTER,
    LABEL_MARGIN,
    METRIC_WORDS,
    STAGE_COLOURS,
    STAGE_WORDS,
    band,
    named_line,
    percent,
)
from core.palette import NEUTRAL, SERIES

SHOWN = ("ece", "ece_em", "smece", "kde_ece", "ks", "mmce", "ece_sweep", "top_label_ece", "cwce", "cwce_em", "mce")
SHOWN_BINS = 15
RINGS = (24, 17, 11, 5)  # pixels: equal values of the four conventions lie around each other, not on each other
PART_COLOURS = {"miscalibration": SERIES[1], "discrimination": SERIES[2], "uncertainty": NEUTRAL}


def metric_figures(result: Result) -> dict[str, Figure]:
    """Errors over their floor, error by bin count, the parts of the Brier score, and what conventions change."""
    drawn = {
        "metrics": _metrics(result),
        "bins": _bins(result),
        "brier_parts": _brier_parts(result),
    }
    conventions = _conventions(result)
    return drawn if conventions is None else {**drawn, "conventions": conventions}


def _metrics(result: Result) -> Figure:
    metrics = result.tables["metrics"]
    rows = metrics[metrics.metric.isin(SHOWN) & (metrics.bins.isna() | (metrics.bins == SHOWN_BINS).fillna(False))]
    rows = rows[rows.value.notna()]
    order = [name for name in SHOWN if name in set(rows.metric)]
    smallest = max(1e-3, 50 * float(rows[["value", "floor"]].min().min()))
    plot = go.Figure()
    floors = rows[rows.stage == "pre"].set_index("metric").floor.reindex(order)
    plot.add_scatter(
        x=100 * floors,
        y=[METRIC_WORDS[name] for name in order],
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": NEUTRAL}},
        name="floor: a calibrated model",
        hovertemplate="%{y}: %{x:.2f} % for a calibrated model<extra></extra>",
    )
    for stage, part in rows.groupby("stage", sort=False):
        part = part.set_index("metric").reindex(order).dropna(subset=["value"])
        x, low, high = (100 * part[name] for name in ("value", "low", "high"))
        plot.add_scatter(
            x=x,
            y=[METRIC_WORDS[name] for name in part.index],
            customdata=np.column_stack([low, high, part.p_value]),
            error_x={
                "array": high - x,
                "arrayminus": x - np.maximum(low, smallest),
                "color": STAGE_COLOURS[str(stage)],
                "thickness": 1.5,
                "width": 3,
            },
            mode="markers",
            marker={"color": STAGE_COLOURS[str(stage)], "size": 9},
            name=STAGE_WORDS[str(stage)],
            hovertemplate=(
                "%{y}: %{x:.2f} %, interval %{customdata[0]:.2f} to %{customdata[1]:.2f} %, p = %{customdata[2]:.2f}"
                "<extra>" + STAGE_WORDS[str(stage)] + "</extra>"
            ),
        )
    plot.update_xaxes(title="error (%, logarithmic)", type="log", dtick="D2", minallowed=np.log10(smallest) - 0.3)
    plot.update_yaxes(autorange="reversed", title="")
    plot.update_layout(height=120 + 34 * len(order))
    ece = rows[(rows.metric == "ece") & (rows.stage == "pre")].iloc[0]
    return Figure(
        title="Every calibration error beside its floor",
        plot=plot,
        reading=(
            "The grey mark is what a perfectly calibrated model of the same confidences would show on as many rows: a point "
            "on it means nothing found, a point far to its right a real error."
        ),
        caption=(
            f"{SHOWN_BINS} bins where a metric has bins; bars: bootstrap intervals, cut on the left where they reach zero."
        ),
        alt=f"Calibration errors with intervals and floors; ECE is {percent(ece.value)} over a floor of {percent(ece.floor)}.",
        reference="Tao et al. 2024, arXiv:2308.11838, section 3; Vaicenavicius et al. 2019, arXiv:1902.06977 (consistency)",
    )


def _bins(result: Result) -> Figure:
    metrics = result.tables["metrics"]
    ece = metrics[metrics.metric == "ece"].astype({"bins": "int64"})
    plot = go.Figure()
    for stage, part in ece.groupby("stage", sort=False):
        colour, words = STAGE_COLOURS[str(stage)], STAGE_WORDS[str(stage)]
        band(plot, part.bins, 100 * part.low, 100 * part.high, colour)
        named_line(plot, part.bins, 100 * part.value, colour, words, "%{x} bins: %{y:.2f} %", "top right")
        named_line(
            plot,
            part.bins,
            100 * part.floor,
            colour,
            "its floor",
            "%{x} bins: floor %{y:.2f} %",
            "bottom right",
            dash="dot",
            width=1.5,
        )
    counts = sorted(ece.bins.unique())
    plot.update_xaxes(
        title="bins (count, logarithmic)",
        type="log",
        tickvals=counts,
        ticktext=["" if n in (15, 25) else str(n) for n in counts],
    )
    plot.update_yaxes(title="ECE (%)", rangemode="tozero")
    plot.update_layout(margin={"r": LABEL_MARGIN + 30})
    first = ece[ece.stage == "pre"]
    return Figure(
        title="ECE by number of bins",
        plot=plot,
        reading=(
            "Where a line rises together with its dotted floor, the growth is noise of small bins, not miscalibration; "
            "trust the bin counts where the line stands clear of it."
        ),
        caption="Equal width; bands: bootstrap intervals; dotted: mean for a perfectly calibrated model.",
        alt=(
            f"ECE from {percent(first.value.iloc[0])} at {first.bins.iloc[0]} bins to {percent(first.value.iloc[-1])} at "
            f"{first.bins.iloc[-1]}; the floor rises from {percent(first.floor.iloc[0])} to {percent(first.floor.iloc[-1])}."
        ),
        reference="Tao et al. 2024, arXiv:2308.11838, section 5; Roelofs et al. 2022, arXiv:2012.08668",
    )


def _brier_parts(result: Result) -> Figure:
    table = result.tables["decompositions"]
    part = table[table.decomposition == "corp"].set_index("part").value
    every = table[table.decomposition == "corp, all classes"].set_index("part").value
    plot = go.Figure()
    for name, sign in (("miscalibration", 1), ("discrimination", -1), ("uncertainty", 1)):
        values = [part[name], every[name]]
        plot.add_bar(
            y=["confidence", "all classes"],
            x=[sign * value for value in values],
            orientation="h",
            marker={"color": PART_COLOURS[name]},
            customdata=values,
            name=f"{'−' if sign < 0 else '+'} {name}",
            hovertemplate="%{y}: " + name + " %{customdata:.4f}<extra></extra>",
        )
    plot.add_scatter(
        y=["confidence", "all classes"],
        x=[part["score"], every["score"]],
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": AFTER},
        name="Brier score",
        hovertemplate="%{y}: Brier score %{x:.4f}<extra></extra>",
    )
    plot.update_layout(barmode="relative", height=260, bargap=0.45)
    plot.update_xaxes(title="parts of the Brier score")
    plot.update_yaxes(title="", autorange="reversed")
    return Figure(
        title="What the Brier score is made of",
        plot=plot,
        reading=(
            "Miscalibration is all that a repair can remove; discrimination is what the model knows; a repair that lowers "
            "both has traded knowledge for a better-looking ECE."
        ),
        caption=(
            f"Brier = miscalibration − discrimination + uncertainty, by isotonic regression, exact and without bins: "
            f"{_sum(part)} for the confidence, {_sum(every)} for all classes."
        ),
        alt=(
            f"Brier score of the confidence {part['score']:.4f}: miscalibration {part['miscalibration']:.4f}, discrimination "
            f"{part['discrimination']:.4f}, uncertainty {part['uncertainty']:.4f}."
        ),
        reference="Dimitriadis et al. 2021, arXiv:2008.03033, eq. 4",
    )


def _sum(part: pd.Series) -> str:
    return (
        f"{part['score']:.4f} = {part['miscalibration']:.4f} − {part['discrimination']:.4f} + {part['uncertainty']:.4f}"
    )


def _conventions(result: Result) -> Figure | None:
    table = result.tables["conventions"]
    moved = table[(table.difference.abs() > 1e-12) & table.metric.isin(("ece", "ece_em", "mce", "nll"))]
    if moved.empty:
        return None
    order = list(dict.fromkeys(moved.metric))
    plot = go.Figure()
    shown = table[table.metric.isin(order)].groupby("convention", sort=False)
    for colour, size, (name, part) in zip(SERIES, RINGS, shown, strict=False):
        relative = 100 * part.difference / (part.value - part.difference)
        plot.add_scatter(
            x=relative,
            y=[METRIC_WORDS[metric] for metric in part.metric],
            customdata=np.column_stack([part.value.map("{:.6g}".format), _wrapped(part.reason)]),
            mode="markers",
            marker={"size": size, "color": colour, "symbol": "circle-open", "line": {"width": 2.5}},
            name=str(name),
            hovertemplate="%{y}: %{customdata[0]}, %{x:+.3g} %<br>%{customdata[1]}<extra>" + str(name) + "</extra>",
        )
    largest = moved.iloc[int(moved.difference.abs().argmax())]
    plot.update_xaxes(title="difference from the study's value (%)", exponentformat="none")
    plot.update_yaxes(title="", autorange="reversed")
    plot.update_layout(height=150 + 45 * len(order))
    return Figure(
        title="The same metric by four libraries",
        plot=plot,
        reading=(
            "Rings around each other agree; a ring away from zero is a number that can't be compared across papers: hover "
            "for the rule that makes the difference on these rows."
        ),
        caption=f"{SHOWN_BINS} bins; metrics that agree under all conventions are left out; the table has all of them.",
        alt=f"Largest difference: {largest.metric} under {largest.convention}, {largest.difference:+.3g}. {largest.reason}",
        reference="Each library's own definition, named in the table of conventions",
    )


def _wrapped(texts: pd.Series) -> list[str]:
    return ["<br>".join(textwrap.wrap(text, 60)) for text in texts]
