"""What the pictures of a population study share: tabs, names of metrics, and rank correlations drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.calibration.figures.drawing import LABEL_MARGIN
from core.palette import ACCENT, NEUTRAL

STUDY = "Tao et al. 2024, arXiv:2308.11838"
TABS = {
    "i": "i Across data sets",
    "ii": "ii Robustness",
    "iii": "iii Metrics",
    "iv": "iv Temperature",
    "v": "v Accuracy",
    "vi": "vi Bins",
    "vii": "vii Architecture",
}
MOST_POINTS = 5000
MOST_ROWS = 40
FOUND = 0.05  # q-value


def tau_matrix(
    rows: pd.DataFrame, xs: list[str], ys: list[str], x_words: list[str], y_words: list[str], symmetric: bool = False
) -> go.Figure:
    """Tau as colours, with interval and ceiling on hover."""
    place_x, place_y = {name: i for i, name in enumerate(xs)}, {name: i for i, name in enumerate(ys)}
    tau = np.full((len(ys), len(xs)), np.nan)
    hover = np.full((len(ys), len(xs)), "", dtype=object)
    for row in rows.itertuples():
        words = f"{row.x} / {row.y}<br>tau {row.tau:.2f}, interval {row.low:.2f} to {row.high:.2f}, ceiling {row.ceiling:.2f}, q {row.q_value:.2g}"
        x, y = str(row.x), str(row.y)
        for a, b in ((x, y), (y, x)) if symmetric else ((x, y),):
            tau[place_y[b], place_x[a]] = row.tau
            hover[place_y[b], place_x[a]] = words
    plot = go.Figure()
    plot.add_heatmap(
        z=tau,
        x=x_words,
        y=y_words,
        customdata=hover,
        zmin=-1,
        zmax=1,
        colorscale="RdBu",
        xgap=1,
        ygap=1,
        text=[["" if np.isnan(value) else two_digits(value) for value in row] for row in tau],
        texttemplate="%{text}" if len(xs) <= 14 else None,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorbar={
            "title": {"text": "tau\u2003", "side": "right", "font": {"size": 12}},
            "orientation": "h",
            "thickness": 10,
            "len": 0.6,
            "y": 1.0,
            "yanchor": "bottom",
            "ypad": 4,
        },
    )
    plot.update_xaxes(type="category")
    plot.update_yaxes(type="category", autorange="reversed")
    plot.update_layout(height=180 + 32 * len(ys))
    return plot


def two_digits(tau: float) -> str:
    """A rank correlation as short as it can be: ".85", "−.06", "1.00"."""
    return f"{tau:.2f}".replace("0.", ".", 1).replace("-", "−") if abs(tau) < 0.995 else f"{tau:.2f}".replace("-", "−")


def tau_forest(rows: pd.DataFrame, words: list[str]) -> go.Figure:
    """Tau with interval, one row a pair; the ceiling as an open diamond."""
    rows, words = rows.head(MOST_ROWS), words[:MOST_ROWS]
    plot = go.Figure()
    plot.add_scatter(
        x=rows.ceiling,
        y=words,
        mode="markers",
        marker={"symbol": "diamond-open", "size": 9, "color": NEUTRAL},
        name="ceiling",
        hovertemplate="%{y}: ceiling %{x:.2f}<extra></extra>",
    )
    plot.add_scatter(
        x=rows.tau,
        y=words,
        error_x={"array": rows.high - rows.tau, "arrayminus": rows.tau - rows.low, "color": ACCENT, "thickness": 1.5},
        mode="markers",
        marker={"size": 9, "color": ACCENT},
        name="tau",
        hovertemplate="%{y}: tau %{x:.2f}<extra></extra>",
    )
    plot.add_vline(x=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="Kendall's tau-b", range=[-1.03, 1.03])
    plot.update_yaxes(autorange="reversed")
    plot.update_layout(height=150 + 26 * len(words), margin={"r": LABEL_MARGIN // 4})
    return plot


def interval_caption(rows: pd.DataFrame) -> str:
    """How many models, what the bars are, and how many taus hold after correction for their number."""
    found = int((rows.q_value < FOUND).sum())
    return f"{int(rows.n.max()):,} models; bars: intervals over models; {found} of {len(rows)} with q < {FOUND:g} (Benjamini-Hochberg)."


def metric_of(name: str) -> str:
    """`CIFAR: pre_cwCE_em_15` -> `pre_cwCE_em_15`."""
    return name.rpartition(": ")[2]


def short_name(name: str) -> str:
    """`CIFAR: pre_cwCE_em_15` -> `cwCE_em`."""
    parts = metric_of(name).removeprefix("pre_").removeprefix("post_").split("_")
    return "_".join(parts[:-1] if parts[-1].isdigit() else parts)


def bins_of(name: str) -> int:
    """`pre_cwCE_em_15` -> 15; 0 for a metric without bins."""
    last = name.rpartition("_")[2]
    return int(last) if last.isdigit() else 0


def is_shown(name: str) -> bool:
    """Whether a metric has a row where bin counts would crowd a picture."""
    return not bins_of(name) or short_name(name) in ("ECE", "ECE_em", "cwCE", "cwCE_em", "MCE")
