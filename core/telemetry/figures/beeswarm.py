"""SHAP values of many rows at once: which covariates move a residual, and in which direction."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, SEQUENTIAL
from core.telemetry.figures.detected import Detected
from core.telemetry.figures.drawing import name_rows, short
from core.telemetry.figures.waterfall import REFERENCE

MOST_COVARIATES = 10
MOST_ROWS = 400
_ROUGH = 40  # bins of a row within which points are spread sideways


def beeswarm_figures(result: Result) -> dict[str, Figure]:
    """That of the parameter with the strongest event."""
    detected = Detected.of(result)
    if "shap" not in result.arrays or not detected.targets or not len(result.arrays["shap_values"]):
        return {}
    parameter = detected.events[0].parameter if detected.events else detected.targets[0]
    return {"beeswarm": beeswarm(detected, parameter)}


def beeswarm(detected: Detected, parameter: str) -> Figure:
    """SHAP values of the background rows for one parameter, one row of points a covariate."""
    shap = detected.result.arrays["shap"][detected.targets.index(parameter)]
    rows = np.linspace(0, len(shap) - 1, min(len(shap), MOST_ROWS)).astype(int)
    values = detected.result.arrays["shap_values"][rows]
    plot, order = swarm(shap[rows], values, detected.covariates, "contribution to the residual (σ)")
    mean = np.abs(shap).mean(axis=0)
    first = detected.covariates[order[0]]
    return Figure(
        title=f"What moves {parameter}, over many rows",
        plot=plot,
        reading=(
            "Each point is a row; far right it raised the residual, far left it lowered it. A few far points are rare causes, "
            "a wide row of yellow on one side and dark on the other is a steady dependence that the forecast does not know."
        ),
        caption=(
            f"n = {len(rows)} of {len(shap)} background rows, half drawn at random and half where a covariate is at an end of "
            f"its range; the {len(order)} covariates with the largest mean size, of {len(detected.covariates)}; colour: rank "
            "of the covariate's value, dark low, yellow high."
        ),
        alt=f"SHAP values of {parameter} by covariate; {first} moves it most, by {mean[order[0]]:.2g} sigma on average.",
        reference=REFERENCE,
    )


def swarm(
    shap: np.ndarray, values: np.ndarray, names: tuple[str, ...], axis: str, unit: str = " σ"
) -> tuple[go.Figure, list[int]]:
    """Rows of points, and the columns that have one, the largest mean size first.

    Args:
        shap: [rows, columns].
        values: [rows, columns], what the colour stands for.
        names: of the columns.
        axis: title of the x axis.
        unit: of the SHAP values, with the space before it.
    """
    order = [int(column) for column in np.argsort(-np.abs(shap).mean(axis=0), kind="stable")[:MOST_COVARIATES]]
    plot = go.Figure()
    for row, column in enumerate(order):
        x = shap[:, column]
        plot.add_scatter(
            x=x,
            y=row + _spread(x),
            mode="markers",
            marker={
                "size": 5,
                "opacity": 0.8,
                "line": {"width": 0.4, "color": NEUTRAL},
                "color": _rank(values[:, column]),
                "colorscale": SEQUENTIAL,
                "cmin": 0,
                "cmax": 1,
                "showscale": row == 0,
                "colorbar": {
                    "thickness": 8,
                    "outlinewidth": 0,
                    "tickvals": [0, 1],
                    "ticktext": ["low", "high"],
                    "tickfont": {"size": 11},
                },
            },
            customdata=values[:, column],
            hovertemplate="%{customdata:.4g}: %{x:+.3g}" + unit + "<extra>" + short(names[column]) + "</extra>",
            showlegend=False,
        )
    name_rows(plot, [names[column] for column in order])
    plot.update_xaxes(title=axis, zeroline=True, zerolinecolor=NEUTRAL)
    plot.update_yaxes(showgrid=False, ticks="")
    plot.update_layout(height=100 + 40 * len(order))
    return plot, order


def _rank(values: np.ndarray) -> np.ndarray:
    """Values as shares of the order, so that one far value does not dim all others; NaN in the middle."""
    known = np.isfinite(values)
    ranks = np.full(len(values), 0.5)
    _, place = np.unique(values[known], return_inverse=True)
    if place.size and place.max() > 0:
        ranks[known] = place / place.max()
    return np.round(ranks, 3)


def _spread(x: np.ndarray) -> np.ndarray:
    """Sideways places of points, so that those of about one value stand beside each other instead of on top."""
    low, high = float(x.min()), float(x.max())
    if high <= low:
        bins = np.zeros(len(x), dtype=int)
    else:
        bins = np.minimum(((x - low) / (high - low) * _ROUGH).astype(int), _ROUGH - 1)
    places = np.zeros(len(x))
    fullest = max(int(np.bincount(bins).max()), 1)
    for number in np.unique(bins):
        members = np.flatnonzero(bins == number)
        if len(members) > 1:
            reach = 0.38 * (len(members) / fullest) ** 0.5
            # a fixed order that is no order of the values: neighbours in x come apart
            places[members] = np.linspace(-reach, reach, len(members))[np.argsort(np.argsort(members * 7919 % 104_729))]
    return np.round(places, 3)
