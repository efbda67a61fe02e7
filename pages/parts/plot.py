"""Figures in the workbench's own look, in light and dark, kept under the result's key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.export.look import look
from core.store.results import load_figures
from pages.parts.workspace import this_store


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
        plot["layout"] = {**plot.get("layout", {}), "template": look()["templates"][theme]}
        dressed[name] = {**figure, "plot": go.Figure(plot)}
    return dressed


def _brighter(plot: Mapping[str, Any]) -> dict[str, Any]:
    """The plot with the colours that are too dim on a dark ground replaced by lighter ones."""
    text = json.dumps(plot)
    for colour, lighter in look()["lighter"].items():
        text = text.replace(colour, lighter)
    return dict(json.loads(text))


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
