"""The figures of a result as plain JSON: kept with it, drawn by pages and exports without the analysis."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from core.analysis import Analysis, Figure, Result

WORDS = tuple(field.name for field in fields(Figure) if field.name != "plot")


def figures_json(analysis: Analysis, result: Result) -> dict[str, dict[str, Any]]:
    """Draws every figure of a result once.

    Returns:
        name -> title, reading, caption, alt, reference, group and plot (Plotly's `data` and `layout`), in reading
        order. The layout has no template: light or dark is the viewer's choice.
    """
    return {name: figure_json(figure) for name, figure in analysis.figures(result).items()}


def figure_json(figure: Figure) -> dict[str, Any]:
    """One figure as JSON values."""
    plot = json.loads(figure.plot.to_json())
    plot["layout"].pop("template", None)
    return {**{name: getattr(figure, name) for name in WORDS}, "plot": plot}
