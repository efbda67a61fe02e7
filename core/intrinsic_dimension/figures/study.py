"""Pictures of a study: d_int of many networks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.intrinsic_dimension.figures.published import add_published
from core.palette import ACCENT, NEUTRAL, SEQUENTIAL, SERIES, translucent

COLOURS = (ACCENT, *SERIES[1:])  # of data sets
MEASURED, NOT_REACHED = "measured", "not reached"
LI = "Li et al. 2018, arXiv:1804.08838"
ROW_HEIGHT = 30  # pixels of a network
NEAR = 0.6  # decades from a network within which published points are not named
STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # of a decade that is shown by itself
MOST_TICKS = 7


def study_figures(result: Result) -> dict[str, Figure]:
    """d_int over D among the published points, each network with both baselines, and the trainings behind them."""
    return {
        "dimension_by_size": _dimension_by_size(result),
        "networks": _networks(result),
        "curves": _curves(result),
    }


def _dimension_by_size(result: Result) -> Figure:
    table, line = result.tables["study"], result.tables["trend"]
    shown = table[table.outcome.isin([MEASURED, NOT_REACHED])]
    plot = go.Figure()
    heights = shown.d_int90.fillna(shown.d_int90_low).astype(float)
    places = list(zip(shown.full_dimension.astype(float), heights, strict=True))
    add_published(plot, result.tables["published"], places or [(1.0, 1.0)], NEAR)
    for place, name in enumerate(dict.fromkeys(table.dataset)):
        colour = COLOURS[place % len(COLOURS)]
        _trend(plot, line[line.dataset == name], colour)
        rows = shown[shown.dataset == name]
        _points(plot, rows[rows.outcome == MEASURED], colour, str(name))
        _limits(plot, rows[rows.outcome == NOT_REACHED], colour)
    plot.update_xaxes(title="parameters of the network D (logarithmic)", type="log", dtick=1)
    plot.update_yaxes(title="intrinsic dimension d (parameters, logarithmic)", type="log", dtick=1)
    return Figure(
        title="Dimension by size of the network",
        plot=plot,
        reading=(
            "A flat coloured line means that larger networks need no more dimensions for the same task; one that runs along the dotted "
            "diagonal means that the dimension grows with the network, so that the number says more of the network than of the task."
        ),
        caption=(
            f"{len(shown)} networks measured here (diamonds; bars: 95 % intervals; band: 95 % of the fitted line; triangles: "
            "lower bounds, not values) beside published ones (grey; filled: fixed baseline or score, open: own baseline)."
        ),
        alt=f"Intrinsic dimension against parameters of the network. {result.answer}",
        reference=f"{LI}, figure 3 and table 1",
    )


def _trend(plot: go.Figure, line: pd.DataFrame, colour: str) -> None:
    if line.empty:
        return
    plot.add_scatter(
        x=np.concatenate([line.full_dimension, line.full_dimension[::-1]]),
        y=np.concatenate([line.high, line.low[::-1]]),
        fill="toself",
        fillcolor=translucent(colour, 0.18),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )
    plot.add_scatter(
        x=line.full_dimension,
        y=line.d_int90,
        mode="lines",
        line={"color": colour, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _points(plot: go.Figure, rows: pd.DataFrame, colour: str, name: str) -> None:
    if rows.empty:
        return
    rows = rows.sort_values("full_dimension")
    d = rows.d_int90.astype(float)
    plot.add_scatter(
        x=rows.full_dimension.astype(float),
        y=d,
        error_y={
            "array": rows.d_int90_high.astype(float) - d,
            "arrayminus": d - rows.d_int90_low.astype(float),
            "color": colour,
            "thickness": 1,
            "width": 3,
        },
        customdata=np.stack([rows.network, rows.d_int90_low, rows.d_int90_high], axis=1),
        mode="markers+text",
        marker={"color": colour, "size": 9, "symbol": "diamond"},
        text=[f"{name}, here"] + [""] * (len(rows) - 1),
        textposition="top center",
        textfont={"color": colour},
        cliponaxis=False,
        name=name,
        hovertemplate=f"%{{customdata[0]}} on {name}<br>D = %{{x:,}}, d = %{{y:,}} (%{{customdata[1]:,}} to %{{customdata[2]:,}})<extra></extra>",
        showlegend=False,
    )


def _limits(plot: go.Figure, rows: pd.DataFrame, colour: str) -> None:
    if rows.empty:
        return
    plot.add_scatter(
        x=rows.full_dimension.astype(float),
        y=rows.d_int90_low.astype(float),
        customdata=rows.network,
        mode="markers",
        marker={"color": colour, "size": 11, "symbol": "triangle-up-open", "line": {"width": 2}},
        name="lower bound",
        hovertemplate="%{customdata}<br>D = %{x:,}, d > %{y:,}: not reached<extra></extra>",
        showlegend=False,
    )


def _networks(result: Result) -> Figure:
    table = result.tables["study"]
    several = table.dataset.nunique() > 1
    labels = [f"{row.network}, {row.dataset}" if several else str(row.network) for row in table.itertuples()]
    table = table.assign(label=labels)
    plot = go.Figure()
    measured, limits = table[table.outcome == MEASURED], table[table.outcome == NOT_REACHED]
    own = measured.d_int90.astype(float)
    plot.add_scatter(
        x=own,
        y=measured.label,
        error_x={
            "array": measured.d_int90_high.astype(float) - own,
            "arrayminus": own - measured.d_int90_low.astype(float),
            "color": ACCENT,
        },
        customdata=np.stack([measured.full_dimension, measured.baseline], axis=1),
        mode="markers",
        marker={"color": ACCENT, "size": 10, "symbol": "diamond"},
        name="own baseline",
        hovertemplate="%{y}: %{x:,} at 90 % of its own baseline %{customdata[1]:.3f}<br>%{customdata[0]:,} parameters<extra></extra>",
    )
    if len(limits):
        plot.add_scatter(
            x=limits.d_int90_low.astype(float),
            y=limits.label,
            mode="markers",
            marker={"color": ACCENT, "size": 11, "symbol": "triangle-right-open", "line": {"width": 2}},
            name="own baseline, not reached",
            hovertemplate="%{y}: more than %{x:,}<extra></extra>",
        )
    fixed = table[table.d_int90_global.notna()]
    if len(fixed):
        plot.add_scatter(
            x=fixed.d_int90_global.astype(float),
            y=fixed.label,
            mode="markers",
            marker={"color": SERIES[4], "size": 9, "symbol": "circle-open", "line": {"width": 2}},
            name="global baseline",
            hovertemplate="%{y}: %{x:,} at the global baseline<extra></extra>",
        )
    ends = table[["d_int90_low", "d_int90_high", "d_int90_global"]].to_numpy(float, na_value=np.nan)
    _short_log_axis(plot, "intrinsic dimension d (parameters, logarithmic)", ends)
    plot.update_yaxes(title="network", categoryorder="array", categoryarray=labels[::-1], automargin=True)
    plot.update_layout(
        height=160 + ROW_HEIGHT * len(table), legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
    )
    return Figure(
        title="Each network, own and global baseline",
        plot=plot,
        reading=(
            "Diamonds in one column mean the same dimension for all; circles far to the right of their diamonds mean that the fixed goal is "
            "harder than the network's own, and circles that drift while diamonds do not mean that the baselines differ, not the task."
        ),
        caption=f"Bars: 95 % intervals; {len(fixed)} of {len(table)} searches came near enough to the global baseline for a value.",
        alt=f"Intrinsic dimension of {len(table)} searches at their own and at the global baseline. {result.answer}",
        reference=f"{LI}, section 2 (own and global baseline)",
    )


def _curves(result: Result) -> Figure:
    table, trainings = result.tables["study"], result.tables["trainings"]
    trainings = trainings[np.isfinite(trainings.performance.astype(float))]
    sizes = table[["network", "dataset", "full_dimension"]]
    trainings = trainings.merge(sizes, on=["network", "dataset"])
    logs = np.log10(trainings.full_dimension.to_numpy(float))
    plot = go.Figure()
    symbols = ("circle", "square", "diamond", "cross", "x", "star")
    for place, name in enumerate(dict.fromkeys(table.dataset)):
        chosen = (trainings.dataset == name).to_numpy()
        rows = trainings[chosen]
        plot.add_scatter(
            x=rows.subspace_dimension,
            y=rows.performance,
            customdata=rows[["network", "seed"]],
            mode="markers",
            marker={
                "color": logs[chosen],
                "symbol": symbols[place % len(symbols)],
                "coloraxis": "coloraxis",
                "size": 8,
                "line": {"color": NEUTRAL, "width": 0.7},
            },
            name=str(name),
            showlegend=table.dataset.nunique() > 1,
            hovertemplate=f"%{{customdata[0]}} on {name}, d = %{{x:,}}: %{{y:.3f}}<br>seed %{{customdata[1]}}<extra></extra>",
        )
    low, high = (float(logs.min()), float(logs.max())) if len(logs) else (0.0, 1.0)
    ticks = [low, (low + high) / 2, high]
    _short_log_axis(
        plot, "subspace dimension d (parameters, logarithmic)", trainings.subspace_dimension.to_numpy(float)
    )
    plot.update_yaxes(title="validation accuracy")
    plot.update_layout(
        coloraxis={
            "colorscale": SEQUENTIAL,
            "colorbar": {"title": {"text": "D"}, "tickvals": ticks, "ticktext": [f"{10**tick:,.0f}" for tick in ticks]},
        },
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
    )
    return Figure(
        title="Trainings of all networks",
        plot=plot,
        reading=(
            "Where the colours lie on one curve, the subspace dimension alone decides the accuracy; a colour that stays below the others is a "
            "network that needs more dimensions, or another learning rate."
        ),
        caption=(
            f"{len(trainings)} subspace trainings, each with its own start and subspace; colour: parameters of the network."
        ),
        alt=f"Validation accuracy against subspace dimension for {len(table)} searches, coloured by size of the network.",
        reference=f"{LI}, figure 2",
    )


def _short_log_axis(plot: go.Figure, title: str, values: np.ndarray) -> None:
    """A logarithmic x axis with plain numbers at its ticks, also where it spans less than a decade."""
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        plot.update_xaxes(title=title, type="log")
        return
    low, high = float(values.min()) / 1.08, float(values.max()) * 1.08
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in STEPS if low <= step * 10.0**decade <= high]
    if len(ticks) > MOST_TICKS:
        round_ones = [tick for tick in ticks if f"{tick:e}"[0] in "125" and f"{tick:e}"[2] == "0"]
        ticks = round_ones if len(round_ones) <= MOST_TICKS else [10.0**decade for decade in decades]
    plot.update_xaxes(
        title=title,
        type="log",
        tickvals=ticks,
        ticktext=[f"{tick:,.0f}" if tick >= 10 else f"{tick:g}" for tick in ticks],
        range=[np.log10(low), np.log10(high)],
    )
