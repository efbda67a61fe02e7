"""Scores against labels: every method beside random scores and the base rate, each VUS with its definition named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, translucent
from core.telemetry.figures.drawing import ROW, name_rows

OURS, RANDOM, BASE_RATE = "two models", "random", "base_rate"
PANELS: dict[tuple[str, str], str] = {  # metric and definition -> title; the first orders the methods
    ("vus_pr", "tsb_ad"): "VUS-PR<br>TSB-AD's definition",
    ("vus_pr", "aeon"): "VUS-PR<br>aeon's definition",
    ("auc_pr", ""): "AUC-PR<br>row by row",
    ("auc_roc", ""): "AUC-ROC<br>row by row",
}
_OF_RECALL = ("vus_pr", "auc_pr")  # of a random score these are about the base rate


def score_figures(result: Result) -> dict[str, Figure]:
    """None where the telemetry has no labels."""
    table = result.tables.get("scores", pd.DataFrame())
    if table.empty:
        return {}
    there = [pair for pair in PANELS if len(_of(table, pair))]
    return {"scores": _board(table, there, result)} if there else {}


def _of(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    return table[(table.metric == pair[0]) & (table.definition.fillna("") == pair[1])]


def _board(table: pd.DataFrame, panels: list[tuple[str, str]], result: Result) -> Figure:
    first = _of(table, panels[0]).sort_values("value", ascending=False, na_position="last")
    methods = [str(method) for method in first.method]
    rate = table[table.metric == BASE_RATE].value
    base = float(rate.iloc[0]) if len(rate) else float("nan")
    plot = make_subplots(
        rows=1,
        cols=len(panels),
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=[PANELS[pair] for pair in panels],
    )
    for column, pair in enumerate(panels, start=1):
        own = _of(table, pair).set_index("method").reindex(methods)
        _points(plot, own, column)
        if pair[0] in _OF_RECALL and np.isfinite(base):
            plot.add_vline(x=base, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=1, col=column)
    name_rows(plot, [method.replace("_", " ") for method in methods])
    plot.update_xaxes(range=[-0.03, 1.05], tickvals=[0, 0.5, 1])
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=130 + ROW * len(methods), margin={"t": 56})
    best, random = first.iloc[0], first[first.method == RANDOM]
    against = f", random scores reach {float(random.value.iloc[0]):.2f}" if len(random) else ""
    metric = PANELS[panels[0]].replace("<br>", ", ")
    return Figure(
        title="Against the labels, beside plainer methods",
        plot=plot,
        reading=(
            "Further right is better, but only the distance from the random scores counts: where many rows are labelled, chance "
            "does well too. If a plainer method lies as far right, use that one."
        ),
        caption=(
            f"n = {len(result.arrays['time']):,} rows"
            + (f", {100 * base:.3g} % labelled anomalous (dotted, the base rate)" if np.isfinite(base) else "")
            + "; bars: 95 % intervals, where the method gives one; the two definitions of VUS give different numbers for the "
            "same scores and can't be compared with each other. Thresholds are never tuned on the labels."
        ),
        alt=f"{metric} of {len(methods)} methods: {best.method} reaches {float(best.value):.2f}{against}.",
        reference=(
            "VUS: Paparrizos et al. 2022, VLDB 15:2774, as in TSB-AD (Liu & Paparrizos 2024) and as in aeon; "
            "intervals by resampling events"
        ),
    )


def _points(plot: go.Figure, own: pd.DataFrame, column: int) -> None:
    rows = np.arange(len(own))
    low, high = own.low.to_numpy(dtype=float), own.high.to_numpy(dtype=float)
    breaks = np.full(len(own), None)
    plot.add_scatter(
        x=np.column_stack([low, high, breaks]).ravel(), y=np.column_stack([rows, rows, breaks]).ravel(), mode="lines",
        line={"color": translucent(NEUTRAL, 0.6), "width": 4}, hoverinfo="skip", showlegend=False, row=1, col=column,
    )  # fmt: skip
    plot.add_scatter(
        x=own.value,
        y=rows,
        mode="markers",
        marker={
            "size": 9,
            "color": [ACCENT if method == OURS else NEUTRAL for method in own.index],
            "symbol": ["circle-open" if method == RANDOM else "circle" for method in own.index],
            "line": {"width": 2},
        },
        customdata=list(own.index),
        hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        showlegend=False,
        row=1,
        col=column,
    )
