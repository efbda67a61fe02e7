"""The item itself, coloured by its second parameter."""

from __future__ import annotations

import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import SEQUENTIAL
from core.topology.figures.drawing import setting

REFERENCE = "The second parameter: core.topology.functions"


def item_figures(result: Result) -> dict[str, Figure]:
    """Points or an image; nothing of graphs and distances, which have no places to be drawn at."""
    if "points" in result.arrays:
        return {"item": _points(result)}
    return {"item": _image(result)} if "image" in result.arrays else {}


def _points(result: Result) -> Figure:
    points, function = result.arrays["points"], result.arrays["function"]
    dimensions = points.shape[1]
    second = str(result.summary["second"].value)
    marker = {
        "color": function,
        "colorscale": SEQUENTIAL,
        "size": 3 if dimensions == 3 else 7,
        "colorbar": {"title": {"text": second}, "thickness": 14},
    }
    plot = go.Figure()
    hover = second + " = %{marker.color:.4g}<extra></extra>"
    if dimensions == 3:
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
        caption += f"; the first two of {dimensions} coordinates"
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
