"""Signed measures as points of the plane: what begins in one colour, what ends in the other."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import translucent
from core.topology.figures.drawing import NEGATIVE, POSITIVE, SIGNED_MEASURES, axis_names, degrees_of, setting

GROUP = "Signed measures"
MOST_DIRACS = 4_000  # drawn, those of the largest weights


def measure_figures(result: Result) -> dict[str, Figure]:
    """One for each degree."""
    return {f"signed_measure_H{degree}": _measure(result, degree) for degree in degrees_of(result)}


def _measure(result: Result, degree: int) -> Figure:
    table = result.tables["signed_measure"]
    rows = table[table.degree == degree]
    shown = rows.reindex(rows.weight.abs().sort_values(ascending=False, kind="stable").index[:MOST_DIRACS])
    plot = go.Figure()
    for sign, colour, name, symbol in ((1, POSITIVE, "begins", "circle"), (-1, NEGATIVE, "ends", "diamond")):
        part = shown[np.sign(shown.weight) == sign]
        plot.add_scatter(
            x=part.radius,
            y=part.level,
            mode="markers",
            name=name,
            marker={
                "color": translucent(colour, 0.6),
                "symbol": symbol,
                "size": 4 + 4 * np.sqrt(np.minimum(part.weight.abs(), 25)),
                "line": {"width": 0},
            },
            customdata=part.weight,
            hovertemplate="weight %{customdata:+d}<br>(%{x:.4g}, %{y:.4g})<extra>" + name + "</extra>",
        )
    first, second = axis_names(result)
    plot.update_xaxes(title=first)
    plot.update_yaxes(title=second)
    begins, ends = int((rows.weight > 0).sum()), int((rows.weight < 0).sum())
    return Figure(
        title=f"Signed measure of H{degree}",
        plot=plot,
        reading=(
            "The Hilbert function at a place is the sum of the weights below and to the left of it: blue adds classes, orange red takes "
            "them away. Pairs that lie close together are noise and all but cancel."
        ),
        caption=f"{setting(result)}; {len(rows):,} Diracs"
        + (f", the {MOST_DIRACS:,} of the largest weights drawn" if len(rows) > MOST_DIRACS else "")
        + "; the area grows with the weight.",
        alt=f"Scatter of {begins:,} positive and {ends:,} negative Diracs over radius and level.",
        reference=f"Moebius inverse of the Hilbert function: {SIGNED_MEASURES}",
        group=GROUP,
    )
