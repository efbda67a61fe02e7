"""The item itself, coloured by its second parameter."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, SEQUENTIAL
from core.topology.figures.drawing import setting

REFERENCE = "The second parameter: core.topology.functions"


def item_figures(result: Result) -> dict[str, Figure]:
    """Points, an image, or what has a layout; nothing of distances and graphs too large for one."""
    if "points" in result.arrays:
        return {"item": _points(result)}
    if "image" in result.arrays:
        return {"item": _image(result)}
    return {"item": _laid_out(result)} if "layout" in result.arrays else {}


def _points(result: Result) -> Figure:
    function = result.arrays["function"]
    dimensions = result.arrays["points"].shape[1]
    points = result.arrays["layout"] if dimensions > 3 else result.arrays["points"]
    second = str(result.summary["second"].value)
    marker = _marker(result, 3 if dimensions >= 3 else 7)
    plot = go.Figure()
    hover = second + " = %{marker.color:.4g}<extra></extra>"
    if dimensions >= 3:
        plot.add_scatter3d(
            x=points[:, 0], y=points[:, 1], z=points[:, 2], mode="markers", marker=marker, hovertemplate=hover
        )
    else:
        across = points[:, 1] if dimensions > 1 else function
        plot.add_scatter(x=points[:, 0], y=across, mode="markers", marker=marker, hovertemplate=hover)
        plot.update_xaxes(title="coordinate 1")
        plot.update_yaxes(title="coordinate 2" if dimensions > 1 else second)
        if dimensions > 1:
            plot.update_yaxes(scaleanchor="x")
    kept = int(result.summary["points"].value or 0)
    caption = setting(result)
    if len(points) < kept:
        caption += f"; the first {len(points):,} drawn"
    if dimensions > 3:
        caption += f"; the first three principal components of {dimensions} coordinates"
    return Figure(
        title="The points and their second parameter",
        plot=plot,
        reading=(
            "Points of low values enter first. Where clutter is bright and the shape is dark, the second parameter tells them apart; "
            "where both have one colour, it does not."
        ),
        caption=caption + ".",
        alt=f"Scatter of {len(points):,} points, coloured from {function.min():.3g} to {function.max():.3g}.",
        reference=REFERENCE,
        group="The item",
    )


def _laid_out(result: Result) -> Figure:
    """A graph or distances, at places that a layout gave them."""
    places, function = result.arrays["layout"], result.arrays["function"]
    second = str(result.summary["second"].value)
    of_graph = result.summary["filtration"].value == "graph"
    plot = go.Figure()
    if of_graph and "cells_vertices_1" in result.arrays:
        ends = places[result.arrays["cells_vertices_1"]]  # [edges, 2, 2]
        broken = np.concatenate([ends, np.full((len(ends), 1, 2), np.nan)], axis=1).reshape(-1, 2)
        plot.add_scatter(
            x=broken[:, 0], y=broken[:, 1], mode="lines", line={"color": NEUTRAL, "width": 1}, hoverinfo="skip"
        )
    plot.add_scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers",
        marker=_marker(result, 8),
        hovertemplate=second + " = %{marker.color:.4g}<extra></extra>",
    )
    plot.update_layout(showlegend=False)
    plot.update_xaxes(visible=False)
    plot.update_yaxes(visible=False, scaleanchor="x")
    what, placed = (
        ("vertices", "their distances on the page follow the numbers of edges between them (stress majorisation)")
        if of_graph
        else ("points", "classical scaling of the distances, so only roughly at these distances from each other")
    )
    return Figure(
        title="The graph and its second parameter" if of_graph else "The distances as points in the plane",
        plot=plot,
        reading=f"{what.capitalize()} of low values enter first. Where they are drawn carries no other meaning than nearness.",
        caption=f"{setting(result)}; {placed}.",
        alt=f"Drawing of {len(places):,} {what}, coloured from {function.min():.3g} to {function.max():.3g}.",
        reference=REFERENCE,
        group="The item",
    )


def _marker(result: Result, size: int) -> dict[str, object]:
    second = str(result.summary["second"].value)
    return {
        "color": result.arrays["function"],
        "colorscale": SEQUENTIAL,
        "size": size,
        "colorbar": {"title": {"text": second}, "thickness": 14},
    }


def _image(result: Result) -> Figure:
    image = result.arrays["image"]
    plot = go.Figure()
    plot.add_heatmap(
        z=image,
        customdata=result.arrays["function"].reshape(image.shape),
        colorscale=SEQUENTIAL,
        colorbar={"title": {"text": "brightness"}, "thickness": 14},
        hovertemplate="brightness %{z:.4g}<br>second parameter %{customdata:.4g}<extra></extra>",
    )
    plot.update_yaxes(autorange="reversed", scaleanchor="x")
    return Figure(
        title="The image",
        plot=plot,
        reading="Bright pixels enter first along the first parameter; the second parameter of each is shown on hover.",
        caption=f"{setting(result)}; {image.shape[0]} × {image.shape[1]} pixels.",
        alt=f"Image of {image.shape[0]} by {image.shape[1]} pixels.",
        reference=REFERENCE,
        group="The item",
    )
