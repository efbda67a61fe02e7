"""Hilbert functions and the Euler characteristic over the plane of both parameters."""

from __future__ import annotations

import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.topology.describe_report import degree_name
from core.topology.figures.drawing import SIGNED_MEASURES, axis_names, degrees_of, setting, whole_numbers

GROUP = "Hilbert functions"


def hilbert_figures(result: Result) -> dict[str, Figure]:
    """One for each degree, the highest first and by itself, and the Euler characteristic."""
    drawn = {}
    for place, degree in enumerate(degrees_of(result)):
        drawn[f"hilbert_H{degree}"] = _hilbert(result, degree, GROUP if place else "")
    drawn["euler"] = _euler(result)
    return drawn


def _hilbert(result: Result, degree: int, group: str) -> Figure:
    table = result.arrays[f"hilbert_H{degree}"]
    plot = _drawn(result, f"hilbert_H{degree}", f"H{degree}")
    many = degree_name(degree, 2)
    return Figure(
        title=f"Hilbert function of H{degree}: {many} at each radius and level",
        plot=plot,
        reading=(
            f"Each place says how many {many} what has entered up to that radius and level has. A large area of one colour is a "
            "feature that lasts in both directions; slivers and specks are noise."
        ),
        caption=f"{setting(result)}; sampled exactly on {table.shape[0]} × {table.shape[1]} values, both ends included.",
        alt=f"Heatmap of the number of {many} over radius and level; the largest is {int(table.max()):,}.",
        reference=f"Hilbert function: {SIGNED_MEASURES}",
        group=group,
    )


def _euler(result: Result) -> Figure:
    table = result.arrays["euler"]
    return Figure(
        title="Euler characteristic at each radius and level",
        plot=_drawn(result, "euler", "χ"),
        reading=(
            "The alternating sum of all Hilbert functions, degrees that are not shown included. It needs no homology, and a "
            "component and a loop that come together cancel in it."
        ),
        caption=f"{setting(result)}; sampled exactly on {table.shape[0]} × {table.shape[1]} values.",
        alt=f"Heatmap of the Euler characteristic, from {int(table.min()):,} to {int(table.max()):,}.",
        reference=f"Euler characteristic: {SIGNED_MEASURES}",
        group=GROUP,
    )


def _drawn(result: Result, name: str, what: str) -> go.Figure:
    plot = go.Figure()
    whole_numbers(plot, result.arrays["grid_radius"], result.arrays["grid_level"], result.arrays[name], what)
    first, second = axis_names(result)
    plot.update_xaxes(title=first)
    plot.update_yaxes(title=second)
    return plot
