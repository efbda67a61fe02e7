"""What the telemetry is like before anything is computed: gaps, and what is missing of each column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import NEUTRAL, translucent
from core.telemetry.figures.detected import milliseconds, moment
from core.telemetry.figures.drawing import EVENT, ROW, count, short, span

MOST_COLUMNS = 20
MOST_GAPS = 300


def quality_figures(result: Result) -> dict[str, Figure]:
    """Gaps over time above, missing shares below; nothing where nothing is missing."""
    columns, gaps = result.tables["columns"], result.tables["gaps"]
    lacking = columns[columns.missing_share > 0]
    if lacking.empty and gaps.empty:
        return {}
    shown = lacking.sort_values("missing_share", ascending=False, kind="stable").head(MOST_COLUMNS)
    height = 210 + ROW * len(shown) if len(shown) else 130
    plot = make_subplots(
        rows=2 if len(shown) else 1,
        cols=1,
        row_heights=[40 / height, 1 - 40 / height] if len(shown) else [1],
        vertical_spacing=100 / height if len(shown) else 0,
        subplot_titles=["Gaps over time", "Missing share of each column"][: 2 if len(shown) else 1],
    )
    _gaps(plot, gaps, result.arrays["time"])
    if len(shown):
        _missing(plot, shown)
    plot.update_annotations(font={"size": 12}, x=0, xanchor="left")
    plot.update_layout(height=height, margin={"t": 36})
    hours = float(gaps.minutes.sum()) / 60 if len(gaps) else 0.0
    worst = (
        f"; {shown.iloc[0]['column']} misses most, {100 * float(shown.iloc[0].missing_share):.2g} %"
        if len(shown)
        else ""
    )
    return {
        "quality": Figure(
            title="Gaps and missing values",
            plot=plot,
            reading=(
                "Orange stretches have no rows: forecasts and differences do not reach across them. A column that misses much "
                "is judged on little, and an event that touches a gap may be the gap's doing."
            ),
            caption=(
                f"{count(len(gaps), 'gap')}, {hours:.3g} h together"
                + (f", the longest {MOST_GAPS} of them drawn" if len(gaps) > MOST_GAPS else "")
                + f"; {len(lacking)} of {count(len(columns), 'column')} miss something"
                + (f", the {MOST_COLUMNS} that miss most are shown" if len(lacking) > MOST_COLUMNS else "")
                + "; shares are of the rows after resampling, before short holes are filled."
            ),
            alt=(f"{count(len(gaps), 'gap')} and the missing share of {count(len(shown), 'column')}{worst}."),
            reference="A step of more than five times the median step is a gap",
        )
    }


def _gaps(plot: go.Figure, gaps: pd.DataFrame, times: np.ndarray) -> None:
    drawn = gaps.sort_values("minutes", ascending=False).head(MOST_GAPS)
    start, end = (milliseconds(drawn[name]) if len(drawn) else np.array([]) for name in ("start", "end"))
    wide = (int(times[-1]) - int(times[0])) / 1_000  # a short gap is still drawn as wide as a pixel
    shapes = [span(float(times[0]), float(times[-1]), NEUTRAL, 0.25, y="y domain")]
    shapes += [span(a, max(b, a + wide), EVENT, 0.95, y="y domain") for a, b in zip(start, end, strict=True)]
    plot.add_scatter(
        x=(start + end) / 2, y=np.full(len(start), 0.5), mode="markers", marker={"opacity": 0, "size": 12}, showlegend=False,
        customdata=[(moment(a), moment(b), f"{(b - a) / 60_000:,.0f}") for a, b in zip(start, end, strict=True)],
        hovertemplate="%{customdata[0]} to %{customdata[1]}: %{customdata[2]} min<extra></extra>", row=1, col=1,
    )  # fmt: skip
    plot.update_layout(shapes=shapes)
    plot.update_xaxes(
        type="date", range=[float(times[0]), float(times[-1])], showgrid=False, nticks=6, tickangle=0, row=1, col=1
    )
    plot.update_yaxes(range=[0, 1], showticklabels=False, ticks="", showgrid=False, row=1, col=1)


def _missing(plot: go.Figure, shown: pd.DataFrame) -> None:
    share = 100 * shown.missing_share.to_numpy(dtype=float)
    plot.add_bar(
        x=share,
        y=list(range(len(shown))),
        orientation="h",
        width=0.6,
        marker={"color": translucent(NEUTRAL, 0.7), "line": {"width": 0}},
        text=[f"{value:.2g} %" for value in share],
        textposition="outside",
        cliponaxis=False,
        customdata=np.column_stack([shown["column"].map(short), shown.role]),
        hovertemplate="%{customdata[0]} (%{customdata[1]}): %{x:.3g} % missing<extra></extra>",
        showlegend=False,
        row=2,
        col=1,
    )
    plot.update_xaxes(title="missing (%)", range=[0, max(1.25 * float(share.max(initial=0)), 1)], row=2, col=1)
    plot.update_yaxes(
        tickvals=list(range(len(shown))), ticktext=[short(name) for name in shown["column"]],
        range=[len(shown) - 0.5, -0.5], showgrid=False, ticks="", row=2, col=1,
    )  # fmt: skip
