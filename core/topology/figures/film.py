"""The film of a cloud that is optimised, from its start to its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, SEQUENTIAL
from core.topology.figures.drawing import setting

MOST_MARKERS = 20_000  # in all frames together
MILLISECONDS = 120  # a frame
HEIGHT, BELOW = 700, 210  # pixels of the whole and of what lies under the axes: buttons, and the slider below them
REFERENCE = "Gradients of multiparameter persistent homology: arXiv:2406.07224"


def film(result: Result) -> Figure:
    """The points, coloured by their second parameter, at some iterations; grey rings are where they began."""
    where, colours, iterations = _frames(result)
    dimensions = where.shape[2]
    low, high = float(colours.min()), float(colours.max())
    second = str(result.summary["second"].value)
    last = len(iterations) - 1
    plot = go.Figure(
        data=[
            _cloud(where[0], None, low, high, second),
            _cloud(where[last], colours[last], low, high, second),
        ],
        frames=[
            go.Frame(
                data=[_cloud(where[place], colours[place], low, high, second)],
                traces=[1],
                name=str(iterations[place]),
            )
            for place in range(len(iterations))
        ]
        if last
        else [],
    )
    if last:
        plot.update_layout(updatemenus=[_buttons()], sliders=[_slider(iterations)], margin={"b": BELOW})
    plot.update_layout(height=HEIGHT)
    _set_axes(plot, where, second)
    moved = np.linalg.norm(where[last] - where[0], axis=1)
    changed = float(np.abs(colours[last] - colours[0]).max())
    moves = (
        f"the furthest moved {moved.max():.3g}"
        if moved.any()
        else f"none moved, {second} changed by up to {changed:.3g}"
    )
    caption = f"{setting(result)}; {len(iterations):,} of {int(iterations[-1]) + 1:,} iterations shown"
    if result.arrays["points_before"].shape[1] > dimensions:
        caption += f"; the first {dimensions} of {result.arrays['points_before'].shape[1]} coordinates"
    return Figure(
        title="The cloud, from start to end",
        plot=plot,
        reading=(
            "Play shows how the points went; the grey rings are where they began. Good optimisations move few points far and "
            "leave the shape recognisable: if all of it has dissolved, raise the anchor or lower the learning rate."
        ),
        caption=caption + ".",
        alt=f"Film of {where.shape[1]:,} points; {moves}.",
        reference=REFERENCE,
    )


def _frames(result: Result) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places [f, n, 1 to 3], second parameters [f, n] and iterations [f] of the frames that are drawn."""
    arrays = result.arrays
    colours, iterations = arrays["trajectory_function"], arrays["trajectory_iteration"]
    points = np.broadcast_to(arrays["points_before"], (len(iterations), *arrays["points_before"].shape))
    where = np.asarray(arrays.get("trajectory", points))
    shown = 3 if where.shape[2] == 3 else min(where.shape[2], 2)
    count = max(2, min(len(iterations), MOST_MARKERS // where.shape[1]))
    kept = np.unique(np.linspace(0, len(iterations) - 1, count).round().astype(int))
    return where[kept][:, :, :shown], colours[kept], iterations[kept]


def _cloud(where: np.ndarray, colours: np.ndarray | None, low: float, high: float, second: str) -> Any:
    """The points of a frame; grey rings without colours."""
    dimensions = where.shape[1]
    flat = dimensions < 3
    marker: dict[str, Any] = {"size": 7 if flat else 3}
    if colours is None:
        marker |= {"color": NEUTRAL, "opacity": 0.45, "symbol": "circle-open"}
    else:
        marker |= {
            "color": colours,
            "cmin": low,
            "cmax": high,
            "colorscale": SEQUENTIAL,
            "line": {"color": NEUTRAL, "width": 0.6 if flat else 0},  # the low colours are dim on a dark ground
            "colorbar": {"title": {"text": second, "side": "right"}, "thickness": 14},
        }
    common = {
        "mode": "markers",
        "marker": marker,
        "name": "start" if colours is None else "now",
        "showlegend": False,
        "hoverinfo": "skip" if colours is None else None,
        "hovertemplate": None if colours is None else second + " = %{marker.color:.4g}<extra></extra>",
    }
    if not flat:
        return go.Scatter3d(x=where[:, 0], y=where[:, 1], z=where[:, 2], **common)
    return go.Scatter(x=where[:, 0], y=where[:, 1] if dimensions > 1 else np.zeros(len(where)), **common)


def _set_axes(plot: go.Figure, where: np.ndarray, second: str) -> None:
    """Fixed axes, so that the film does not jump."""
    low, high = where.min(axis=(0, 1)), where.max(axis=(0, 1))
    margin = 0.05 * float((high - low).max() or 1.0)
    ranges = [[float(a - margin), float(b + margin)] for a, b in zip(low, high, strict=True)]
    if len(ranges) == 3:
        axes = {
            f"{name}axis": {"range": ranges[place], "title": {"text": f"coordinate {place + 1}"}}
            for place, name in enumerate("xyz")
        }
        plot.update_layout(scene={**axes, "aspectmode": "data"})
        return
    plot.update_xaxes(title="coordinate 1", range=ranges[0])
    if len(ranges) == 2:
        plot.update_yaxes(title="coordinate 2", range=ranges[1], scaleanchor="x")
    else:
        plot.update_yaxes(visible=False)


def _buttons() -> dict[str, Any]:
    """Play from the start, and stop."""
    play = {"frame": {"duration": MILLISECONDS, "redraw": True}, "transition": {"duration": 0}, "mode": "immediate"}
    stop = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate"}
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0.0,
        "xanchor": "left",
        "y": 0.0,
        "yanchor": "top",
        "pad": {"t": 60},
        "bgcolor": "rgba(122,135,148,0.18)",
        "borderwidth": 0,
        "buttons": [
            {"label": "▶ Play", "method": "animate", "args": [None, {**play, "fromcurrent": False}]},
            {"label": "❚❚ Stop", "method": "animate", "args": [[None], stop]},
        ],
    }


def _slider(iterations: np.ndarray) -> dict[str, Any]:
    """Each frame, the last one first on show."""
    show = {"frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}, "mode": "immediate"}
    return {
        "active": len(iterations) - 1,
        "x": 0.0,
        "len": 1.0,
        "xanchor": "left",
        "y": 0.0,
        "yanchor": "top",
        "pad": {"t": 95},
        "currentvalue": {"prefix": "iteration ", "xanchor": "right"},
        "bgcolor": "rgba(122,135,148,0.25)",
        "bordercolor": NEUTRAL,
        "tickcolor": NEUTRAL,
        "minorticklen": 0,
        "steps": [{"label": str(number), "method": "animate", "args": [[str(number)], show]} for number in iterations],
    }
