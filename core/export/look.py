"""Plotly templates of exported pages, light and dark: thin grid, quiet axes, the palette of all figures."""

from __future__ import annotations

from typing import Any

from core.palette import SERIES

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'


def templates() -> dict[str, Any]:
    """The template for light and for dark; text and grid as in the style sheet of the page."""
    return {
        "light": template(text="#1a2129", quiet="#5a6672", grid="#e8ecf0", ground="#ffffff"),
        "dark": template(text="#e4e9ee", quiet="#9aa6b2", grid="#2c353f", ground="#12171d"),
    }


def template(text: str, quiet: str, grid: str, ground: str) -> dict[str, Any]:
    """One template from its four colours."""
    axis = {
        "gridcolor": grid,
        "gridwidth": 1,
        "zeroline": False,
        "linecolor": quiet,
        "ticks": "outside",
        "tickcolor": quiet,
        "tickfont": {"color": quiet},
        "title": {"standoff": 12},
        "automargin": True,
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 13, "color": text},
            "colorway": list(SERIES),
            "hoverlabel": {"bgcolor": ground, "bordercolor": quiet, "font": {"family": FONT, "color": text}},
            "legend": {"bgcolor": "rgba(0,0,0,0)"},
            "margin": {"l": 64, "r": 24, "t": 24, "b": 56},
            "xaxis": axis,
            "yaxis": axis,
        }
    }
