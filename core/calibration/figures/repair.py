"""Pictures of a comparison of repairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import (
    AFTER,
    BEFORE,
    LABEL_MARGIN,
    bars,
    diagonal,
    method_words,
    named_line,
    percent,
)
from core.palette import NEUTRAL, SERIES

BEST, TRAP, INFINITE = SERIES[0], SERIES[3], SERIES[1]
ENTROPY_COLOURS = {
    "none": SERIES[1],
    "temperature": SERIES[0],
    "entropy_temperature": SERIES[4],
    "tempnet_nll": SERIES[2],
    "tempnet_robust": SERIES[3],
}
SHOWN_DIAGRAMS = 6
LEAST_COVERAGE_SHOWN = 1.5  # points on either side of the level: less is chance and should look like it


def repair_figures(result: Result) -> dict[str, Figure]:
    """The board, the ECE trap, the temperature curve, the entropies, the conformal sets and the diagrams after."""
    drawn = {
        "board": _board(result),
        "trap": _trap(result),
        "temperature_curve": _temperature_curve(result),
    }
    if "entropies" in result.tables:
        drawn["entropies"] = _entropies(result)
    if "conformal" in result.tables:
        drawn["conformal"] = _conformal(result)
    if "repaired_bins" in result.tables:
        drawn["repaired_bins"] = _diagrams(result)
    return drawn


def _board(result: Result) -> Figure:
    board = result.tables["repairs"].dropna(subset=["nll"])
    columns = (
        ("nll", "NLL", 1),
        ("brier", "Brier", 1),
        ("ece_15", "ECE", 100),
        ("auroc", "AUROC", 1),
    )
    plot = make_subplots(
        rows=1,
        cols=len(columns),
        shared_yaxes=True,
        horizontal_spacing=0.02,
        subplot_titles=[name for _, name, _ in columns],
    )
    best = board.method.iloc[0]
    for column, (name, _, scale) in enumerate(columns, start=1):
        finite = np.isfinite(board[name].astype(float))
        value = scale * board[name].where(finite)
        before = scale * float(board.loc[board.method == "none", name].iloc[0])
        plot.add_scatter(
            x=value,
            y=board.method.map(method_words),
            mode="markers",
            marker={"size": 9, "color": [_colour(method, best) for method in board.method]},
            showlegend=False,
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
            row=1,
            col=column,
        )
        plot.add_vline(x=before, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=1, col=column)
        if not finite.all():  # room on the right, so that the word stands clear of points and lines
            low, high = float(value.min()), float(value.max())
            wide = max(high - low, 1e-3)
            plot.update_xaxes(range=[low - 0.25 * wide, high + 0.7 * wide], row=1, col=column)
        for method in board.method[~finite]:
            plot.add_annotation(
                x=1, xref="x domain" if column == 1 else f"x{column} domain", y=method_words(method), text="infinite", showarrow=False,
                xanchor="right", font={"color": INFINITE, "size": 11}, row=1, col=column,
            )  # fmt: skip
    plot.update_yaxes(autorange="reversed")
    plot.update_annotations(selector={"yref": "paper"}, font={"size": 12})
    plot.update_xaxes(nticks=4)
    plot.update_layout(height=110 + 26 * len(board))
    return Figure(
        title="The board, best NLL first",
        plot=plot,
        reading=(
            "Further left is better in the first three columns, further right in the last; a method that wins on ECE and "
            "loses on NLL or AUROC has thrown away what the model knew."
        ),
        caption=(
            f"All on the same {_count(result, 'rows')} rows, fitted on {_count(result, 'fit_rows')} others; NLL in nats, ECE "
            "over 15 bins in %; dotted: the model as it came; infinite NLL is not clipped."
        ),
        alt=f"Repairs ranked by NLL. {result.answer}",
        reference="Gneiting & Raftery 2007, JASA 102:359 (proper scores); the paper of each method stands on its download",
    )


def _colour(method: str, best: str) -> str:
    if method == "none":
        return BEFORE
    return BEST if method == best else NEUTRAL


def _trap(result: Result) -> Figure:
    board = result.tables["repairs"].dropna(subset=["nll"]).reset_index(drop=True)
    finite = board[np.isfinite(board.nll)]
    best, smallest = finite.method.iloc[0], board.iloc[int(board.ece_15.argmin())]
    named = _far_apart(finite, [best, "none", smallest.method, *finite.nlargest(3, "nll").method, *finite.method])
    plot = go.Figure()
    plot.add_scatter(
        x=100 * finite.ece_15,
        y=finite.nll,
        customdata=np.column_stack([finite.auroc, finite.brier, finite.method.map(method_words)]),
        mode="markers+text",
        marker={
            "size": 10,
            "color": [TRAP if method == smallest.method != best else _colour(method, best) for method in finite.method],
        },
        text=[method_words(method) if method in named else "" for method in finite.method],
        textposition=["bottom center" if method == best else "top center" for method in finite.method],
        cliponaxis=False,
        showlegend=False,
        hovertemplate=(
            "%{customdata[2]}: ECE %{x:.2f} %, NLL %{y:.4f}<br>AUROC %{customdata[0]:.3f}, Brier %{customdata[1]:.4f}"
            "<extra></extra>"
        ),
    )
    missing = board[np.isinf(board.nll)].method.tolist()
    plot.update_xaxes(title="ECE, 15 bins (%)", rangemode="tozero")
    plot.update_yaxes(title="NLL (nats, logarithmic)", type="log", nticks=6)
    agree = smallest.method == best
    return Figure(
        title="Why not choose by ECE",
        plot=plot,
        reading=(
            "Low and left is good; a point far left that is not low looks calibrated in bins and is a worse forecast."
        ),
        caption=(
            "Orange: the model as it came; blue: the best NLL; pink: the smallest ECE, where that is another one."
            + (f" Not in the picture, for their NLL is infinite: {_list_of(missing)}." if missing else "")
        ),
        alt=(
            f"NLL against ECE: the smallest ECE, {percent(smallest.ece_15)}, belongs to {smallest.method}"
            + (", which has the best NLL too." if agree else f"; the best NLL belongs to {best}.")
        ),
        reference="Kumar et al. 2019, arXiv:1909.10155; Gneiting & Raftery 2007, JASA 102:359",
    )


def _list_of(methods: list[str]) -> str:
    return ", ".join(map(method_words, methods))


def _far_apart(board: pd.DataFrame, wanted: list[str]) -> set[str]:
    """The methods whose names fit beside their points, the first wanted first."""
    x, y = board.ece_15 / max(float(board.ece_15.max()), 1e-12), np.log(board.nll.clip(lower=1e-12))
    y = (y - y.min()) / max(float(y.max() - y.min()), 1e-12)
    places = {method: (float(a), float(b)) for method, a, b in zip(board.method, x, y, strict=True)}
    named: dict[str, tuple[float, float]] = {}
    for method in dict.fromkeys(wanted):
        if method in places and all(
            abs(places[method][0] - a) > 0.2 or abs(places[method][1] - b) > 0.06 for a, b in named.values()
        ):
            named[method] = places[method]
    return set(named)


def _temperature_curve(result: Result) -> Figure:
    curve, temperature = result.tables["temperature_curve"], result.summary["temperature"]
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.6, 0.4])
    for column, colour, name, place in (
        ("fit_nll", NEUTRAL, "fitted rows", "top right"),
        ("nll", AFTER, "reported rows", "bottom right"),
    ):
        named_line(plot, curve.temperature, curve[column], colour, name, "T = %{x:.3g}: %{y:.4f} nats", place)
    ece = go.Figure()
    named_line(ece, curve.temperature, 100 * curve.ece_15, SERIES[3], "ECE", "T = %{x:.3g}: %{y:.2f} %")
    plot.add_trace(ece.data[0], row=2, col=1)
    for row in (1, 2):
        plot.add_vline(x=temperature.value, line={"color": AFTER, "dash": "dot", "width": 1}, row=row, col=1)
        plot.add_vline(x=1, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=row, col=1)
    plot.add_annotation(
        x=np.log10(float(temperature.value or 1)), y=1, yref="paper", text=f"T = {temperature.value:.3f}", showarrow=False,
        font={"color": AFTER}, xanchor="left", yanchor="bottom", xref="x",
    )  # fmt: skip
    lowest = float(curve[["fit_nll", "nll"]].min().min())
    plot.update_yaxes(
        title="NLL (nats)", range=[0.97 * lowest, min(float(curve.nll.max()), 2.5 * lowest)], row=1, col=1
    )
    plot.update_yaxes(title="ECE (%)", rangemode="tozero", row=2, col=1)
    plot.update_xaxes(type="log", nticks=8)
    plot.update_xaxes(title="temperature (logarithmic)", row=2, col=1)
    plot.update_layout(margin={"r": LABEL_MARGIN}, height=480)
    lowest_ece = curve.iloc[int(curve.ece_15.argmin())]
    return Figure(
        title="Loss by temperature",
        plot=plot,
        reading=(
            "Both curves should be lowest at the same place; two minima apart, or an ECE with several valleys, mean that the "
            "fitted rows are few or of another kind."
        ),
        caption=f"Dotted: T = 1, the model as it came, and T = {temperature.value:.3f}, the minimum of the fitted rows.",
        alt=(
            f"NLL along the temperature is lowest at {temperature.value:.3f}; ECE of the reported rows at "
            f"{lowest_ece.temperature:.3f}."
        ),
        reference="Guo et al. 2017, arXiv:1706.04599, section 4.2",
    )


def _entropies(result: Result) -> Figure:
    table = result.tables["entropies"]
    plot = go.Figure()
    means = {}
    for method, colour in ENTROPY_COLOURS.items():
        rows = table[table.method == method]
        if rows.empty:
            continue
        middle = (rows.low + rows.high) / 2
        means[method] = float((middle * rows.share).sum())
        plot.add_scatter(
            x=middle,
            y=100 * rows.share,
            mode="lines",
            line={"color": colour, "shape": "hvh", "width": 2},
            name=method_words(method),
            hovertemplate="%{x:.2f} nats: %{y:.1f} % of the rows<extra>" + method_words(method) + "</extra>",
        )
    plot.update_xaxes(title="entropy of the probabilities (nats)", rangemode="tozero")
    plot.update_yaxes(title="rows (%, logarithmic)", type="log", dtick=1, exponentformat="none")
    words = ", ".join(f"{method_words(name)} {mean:.2f}" for name, mean in means.items())
    return Figure(
        title="What each temperature does to the entropy",
        plot=plot,
        reading=(
            "TempNet's robust loss pushes every row towards one entropy, whatever its label: a narrow peak is a temperature "
            "for generation, not a calibrated probability; compare the same network trained by likelihood."
        ),
        caption=f"Mean entropy in nats: {words}.",
        alt=f"Histograms of the entropy of the predictions by method; means in nats: {words}.",
        reference="Qiu et al. 2024, arXiv:2404.04575, section 4",
    )


def _conformal(result: Result) -> Figure:
    table = result.tables["conformal"]
    level = float(table.level.iloc[0])
    order = [name for name in result.tables["repairs"].method if name in set(table.method)]
    plot = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=["coverage (%)", "classes in a set (mean)"],
    )
    for colour, (score, part) in zip(SERIES, table.groupby("score", sort=False), strict=False):
        part = part.set_index("method").reindex(order)
        for column, values in ((1, 100 * part.coverage), (2, part.set_size)):
            plot.add_scatter(
                x=values,
                y=list(map(method_words, order)),
                mode="markers",
                marker={"size": 8, "color": colour},
                name=str(score).upper(),
                legendgroup=str(score),
                showlegend=column == 1,
                hovertemplate="%{y}: %{x:.2f}<extra>" + str(score).upper() + "</extra>",
                row=1,
                col=column,
            )
    plot.add_vline(x=100 * level, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=1, col=1)
    farthest = max(LEAST_COVERAGE_SHOWN, 110 * float((table.coverage - level).abs().max()))
    plot.update_xaxes(range=[100 * level - farthest, 100 * level + farthest], row=1, col=1)
    plot.update_yaxes(autorange="reversed")
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=130 + 24 * len(order), legend={"y": 1.06})
    lac = table[(table.score == "lac") & (table.method == order[0])].iloc[0]
    return Figure(
        title="Sets of classes that hold the truth",
        plot=plot,
        reading=(
            "All points belong on the dotted line, whatever the calibration: what a repair can improve is the size of the "
            "sets; smaller is better."
        ),
        caption=f"Split conformal sets at {percent(level)}, thresholds cross-fitted on two halves of the reported rows.",
        alt=(
            f"Conformal coverage and set size by method and score; LAC after {method_words(order[0])} covers {percent(lac.coverage)} with "
            f"{lac.set_size:.2f} classes."
        ),
        reference="Sadinle et al. 2019 (LAC); Romano et al. 2020, arXiv:2006.02544 (APS); Angelopoulos et al. 2021, arXiv:2009.14193 (RAPS)",
    )


def _diagrams(result: Result) -> Figure:
    table, board = result.tables["repaired_bins"], result.tables["repairs"]
    ranked = [name for name in board.method if name in set(table.method)]
    shown = list(dict.fromkeys(["none", "temperature", *ranked]))
    shown = [name for name in shown if name in ranked][:SHOWN_DIAGRAMS]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    plot = make_subplots(
        rows=rows, cols=columns, shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.03, vertical_spacing=0.14,
        subplot_titles=[method_words(name).replace(" ", "<br>", 1) for name in shown],
    )  # fmt: skip
    for position, name in enumerate(shown):
        place = {"row": position // columns + 1, "col": position % columns + 1}
        part = table[table.method == name]
        diagonal(plot, **place)
        _panel(plot, part, BEFORE if name == "none" else AFTER, place)
    plot.update_xaxes(range=[-3, 103])
    plot.update_yaxes(range=[-3, 103])
    plot.update_xaxes(title="confidence (%)", row=rows, col=1)
    plot.update_yaxes(title="right (%)", col=1)
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=100 + 245 * rows, margin={"t": 50})
    return Figure(
        title="Reliability after the repair",
        plot=plot,
        reading=(
            "Points on the dotted line after a repair are what it promises; points of a repair that still leave their grey "
            "bars say what it can't express."
        ),
        caption="15 bins of equal width; grey bars: where the points of a calibrated model lie; the best methods of the board.",
        alt=f"Reliability diagrams of {_list_of(shown)} on the same rows.",
        reference="Guo et al. 2017, arXiv:1706.04599, figure 4",
    )


def _panel(plot: go.Figure, part: pd.DataFrame, colour: str, place: dict[str, int]) -> None:
    x = 100 * part.confidence
    bars(plot, x, 100 * part.low, 100 * part.high, **place)
    plot.add_scatter(
        x=x,
        y=100 * part.accuracy,
        customdata=part["count"],
        mode="markers",
        marker={"color": colour, "size": 7},
        showlegend=False,
        hovertemplate="%{x:.1f} % sure, %{y:.1f} % right, %{customdata:,} rows<extra></extra>",
        **place,
    )


def _count(result: Result, name: str) -> str:
    return f"{int(result.summary[name].value or 0):,}"
