"""Models before and after temperature scaling: question iv."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.calibration.figures.population_drawing import (
    MOST_POINTS,
    STUDY,
    TABS,
    bins_of,
    tau_matrix,
)
from core.palette import NEUTRAL


def temperature_scaling(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question iv: taus of ECE before and after temperature scaling, and the models themselves."""
    first = rows[rows.dataset == rows.dataset.iloc[0]]
    pre, post = list(dict.fromkeys(first.x)), list(dict.fromkeys(first.y))
    plot = tau_matrix(first, pre, post, [str(bins_of(name)) for name in pre], [str(bins_of(name)) for name in post])
    plot.update_xaxes(title="bins, before temperature scaling")
    plot.update_yaxes(title="bins, after temperature scaling")
    ceiling = first.ceiling.median()
    known = f"; the median ceiling is {ceiling:.2f}" if np.isfinite(ceiling) else ""
    drawn = {
        "temperature_scaling": Figure(
            title="Does temperature scaling improve all models alike?",
            plot=plot,
            reading=(
                "Pale cells: who is well calibrated before says nothing about who is after; that means something only where "
                "the ceiling is well above the tau."
            ),
            caption=f"Kendall's tau-b of ECE before and after over {int(first.n.max()):,} models{known}.",
            alt=f"Rank correlation of ECE before and after, from {first.tau.min():.2f} to {first.tau.max():.2f}{known}.",
            reference=f"{STUDY}, question iv",
            group=TABS["iv"],
        )
    }
    scatter = _before_after(result)
    return drawn | ({"before_after": scatter} if scatter else {})


def _before_after(result: Result) -> Figure | None:
    table = result.tables["population"]
    bins = 15 if {"pre_ECE_15", "post_ECE_15"} <= set(table) else None
    if bins is None:
        return None
    shown = table.dropna(subset=["pre_ECE_15", "post_ECE_15"]).head(MOST_POINTS)
    plot = go.Figure()
    plot.add_scatter(
        x=100 * shown.pre_ECE_15,
        y=100 * shown.post_ECE_15,
        customdata=np.column_stack([shown.config.astype(str), 100 * shown.acc]),
        mode="markers",
        marker={
            "color": 100 * shown.acc,
            "colorscale": "Viridis",
            "size": 9,
            "line": {"width": 1, "color": NEUTRAL},  # the ends of the scale fade into a dark or a light page
            "colorbar": {"title": "accuracy (%)", "thickness": 12},
        },
        hovertemplate="%{customdata[0]}, accuracy %{customdata[1]:.1f} %<br>ECE %{x:.2f} % before, %{y:.2f} % after<extra></extra>",
    )
    floor = result.tables["bin_boxes"]
    floor = floor[(floor.stage == "post") & (floor.bins == 15) & floor.floor.notna()]
    if len(floor):
        plot.add_hline(
            y=100 * floor.floor.iloc[0],
            line={"color": NEUTRAL, "dash": "dot", "width": 1.2},
            annotation={
                "text": "floor of a calibrated model",
                "font": {"color": NEUTRAL},
                "yanchor": "top",
                "x": 1,
                "xanchor": "right",
            },
        )
    plot.update_xaxes(title="ECE before (%), 15 bins", rangemode="tozero")
    plot.update_yaxes(title="ECE after (%), 15 bins", rangemode="tozero")
    return Figure(
        title="ECE before and after temperature scaling",
        plot=plot,
        reading="A cloud along the dotted floor is a population that temperature scaling has calibrated as far as can be seen.",
        caption=f"{len(shown):,} models; colour: accuracy.",
        alt=f"Scatter of ECE before against after; medians {100 * shown.pre_ECE_15.median():.2f} and {100 * shown.post_ECE_15.median():.2f} %.",
        reference=f"{STUDY}, question iv",
        group=TABS["iv"],
    )
