"""Published intrinsic dimensions, as the background of a plot of D against d_int."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.palette import NEUTRAL

NAMED = {  # published points that carry a name in the picture, and where it stands
    "MNIST LeNet": ("MNIST, LeNet", "bottom center"),
    "CIFAR-10 FC": ("CIFAR-10", "middle left"),
    "CartPole FC (DQN)": ("CartPole", "middle left"),
    "InvertedPendulum FC (ES)": ("InvertedPendulum", "middle right"),
    "MNIST, 100 % shuffled labels FC-5": ("shuffled labels", "top center"),
}
NEAR = 1.0  # decades from a point of our own within which published points keep their names to themselves


def add_published(plot: go.Figure, table: pd.DataFrame, own: Sequence[tuple[float, float]], near: float = NEAR) -> None:
    """Draws the published points (filled: fixed baseline or score, open: own baseline) and the line d = D.

    Args:
        plot: with logarithmic axes.
        table: as `published_table` gives it; rows without a number of parameters are left out.
        own: (D, d) of the points that the plot is about, near which nothing is named.
        near: how near, in decades; small where the own points carry few words themselves.
    """
    table = table.dropna(subset=["full_dimension"])
    by_itself = table.baseline == "own"
    for rows, symbol, words in (
        (table[by_itself], "circle-open", "own baseline"),
        (table[~by_itself], "circle", "fixed baseline"),
    ):
        names = rows.problem + " " + rows.network
        away = np.min(
            [
                np.hypot(np.log10(rows.full_dimension.astype(float) / full), np.log10(rows.d_int90 / dimension))
                for full, dimension in own
            ],
            axis=0,
        )
        plot.add_scatter(
            x=rows.full_dimension.astype(float),
            y=rows.d_int90,
            customdata=np.stack([names, rows.source, rows.baseline], axis=1),
            mode="markers+text",
            marker={"color": NEUTRAL, "symbol": symbol, "size": 8},
            text=[
                NAMED[name][0] if name in NAMED and words == "fixed baseline" and far > near else ""
                for name, far in zip(names, away, strict=True)
            ],
            textposition=[NAMED[name][1] if name in NAMED else "bottom center" for name in names],
            textfont={"color": NEUTRAL, "size": 11},
            name=words,
            hovertemplate="%{customdata[0]}<br>D = %{x:,}, d = %{y:,} (%{customdata[2]})<extra>%{customdata[1]}</extra>",
            showlegend=False,
        )
    limits = np.array([100.0, max(5e6, *(2 * full for full, _ in own))])
    plot.add_scatter(
        x=limits,
        y=limits,
        mode="lines",
        line={"color": NEUTRAL, "dash": "dot", "width": 1},
        name="d = D",
        hoverinfo="skip",
        showlegend=False,
    )
    plot.add_annotation(
        x=3, y=3, text="d = D", font={"color": NEUTRAL}, showarrow=False, yanchor="bottom", xanchor="right"
    )
