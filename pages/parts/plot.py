"""Figures in the page's own clothes: one template for light and one for dark, kept under the result's key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import palette
from core.store.results import load_figures
from pages.parts.workspace import this_store

FONT = "IBM Plex Sans, sans-serif"


def _template(ink: str, soft: str, grid: str, paper: str) -> dict[str, Any]:
    """Thin grid, no frame, ticks outside, words in the page's face.

    Args:
        ink: of titles and labels.
        soft: of ticks.
        grid: of grid and axis lines.
        paper: behind hover labels and legends.
    """
    axis = {
        "gridcolor": grid,
        "gridwidth": 1,
        "linecolor": grid,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": grid,
        "tickfont": {"size": 12, "color": soft},
        "title": {"font": {"size": 13, "color": ink}, "standoff": 10},
        "automargin": True,
    }
    scene_axis = {"gridcolor": grid, "zerolinecolor": grid, "backgroundcolor": "rgba(0,0,0,0)", "color": soft}
    return {
        "layout": {
            "font": {"family": FONT, "size": 13, "color": ink},
            "colorway": list(palette.SERIES),
            "colorscale": {"sequential": palette.SEQUENTIAL, "diverging": palette.DIVERGING},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "scene": {"xaxis": scene_axis, "yaxis": scene_axis, "zaxis": scene_axis},
            "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
            "hoverlabel": {"font": {"family": FONT, "size": 13, "color": ink}, "bgcolor": paper, "bordercolor": grid},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"color": ink}},
            "annotationdefaults": {"font": {"size": 12, "color": ink}, "arrowcolor": soft},
            "title": {"text": "", "font": {"size": 14, "color": ink}},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": soft, "activecolor": ink},
            "dragmode": "zoom",
        }
    }


TEMPLATES = {
    "light": _template(ink="#1B2530", soft="#55616D", grid="#E1E6EB", paper="#FFFFFF"),
    "dark": _template(ink="#E4E9EE", soft="#A3AFBB", grid="#2B343E", paper="#1A2129"),
}


LIGHTER = {palette.ACCENT: "#4AA8E0"}


def theme_name() -> str:
    """The theme that the browser shows: "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


@st.cache_resource(max_entries=200, show_spinner=False)
def figures_of(key: str, theme: str) -> Mapping[str, Mapping[str, Any]]:
    """The stored figures of a result with the theme's template, ready to draw; shared, so never changed.

    Args:
        key: of the result; the figures themselves are never hashed.
        theme: "light" or "dark".
    """
    import plotly.graph_objects as go

    dressed = {}
    for name, figure in load_figures(this_store(), key).items():
        plot = _brighter(figure["plot"]) if theme == "dark" else dict(figure["plot"])
        plot["layout"] = {**plot.get("layout", {}), "template": TEMPLATES[theme]}
        dressed[name] = {**figure, "plot": go.Figure(plot)}
    return dressed


def _brighter(plot: Mapping[str, Any]) -> dict[str, Any]:
    """The plot with its accent, which is too dim on a dark ground, replaced by a lighter one."""
    text = json.dumps(plot)
    for colour, lighter in LIGHTER.items():
        for written in (str, str.lower):
            text = text.replace(written(colour), lighter)
        text = text.replace(_channels(colour), _channels(lighter))
    return dict(json.loads(text))


def _channels(colour: str) -> str:
    return palette.translucent(colour, 1).removesuffix("1)")


def draw(figure: Mapping[str, Any], name: str, element: str, picture: str = "svg") -> None:
    """One figure on the page, with its text alternative.

    Args:
        figure: as `figures_of` gives it.
        name: the file name of the picture that the reader saves.
        element: unique name of the chart on the page.
        picture: what the camera saves, "svg" or "png".
    """
    st.plotly_chart(
        figure["plot"],
        theme=None,
        key=element,
        alt=figure["alt"],
        config={
            "displaylogo": False,
            "responsive": True,
            "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
            "toImageButtonOptions": {"format": picture, "filename": name, "scale": 2},
        },
    )
