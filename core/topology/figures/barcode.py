"""The barcode of the diagonal of the plane of both parameters."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import SERIES
from core.topology.figures.drawing import setting

MOST_BARS = 60  # of a degree, the longest
MARGIN = 1.05  # where bars that never end are cut


def barcode_figure(result: Result) -> Figure:
    """Bars by degree, the longest on top."""
    table = result.tables["diagonal_barcode"]
    plot = go.Figure()
    row = 0
    for degree in sorted(table.degree.unique(), reverse=True):
        part = table[table.degree == degree].head(MOST_BARS)
        rows = np.arange(row, row + len(part))
        row += len(part) + 1
        ends = part.death.fillna(MARGIN).to_numpy(dtype=float)
        gaps = np.full(len(part), np.nan)
        words = [
            f"({birth_radius:.4g}, {birth_level:.4g}) to "
            + (f"({death_radius:.4g}, {death_level:.4g})" if np.isfinite(death_radius) else "no end")
            for birth_radius, birth_level, death_radius, death_level in zip(
                part.birth_radius, part.birth_level, part.death_radius, part.death_level, strict=True
            )
        ]
        plot.add_scatter(
            x=np.column_stack([part.birth, ends, gaps]).ravel(),
            y=np.repeat(rows, 3),
            mode="lines",
            line={"color": SERIES[int(degree) % len(SERIES)], "width": 4},
            name=f"H{degree}",
            customdata=np.repeat(words, 3),
            hovertemplate="%{customdata}<extra>" + f"H{degree}</extra>",
        )
    plot.update_xaxes(title="place on the diagonal (0: low corner, 1: high corner)", range=[-0.02, MARGIN])
    plot.update_yaxes(showticklabels=False, showgrid=False, ticks="", autorange="reversed")
    ended = table[table.length.notna()].sort_values("length", ascending=False, kind="stable")
    lead = (
        f"the longest finite one is of H{ended.degree.iloc[0]} and has length {ended.length.iloc[0]:.3g}"
        if len(ended)
        else "none of them ends"
    )
    drawn = table.groupby("degree").size().max() if len(table) else 0
    return Figure(
        title="Barcode of the diagonal",
        plot=plot,
        reading=(
            "Radius and level grow together from the low to the high corner of the pictures above; a long bar is a class that "
            "survives that. Many bars of equal length mean no clear shape."
        ),
        caption=f"{setting(result)}; {len(table):,} bars"
        + (f", the {MOST_BARS} longest of each degree drawn." if drawn > MOST_BARS else "."),
        alt=f"{len(table):,} bars along the diagonal; {lead}.",
        reference="Fibered barcode: Lesnick and Wright, arXiv:1512.00180",
        group="Diagonal",
    )
