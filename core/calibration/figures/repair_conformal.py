"""Conformal sets after each repair."""

from __future__ import annotations

from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import (
    method_words,
    percent,
)
from core.palette import NEUTRAL, SERIES

LEAST_COVERAGE_SHOWN = 1.5  # points on either side of the level: less is chance and should look like it


def conformal_figure(result: Result) -> Figure:
    """Coverage and size of the conformal sets, by method and score."""
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
