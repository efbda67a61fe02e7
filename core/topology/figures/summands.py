"""Interval summands of a candidate decomposition as regions of the plane of both parameters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import SERIES, translucent
from core.topology.figures.drawing import axis_names, degrees_of, setting

MOST_DRAWN = 12  # of a degree, the largest
GROUP = "Summands"


def summand_figures(result: Result) -> dict[str, Figure]:
    """One for the highest degree that has summands; nothing without any."""
    table = result.tables.get("summands", pd.DataFrame(columns=["degree"]))
    for degree in degrees_of(result):
        rows = table[table.degree == degree]
        if len(rows):
            return {"summands": _summands(result, degree, rows)}
    return {}


def outline(births: np.ndarray, deaths: np.ndarray) -> list[np.ndarray]:
    """The outlines of all places with a birth corner at or below them and a death corner at or above them.

    Args:
        births: [k, 2].
        deaths: [m, 2], finite.

    Returns:
        Closed polygons [corners, 2], one for each connected part.
    """
    edges = np.unique(np.concatenate([births[:, 0], deaths[:, 0]]))
    parts: list[list[tuple[float, float, float, float]]] = []  # strips (left, right, bottom, top) that touch
    for left, right in pairwise(edges.tolist()):
        bottom = births[births[:, 0] <= left, 1].min(initial=np.inf)
        top = deaths[deaths[:, 0] >= right, 1].max(initial=-np.inf)
        if bottom < top and parts and parts[-1][-1][1] == left:
            parts[-1].append((left, right, bottom, top))
        elif bottom < top:
            parts.append([(left, right, bottom, top)])
    return [_polygon(strips) for strips in parts]


def _polygon(strips: list[tuple[float, float, float, float]]) -> np.ndarray:
    above = [corner for left, right, _, top in strips for corner in ((left, top), (right, top))]
    below = [corner for left, right, bottom, _ in strips[::-1] for corner in ((right, bottom), (left, bottom))]
    return np.array([*above, *below, above[0]])


def _summands(result: Result, degree: int, rows: pd.DataFrame) -> Figure:
    high = np.array([result.arrays["grid_radius"][-1], result.arrays["grid_level"][-1]])
    colour = SERIES[degree % len(SERIES)]
    plot = go.Figure()
    for number, part in rows[rows.summand <= MOST_DRAWN].groupby("summand"):
        births, deaths = (
            part.loc[part.corner == corner, ["radius", "level"]].to_numpy() for corner in ("birth", "death")
        )
        ends = np.where(np.isnan(deaths), high, deaths)
        for polygon in outline(births, np.minimum(ends, high)):
            plot.add_scatter(
                x=polygon[:, 0],
                y=polygon[:, 1],
                mode="lines",
                fill="toself",
                fillcolor=translucent(colour, 0.12),
                line={"color": colour, "width": 1},
                name=f"{number}: {part['size'].iloc[0]:.3g}",
                hoveron="fills",
            )
    first, second = axis_names(result)
    plot.update_xaxes(title=first)
    plot.update_yaxes(title=second)
    count, largest = int(rows.summand.max()), float(rows["size"].max())
    return Figure(
        title=f"Interval summands of H{degree}, approximately",
        plot=plot,
        reading=(
            "Each region is where one class is alive; a large one is a feature. The decomposition is a candidate: bars on "
            "neighbouring lines were matched by their cells and places, which can swap two classes that cross."
        ),
        caption=(
            f"{setting(result)}; the {min(count, MOST_DRAWN)} largest of {count}, named by rank and size (side of the largest "
            f"square inside, a share of the plane), over {result.summary['summand_lines'].value} lines."
        ),
        alt=f"{count} regions with staircase borders; the largest has side {largest:.3g} of the plane.",
        reference="Candidate decompositions: arXiv:2306.11170",
        group=GROUP,
    )
