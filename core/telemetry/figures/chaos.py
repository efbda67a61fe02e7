"""Chaotic flows: how far forecasts carry, and what that means for a detector."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES, translucent
from core.telemetry.figures.drawing import ROW, name_rows

OURS = "xgboost"
MODEL_WORDS = {
    OURS: "first model",
    "linear_ar": "linear autoregression",
    "persistence": "persistence",
    "mean": "mean",
    "truth": "what came",
    "absolute_z": "|z|",
    "random": "chance",
}
COLOURS = {OURS: ACCENT, "linear_ar": SERIES[1], "persistence": SERIES[2], "mean": NEUTRAL, "truth": NEUTRAL}
PANEL_COLUMNS, PANEL_HEIGHT = 2, 170  # two columns stay readable on a telephone
GILPIN = "Gilpin 2021, arXiv:2110.05266 (dysts)"


def chaos_figures(result: Result) -> dict[str, Figure]:
    """The figures of mode `chaos` in the order in which they are read."""
    return {
        "valid_time": _valid_time(result),
        "skill": _skill(result),
        "detection": _detection(result),
        "example": _example(result),
    }


def _valid_time(result: Result) -> Figure:
    table = result.tables["valid"]
    ours = table[table.model == OURS].sort_values("valid_lyapunov", ascending=False)
    flows = [str(name) for name in ours.flow]
    plot = go.Figure()
    for place, (model, colour) in enumerate((("linear_ar", SERIES[1]), (OURS, ACCENT))):
        own = table[table.model == model].set_index("flow").loc[flows]
        plot.add_scatter(
            x=own.valid_lyapunov,
            y=np.arange(len(flows)) + 0.24 * (0.5 - place),
            error_x={
                "array": own.high - own.valid_lyapunov,
                "arrayminus": own.valid_lyapunov - own.low,
                "color": colour,
                "thickness": 1.5,
            },
            mode="markers",
            marker={"size": 9, "color": colour},
            name=MODEL_WORDS[model],
            customdata=flows,
            hovertemplate="%{customdata}: %{x:.2f} Lyapunov times<extra>" + MODEL_WORDS[model] + "</extra>",
        )
    name_rows(plot, flows)
    plot.update_xaxes(title="valid prediction time (Lyapunov times)", rangemode="tozero")
    plot.update_layout(height=150 + int(1.4 * ROW) * len(flows))
    starts = int(result.tables["skill"].starts.iloc[0])
    return Figure(
        title="How far ahead the first model sees",
        plot=plot,
        reading=(
            "One Lyapunov time is how long an error takes to grow e-fold, so all flows are on one scale. A first model no further "
            "right than the linear one has learned nothing of the flow's bends."
        ),
        caption=(
            f"Time until the error first exceeds half a standard deviation: median of {starts:,} starts, bars: quartiles over the "
            "starts."
        ),
        alt=(
            f"Valid prediction time of {len(flows)} flows, from {ours.valid_lyapunov.min():.1f} to "
            f"{ours.valid_lyapunov.max():.1f} Lyapunov times for the first model."
        ),
        reference=f"Vlachas et al. 2020, Neural Networks 126:191; exponents: {GILPIN}",
    )


def _panels(flows: list[str], shared_y: bool) -> go.Figure:
    rows = -(-len(flows) // PANEL_COLUMNS)
    plot = make_subplots(
        rows=rows,
        cols=PANEL_COLUMNS,
        shared_yaxes=shared_y,
        subplot_titles=flows,
        horizontal_spacing=0.06,
        vertical_spacing=0.3 / (rows + 1),
    )
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=110 + PANEL_HEIGHT * rows, legend={"y": 1.0 + 0.2 / (rows + 1)}, margin={"t": 70})
    for column in range(1, PANEL_COLUMNS + 1):
        plot.update_xaxes(title="Lyapunov times ahead", row=rows, col=column)
    return plot


def _place(index: int) -> dict[str, int]:
    return {"row": index // PANEL_COLUMNS + 1, "col": index % PANEL_COLUMNS + 1}


def _skill(result: Result) -> Figure:
    table = result.tables["skill"]
    flows = [str(name) for name in dict.fromkeys(table.flow)]
    plot = _panels(flows, shared_y=True)
    for index, flow in enumerate(flows):
        for model in ("mean", "persistence", "linear_ar", OURS):
            own = table[(table.flow == flow) & (table.model == model)].sort_values("horizon_lyapunov")
            if model == OURS:
                plot.add_scatter(
                    x=np.concatenate([own.horizon_lyapunov, own.horizon_lyapunov[::-1]]),
                    y=np.concatenate([own.high, own.low[::-1]]),
                    fill="toself",
                    fillcolor=translucent(ACCENT, 0.2),
                    line={"width": 0},
                    mode="lines",
                    hoverinfo="skip",
                    showlegend=False,
                    **_place(index),
                )
            plot.add_scatter(
                x=own.horizon_lyapunov,
                y=own.nrmse,
                mode="lines",
                line={"color": COLOURS[model], "width": 2 if model == OURS else 1.4, "dash": _dash(model)},
                name=MODEL_WORDS[model],
                legendgroup=model,
                showlegend=index == 0,
                hovertemplate="%{x:.2f} Lyapunov times: %{y:.2f}<extra>" + MODEL_WORDS[model] + "</extra>",
                **_place(index),
            )
    plot.update_yaxes(range=[0, 2.05])
    for row in range(1, -(-len(flows) // PANEL_COLUMNS) + 1):
        plot.update_yaxes(title="NRMSE", row=row, col=1)
    one = table[(table.model == OURS) & (table.horizon_lyapunov >= 1)].sort_values("horizon_lyapunov")
    at_one = one.groupby("flow").first().nrmse
    return Figure(
        title="Skill against horizon",
        plot=plot,
        reading=(
            "0 is perfect, 1 no better than the mean. In a chaotic flow every forecast ends above 1 when it has lost the flow and "
            "still moves; a curve that starts high has not learned even the next row."
        ),
        caption=(
            f"Root mean square error in standard deviations of the series, {int(table.starts.iloc[0]):,} starts; band: 95 % "
            "bootstrap interval over the starts of the first model."
        ),
        alt=(
            f"NRMSE of four forecasters in {len(flows)} flows; one Lyapunov time ahead the first model has "
            f"{at_one.min():.2f} to {at_one.max():.2f}."
        )
        if len(at_one)
        else f"NRMSE of four forecasters in {len(flows)} flows.",
        reference=GILPIN,
    )


def _dash(model: str) -> str:
    return "dot" if model == "mean" else "solid"


def _detection(result: Result) -> Figure:
    table, flows = result.tables["detection"], result.tables["flows"].set_index("flow")
    volume = table[table.metric == "vus_pr"]
    sizes = sorted(float(size) for size in volume["size"].unique())
    per_period = (flows.exponent * flows.period).sort_values()
    plot = go.Figure()
    looks = [(OURS, size, colour, "circle") for size, colour in zip(sizes, (*SERIES, *SERIES), strict=False)]
    looks += [("absolute_z", sizes[-1], NEUTRAL, "diamond-open"), ("random", sizes[-1], NEUTRAL, "circle-open")]
    for method, size, colour, symbol in looks:
        own = volume[(volume.method == method) & (volume["size"] == size)].set_index("flow").loc[list(per_period.index)]
        name = f"{size:g} sd" if method == OURS else f"{MODEL_WORDS[method]}, {size:g} sd"
        plot.add_scatter(
            x=per_period,
            y=own.value,
            mode="markers",
            marker={"size": 9, "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}},
            name=MODEL_WORDS[method] if method == "random" else name,
            customdata=list(per_period.index),
            hovertemplate="%{customdata}: VUS-PR %{y:.2f}<extra>" + name + "</extra>",
        )
    plot.update_xaxes(title="largest Lyapunov exponent (1 / period of the flow)", rangemode="tozero")
    plot.update_yaxes(title="VUS-PR", range=[0, 1.03])
    plot.update_layout(height=420)
    largest = volume[(volume.method == OURS) & (volume["size"] == max(sizes))].value
    return Figure(
        title="Detection against chaos",
        plot=plot,
        reading=(
            "Filled points are the first model's. If they fall to the right, chaos is what hides the faults; if a flow on the left "
            "lies low too, the forecaster is what fails there. Filled points among the open ones are no better than chance."
        ),
        caption=(
            f"Faults of half a period, VUS-PR by TSB-AD's definition (window: one period), base rate "
            f"{100 * volume.base_rate.mean():.0f} %; one series a flow."
        ),
        alt=(
            f"VUS-PR of the first model's residual in {len(per_period)} flows: {largest.min():.2f} to {largest.max():.2f} for "
            f"faults of {max(sizes):g} sd."
        ),
        reference=f"Paparrizos et al. 2022, VLDB 15:2774; exponents: {GILPIN}",
    )


def _example(result: Result) -> Figure:
    table = result.tables["example"]
    flows = [str(name) for name in dict.fromkeys(table.flow)]
    plot = _panels(flows, shared_y=False)
    for index, flow in enumerate(flows):
        for model in ("truth", OURS):
            own: pd.DataFrame = table[(table.flow == flow) & (table.model == model)]
            plot.add_scatter(
                x=own.horizon_lyapunov,
                y=own.value,
                mode="lines",
                line={"color": COLOURS[model], "width": 2 if model == OURS else 3},
                name=MODEL_WORDS[model],
                legendgroup=model,
                showlegend=index == 0,
                hovertemplate="%{x:.2f} Lyapunov times: %{y:.2f} sd<extra>" + MODEL_WORDS[model] + "</extra>",
                **_place(index),
            )
    plot.update_yaxes(nticks=4)
    return Figure(
        title="One forecast of each flow",
        plot=plot,
        reading="The forecast leaves what came at some moment, and from then on lives a life of its own: that moment is the valid prediction time.",
        caption="The start in the middle of all, values in standard deviations; the first model is fed with its own forecasts.",
        alt=f"Forecast and what came in {len(flows)} flows, up to {table.horizon_lyapunov.max():.1f} Lyapunov times ahead.",
        reference=GILPIN,
    )
