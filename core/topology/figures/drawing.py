"""Strokes and words that the pictures of topology share."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from core.analysis import Result
from core.palette import SEQUENTIAL, SERIES

RADIUS, LEVEL = "radius", "level of the second parameter"
POSITIVE, NEGATIVE = SERIES[0], SERIES[1]
MOST_STEPS = 8  # from the lowest colour of a picture of whole numbers; larger numbers share the last
SIGNED_MEASURES = "arXiv:2306.03801, section 3"


def degrees_of(result: Result, prefix: str = "hilbert_H") -> list[int]:
    """The degrees of homology that a result has, the highest first."""
    names = [name.removeprefix(prefix) for name in result.arrays if name.startswith(prefix)]
    return sorted(map(int, names), reverse=True)


def axis_names(result: Result) -> tuple[str, str]:
    """What the two axes are called: of graphs and images the first parameter is no length."""
    filtration = str(result.summary["filtration"].value)
    first = {"rips": RADIUS, "alpha": RADIUS}.get(filtration, "first parameter")
    return first, str(result.summary["second"].value)


def setting(result: Result) -> str:
    """What was filtered and how, as captions begin."""
    points = result.summary["points"].value
    what = {"cubical": "pixels", "graph": "vertices"}.get(str(result.summary["filtration"].value), "points")
    return f"n = {points:,} {what}; filtration {result.summary['filtration'].value} by {result.summary['second'].value}"


def steps(low: int, high: int) -> tuple[list[tuple[float, str]], int, int]:
    """A scale of one colour for each whole number, and the numbers that it runs between."""
    top = min(high, low + MOST_STEPS)
    count = top - low + 1
    colours = (
        sample_colorscale(SEQUENTIAL, np.linspace(0, 1, count)) if count > 1 else sample_colorscale(SEQUENTIAL, [0])
    )
    scale: list[tuple[float, str]] = []
    for place, colour in enumerate(colours):
        scale += [(place / count, colour), ((place + 1) / count, colour)]
    return scale, low, top


def whole_numbers(
    plot: go.Figure, radii: np.ndarray, levels: np.ndarray, table: np.ndarray, what: str, **place: Any
) -> None:
    """A heatmap of whole numbers in steps of colour, with the exact value on hover.

    Args:
        plot: to draw into.
        radii: [g].
        levels: [h].
        table: [g, h] whole numbers.
        what: name of the value.
        place: row and column in a plot of several.
    """
    scale, low, top = steps(int(table.min()), int(table.max()))
    ticks = list(range(low, top + 1))
    words = [str(tick) for tick in ticks]
    if int(table.max()) > top:
        words[-1] = f"≥ {top}"
    plot.add_heatmap(
        x=radii,
        y=levels,
        z=np.minimum(table, top).T,
        zmin=low - 0.5,
        zmax=top + 0.5,
        colorscale=scale,
        colorbar={"tickvals": ticks, "ticktext": words, "title": {"text": what}, "thickness": 14},
        customdata=table.T,
        hovertemplate=what + " = %{customdata}<br>(%{x:.4g}, %{y:.4g})<extra></extra>",
        **place,
    )
