"""Strokes that the pictures of telemetry share."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.palette import NEUTRAL, SERIES, translucent

MEASURED, PREDICTED, EVENT, NOTED = SERIES[0], NEUTRAL, SERIES[1], SERIES[2]
ABOVE, BELOW = SERIES[1], SERIES[0]  # a residual, or what adds to it, in either direction
CAUSED, UNCAUSED = SERIES[2], SERIES[3]
CLOCK = "%Y-%m-%d %H:%M"  # as Plotly writes a moment
ROW = 26  # pixels of a row with a name


def span(
    start: float, end: float, colour: str, opacity: float, x: str = "x", y: str = "paper", **shape: Any
) -> dict[str, Any]:
    """A shaded stretch of time, as a shape of the layout: `add_vrect` takes a hundred times longer for many."""
    return {
        "type": "rect",
        "xref": x,
        "yref": y,
        "x0": start,
        "x1": end,
        "y0": 0,
        "y1": 1,
        "fillcolor": translucent(colour, opacity),
        "line": {"width": 0},
        "layer": "below",
        **shape,
    }


def level(value: float, x: str, y: str, colour: str = NEUTRAL, dash: str = "dot") -> dict[str, Any]:
    """A horizontal guide through a whole panel, as a shape of the layout."""
    return {
        "type": "line",
        "xref": f"{x} domain",
        "yref": y,
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "line": {"color": colour, "dash": dash, "width": 1},
    }


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and last row of each run of true values.

    >>> runs(np.array([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False]))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def name_rows(plot: go.Figure, names: list[str], **place: Any) -> None:
    """Names at the whole numbers of the y axis, the first on top."""
    plot.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[short(name) for name in names],
        range=[len(names) - 0.5, -0.5],
        zeroline=False,
        **place,
    )


def short(name: str, length: int = 22) -> str:
    """A name that fits beside its row; Plotly reads no markup in it."""
    plain = re.sub(r"[<>]", "", name)
    return plain if len(plain) <= length else f"{plain[: length - 1]}…"


def with_unit(unit: str) -> str:
    """` (K)`, or nothing."""
    return f" ({short(unit)})" if unit else ""


def axis_title(name: str, unit: str) -> str:
    """A name that fits beside an axis, with the unit where the name does not end in one.

    >>> axis_title("PANEL", "K"), axis_title("Panel [degC]", "°C"), axis_title("mode", "")
    ('PANEL (K)', 'Panel [degC]', 'mode')
    """
    return short(name, 24) + ("" if name.rstrip().endswith(("]", ")")) else with_unit(unit))


def count(number: int, one: str, many: str = "") -> str:
    """`1 event`, `2 events`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
