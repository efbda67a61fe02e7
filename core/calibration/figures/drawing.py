"""Strokes that the pictures of calibration share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.palette import NEUTRAL, SERIES, translucent

BEFORE, AFTER = SERIES[1], SERIES[0]  # a model as it came, and after a repair
STAGE_COLOURS = {"pre": BEFORE, "post": AFTER}
STAGE_WORDS = {"pre": "as it came", "post": "after temperature"}
PANEL_TICKS = [25, 50, 75]  # percent; 0 and 100 of neighbouring panels would meet
LABEL_MARGIN = 110  # pixels on the right, where direct labels stand
METRIC_WORDS = {
    "ece": "ECE",
    "ece_em": "ECE, equal mass",
    "mce": "MCE",
    "rmsce": "RMSCE",
    "ace": "ACE, bins alike",
    "cwce": "classwise",
    "cwce_em": "classwise, equal mass",
    "top_label_ece": "top-label",
    "debiased_l1": "debiased ECE",
    "debiased_l2": "debiased RMSCE",
    "ece_sweep": "ECE sweep",
    "ks": "KS",
    "kuiper": "Kuiper",
    "kde_ece": "KDE-ECE",
    "mmce": "MMCE",
    "smece": "smooth ECE",
    "nll": "NLL",
    "brier": "Brier",
    "auroc": "AUROC",
    "aurc": "AURC",
}


def band(
    plot: go.Figure, x: pd.Series, low: pd.Series, high: pd.Series, colour: str, opacity: float = 0.18, **place: Any
) -> None:
    """A filled interval along x."""
    plot.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=translucent(colour, opacity),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        **place,
    )


def bars(plot: go.Figure, x: pd.Series, low: pd.Series, high: pd.Series, width: int = 4, **place: Any) -> None:
    """Grey bars from low to high at each x, as one broken line."""
    breaks = np.full(len(x), None)
    plot.add_scatter(
        x=np.column_stack([x, x, breaks]).ravel(),
        y=np.column_stack([low, high, breaks]).ravel(),
        mode="lines",
        line={"color": translucent(NEUTRAL, 0.7), "width": width},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )


def diagonal(plot: go.Figure, low: float = 0.0, high: float = 100.0, **place: Any) -> None:
    """The line on which a calibrated model lies."""
    plot.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": NEUTRAL, "dash": "dot", "width": 1.2},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )


def named_line(
    plot: go.Figure, x: pd.Series | pd.Index, y: pd.Series, colour: str, name: str, hover: str, place: str = "middle right",
    **line: Any,
) -> None:  # fmt: skip
    """A line with its name at the right end."""
    plot.add_scatter(
        x=x,
        y=y,
        mode="lines+text",
        line={"color": colour, "width": 2, **line},
        text=[""] * (len(x) - 1) + [name],
        textposition=place,
        textfont={"color": colour},
        cliponaxis=False,
        showlegend=False,
        name=name,
        hovertemplate=hover + "<extra>" + name + "</extra>",
    )


def shift(place: int, of: int, step: float) -> float:
    """How far one of several series moves aside, so that their intervals lie beside each other."""
    return step * (place - (of - 1) / 2)


def name_rows(plot: go.Figure, names: list[str]) -> None:
    """Names at the whole numbers of the y axis, the first on top."""
    plot.update_yaxes(tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False)


def method_words(method: str) -> str:
    """The name of a recalibrator as axes and legends show it."""
    return "as it came" if method == "none" else method.replace("_", " ")


def list_of_methods(methods: list[str]) -> str:
    """The methods by their words, separated by commas."""
    return ", ".join(map(method_words, methods))


def percent(value: float | None) -> str:
    """A share in words: "4.4 %"."""
    return "unknown" if value is None or not np.isfinite(value) else f"{100 * value:.3g} %"
