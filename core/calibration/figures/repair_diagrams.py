"""Reliability diagrams after each repair."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import (
    AFTER,
    BEFORE,
    PANEL_TICKS,
    bars,
    diagonal,
    list_of_methods,
    method_words,
)

SHOWN_DIAGRAMS = 6
LONGEST_TITLE = 12  # characters


def diagrams_figure(result: Result) -> Figure:
    """Reliability diagrams after the best repairs."""
    table, board = result.tables["repaired_bins"], result.tables["repairs"]
    ranked = [name for name in board.method if name in set(table.method)]
    shown = list(dict.fromkeys(["none", "temperature", *ranked]))
    shown = [name for name in shown if name in ranked][:SHOWN_DIAGRAMS]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    plot = make_subplots(
        rows=rows, cols=columns, shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.03, vertical_spacing=0.14,
        subplot_titles=[_title(method_words(name)) for name in shown],
    )  # fmt: skip
    for position, name in enumerate(shown):
        place = {"row": position // columns + 1, "col": position % columns + 1}
        part = table[table.method == name]
        diagonal(plot, **place)
        _panel(plot, part, BEFORE if name == "none" else AFTER, place)
    plot.update_xaxes(range=[-3, 103], tickvals=PANEL_TICKS)
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
        alt=f"Reliability diagrams of {list_of_methods(shown)} on the same rows.",
        reference="Guo et al. 2017, arXiv:1706.04599, figure 4",
    )


def _title(words: str) -> str:
    """On two lines where it would not fit above a panel on a telephone."""
    return words if len(words) <= LONGEST_TITLE else "<br>".join(words.rsplit(" ", 1))


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
