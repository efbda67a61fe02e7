"""The dimension of a data set in the layers of a network."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES

INTERVAL = 1.96  # standard errors on either side of a 95 % interval
BEFORE = "before training"


def layer_figure(result: Result) -> Figure:
    """2NN and participation ratio over depth, with the network before its training where it was trained here."""
    table = result.tables["layers"]
    after, before = table[table.network != BEFORE], table[table.network == BEFORE]
    plot = go.Figure()
    if len(before):
        _line(plot, before, "dimension", "standard_error", NEUTRAL, "dot", "2NN, untrained")
    _line(plot, after, "participation_ratio", "participation_error", SERIES[1], "dash", "PCA, effective")
    _line(plot, after, "dimension", "standard_error", ACCENT, "solid", "2NN")
    plot.update_xaxes(title="layer, from input to output", tickangle=-45 if len(after) > 5 else 0, automargin=True)
    plot.update_yaxes(title="dimension", rangemode="tozero")
    plot.update_layout(showlegend=True, legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0})
    values = result.values()
    trained = f" It classifies {values['network_accuracy']:.3f} of them rightly." if values["network_accuracy"] else ""
    return Figure(
        title="Dimension by layer",
        plot=plot,
        reading=(
            "In a network that has learned, the blue curve rises first and then falls towards the output, and ends low; a curve that stays "
            "near the dotted one means that the layers have learned little, or labels without a pattern."
        ),
        caption=(
            f"n = {int(after.points.max()):,} points, the same in every layer; bars: 95 % intervals; the principal components' curve is the "
            f"participation ratio, a linear count.{trained}"
        ),
        alt=f"Intrinsic dimension of the points in {len(after)} layers of the network. {result.answer}",
        reference="Ansuini, Laio, Macke and Zoccolan 2019, arXiv:1905.12784, figures 2 and 3",
    )


def _line(plot: go.Figure, rows: pd.DataFrame, column: str, error: str, colour: str, dash: str, label: str) -> None:
    plot.add_scatter(
        x=rows.layer,
        y=rows[column],
        error_y={"array": INTERVAL * rows[error], "color": colour, "thickness": 1, "width": 3},
        customdata=rows[["units", "pca_90"]],
        mode="lines+markers",
        line={"color": colour, "dash": dash, "width": 2},
        marker={"color": colour, "size": 7},
        name=label,
        hovertemplate=f"{label}, %{{x}}: %{{y:.2f}}<br>%{{customdata[0]:,}} units, 90 % of variance in %{{customdata[1]}} components"
        "<extra></extra>",
    )
