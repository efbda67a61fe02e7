"""Figures in the workbench's own look, in light and dark, kept under the result's key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.analysis import Figure
from core.export.common_axes import with_common_axes
from core.export.figures import figure_json
from core.export.look import look
from core.store.results import load_figures
from pages.parts.workspace import this_store

UNUSED_BUTTONS = ["select2d", "lasso2d", "autoScale2d"]
ZOOM_BUTTONS = [
    "zoom2d",
    "pan2d",
    "zoomIn2d",
    "zoomOut2d",
    "resetScale2d",
    "lasso2d",
    "autoScale2d",
]  # where a box zooms


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
    return {name: _dressed(figure, theme) for name, figure in load_figures(this_store(), key).items()}


def fresh(figure: Figure) -> Mapping[str, Any]:
    """A figure that was drawn just now, with the template of the theme that the browser shows."""
    return _dressed(figure_json(figure), theme_name())


def to_one_scale(figures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same figure of several results, as `figures_of` gives it, with axes and colours that mean the same in each."""
    import plotly.graph_objects as go

    plots = with_common_axes([figure["plot"].to_plotly_json() for figure in figures])
    return [{**figure, "plot": go.Figure(plot)} for figure, plot in zip(figures, plots, strict=True)]


def _dressed(figure: Mapping[str, Any], theme: str) -> dict[str, Any]:
    """A figure as JSON values, its plot as Plotly's own with the template of a theme."""
    import plotly.graph_objects as go

    plot = _brighter(figure["plot"]) if theme == "dark" else dict(figure["plot"])
    plot["layout"] = {**plot.get("layout", {}), "template": look()["templates"][theme]}
    return {**figure, "plot": go.Figure(plot)}


def _brighter(plot: Mapping[str, Any]) -> dict[str, Any]:
    """The plot with the colours that are too dim on a dark ground replaced by lighter ones."""
    text = json.dumps(plot)
    for colour, lighter in look()["lighter"].items():
        text = text.replace(colour, lighter)
    return dict(json.loads(text))


def draw(
    figure: Mapping[str, Any],
    name: str,
    element: str,
    picture: str = "svg",
    on_box: Callable[[], None] | None = None,
    on_point: Callable[[], None] | None = None,
) -> None:
    """One figure on the page, with its text alternative.

    Args:
        figure: as `figures_of` gives it.
        name: the file name of the picture that the reader saves.
        element: unique name of the chart on the page.
        picture: what the camera saves, "svg" or "png".
        on_box: is called when the reader has drawn a box, which the session state has under the chart's name.
        on_point: is called likewise when the reader has clicked a marker.
    """
    st.plotly_chart(
        figure["plot"],
        theme=None,
        key=element,
        alt=figure["alt"],
        on_select=on_box or on_point or "ignore",
        selection_mode="points" if on_point else "box",
        config={
            "displaylogo": False,
            "responsive": True,
            "modeBarButtonsToRemove": UNUSED_BUTTONS if on_box is None else ZOOM_BUTTONS,
            "toImageButtonOptions": {"format": picture, "filename": name, "scale": 2},
        },
    )
