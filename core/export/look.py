"""The look of an exported page, that of the workbench: Plotly templates in light and dark, and its two faces."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from core import palette

SANS, MONO = "IBM Plex Sans", "IBM Plex Mono"
FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FACES = (
    (SANS, 400, "ibm-plex-sans-latin-400-normal.woff2"),
    (SANS, 600, "ibm-plex-sans-latin-600-normal.woff2"),
    (MONO, 400, "ibm-plex-mono-latin-400-normal.woff2"),
)
LIGHTER = {palette.ACCENT: "#4AA8E0"}  # on a dark ground the accent is too dim


def look() -> dict[str, Any]:
    """What the drawing script needs: a template for each theme, and the colours that dark replaces."""
    return {
        "templates": {
            "light": template(ink="#1B2530", soft="#55616D", grid="#E1E6EB", paper="#FFFFFF"),
            "dark": template(ink="#E4E9EE", soft="#A3AFBB", grid="#2B343E", paper="#1A2129"),
        },
        "lighter": {old: new for pair in LIGHTER.items() for old, new in _spellings(*pair).items()},
    }


def template(ink: str, soft: str, grid: str, paper: str) -> dict[str, Any]:
    """A Plotly template: thin grid, no frame, ticks outside, words in the page's face.

    Args:
        ink: of titles and labels.
        soft: of ticks.
        grid: of grid and axis lines.
        paper: behind hover labels.
    """
    family = f"{SANS}, sans-serif"
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
            "font": {"family": family, "size": 13, "color": ink},
            "colorway": list(palette.SERIES),
            "colorscale": {"sequential": palette.SEQUENTIAL, "diverging": palette.DIVERGING},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "scene": {"xaxis": scene_axis, "yaxis": scene_axis, "zaxis": scene_axis},
            "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
            "hoverlabel": {"font": {"family": family, "size": 13, "color": ink}, "bgcolor": paper, "bordercolor": grid},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"color": ink}},
            "annotationdefaults": {"font": {"size": 12, "color": ink}, "arrowcolor": soft},
            "title": {"text": "", "font": {"size": 14, "color": ink}},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": soft, "activecolor": ink},
            "dragmode": "zoom",
        }
    }


def font_faces() -> str:
    """The faces as a style sheet that carries them."""
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f'src: url("data:font/woff2;base64,{base64.b64encode((FONTS / file).read_bytes()).decode()}") format("woff2"); }}'
        for family, weight, file in FACES
    )


def _spellings(old: str, new: str) -> dict[str, str]:
    """A colour in the ways in which figures write it: #RRGGBB, #rrggbb and the start of rgba(...)."""
    dim, bright = (palette.translucent(colour, 1).removesuffix("1)") for colour in (old, new))
    return {old: new, old.lower(): new, dim: bright}
