"""Calibration and accuracy, over all models and over the best: question v."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.calibration.figures.drawing import name_rows, shift
from core.calibration.figures.population_drawing import (
    MOST_POINTS,
    STUDY,
    TABS,
    bins_of,
    is_shown,
    short_name,
)
from core.palette import ACCENT, NEUTRAL, SERIES


def accuracy(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question v: ECE over accuracy, and taus of accuracy with the metrics by subset."""
    table = result.tables["population"]
    error = next((name for name in ("pre_ECE_15", "pre_ECE_10", "pre_ECE_20") if name in table), None)
    drawn = {}
    if error:
        shown = table.dropna(subset=[error]).head(MOST_POINTS)
        plot = go.Figure()
        plot.add_scatter(
            x=100 * shown.acc,
            y=100 * shown[error],
            customdata=shown.config.astype(str),
            mode="markers",
            marker={"color": ACCENT, "size": 7, "opacity": 0.7},
            hovertemplate="%{customdata}: accuracy %{x:.1f} %, ECE %{y:.2f} %<extra></extra>",
        )
        plot.update_xaxes(title="accuracy (%)")
        plot.update_yaxes(title=f"ECE (%), {bins_of(error)} bins", rangemode="tozero")
        drawn["accuracy"] = Figure(
            title="Accuracy and calibration",
            plot=plot,
            reading="A cloud that falls to the right: accurate models are better calibrated; look whether only one end of it does.",
            caption=f"{len(shown):,} models, before temperature scaling.",
            alt=f"Scatter of ECE against accuracy from {100 * shown.acc.min():.1f} to {100 * shown.acc.max():.1f} %.",
            reference=f"{STUDY}, question v",
            group=TABS["v"],
        )
    first = rows[(rows.dataset == rows.dataset.iloc[0]) & rows.y.map(is_shown)]
    drawn["accuracy_subsets"] = _subsets(first)
    return drawn


def _subsets(rows: pd.DataFrame) -> Figure:
    plot = go.Figure()
    order = list(dict.fromkeys(short_name(name) for name in rows.y))
    subsets = list(rows.groupby("subset", sort=False))
    for place, (colour, (subset, part)) in enumerate(zip(SERIES, subsets, strict=False)):
        plot.add_scatter(
            x=part.tau,
            y=[order.index(short_name(name)) + shift(place, len(subsets), 0.15) for name in part.y],
            customdata=[short_name(name) for name in part.y],
            error_x={"array": part.high - part.tau, "arrayminus": part.tau - part.low, "color": colour, "thickness": 1},
            mode="markers",
            marker={"color": colour, "size": 8},
            name=f"{subset} (n = {int(part.n.max()):,})",
            hovertemplate="%{customdata}: tau %{x:.2f}<extra>" + str(subset) + "</extra>",
        )
    plot.add_vline(x=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="Kendall's tau-b of accuracy with the metric")
    name_rows(plot, order)
    plot.update_layout(height=150 + 14 * (len(subsets) + 1) * len(order), legend={"y": 1.02})
    spans = "; ".join(
        f"{one.subset}: accuracy {one.accuracy_low:.3f} to {one.accuracy_high:.3f}"
        for one in rows.drop_duplicates("subset").itertuples()
    )
    return Figure(
        title="The same question asked of the best",
        plot=plot,
        reading="A sign that changes between subsets is Simpson's paradox at work: say which models a finding is about.",
        caption=f"{spans}. Bars: intervals over models.",
        alt=f"Tau of accuracy with each metric by subset, from {rows.tau.min():.2f} to {rows.tau.max():.2f}.",
        reference=f"{STUDY}, question v",
        group=TABS["v"],
    )
