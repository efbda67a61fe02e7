"""The board of repairs, and why it is not ranked by ECE."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import (
    BEFORE,
    list_of_methods,
    method_words,
    percent,
)
from core.palette import NEUTRAL, SERIES

BEST, TRAP, INFINITE = SERIES[0], SERIES[3], SERIES[1]


def board_figure(result: Result) -> Figure:
    """NLL, Brier score, ECE and AUROC of every repair, side by side."""
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


def trap_figure(result: Result) -> Figure:
    """NLL against ECE: the repair with the smallest ECE may be the worse forecast."""
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
        textposition=["bottom right" if method == best else "top center" for method in finite.method],
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
            + (f" Not in the picture, for their NLL is infinite: {list_of_methods(missing)}." if missing else "")
        ),
        alt=(
            f"NLL against ECE: the smallest ECE, {percent(smallest.ece_15)}, belongs to {smallest.method}"
            + (", which has the best NLL too." if agree else f"; the best NLL belongs to {best}.")
        ),
        reference="Kumar et al. 2019, arXiv:1909.10155; Gneiting & Raftery 2007, JASA 102:359",
    )


def _colour(method: str, best: str) -> str:
    if method == "none":
        return BEFORE
    return BEST if method == best else NEUTRAL


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


def _count(result: Result, name: str) -> str:
    return f"{int(result.summary[name].value or 0):,}"
