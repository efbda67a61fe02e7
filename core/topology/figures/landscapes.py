"""Multiparameter landscapes as heatmaps, a panel for each layer."""

from __future__ import annotations

from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import SEQUENTIAL
from core.topology.figures.drawing import axis_names, degrees_of, setting


def landscape_figures(result: Result) -> dict[str, Figure]:
    """One for each degree."""
    return {f"landscape_H{degree}": _landscape(result, degree) for degree in degrees_of(result, "landscape_H")}


def _landscape(result: Result, degree: int) -> Figure:
    table = result.arrays[f"landscape_H{degree}"]
    highest = float(table.max())
    plot = make_subplots(
        rows=1, cols=len(table), shared_yaxes=True, subplot_titles=[f"layer {layer + 1}" for layer in range(len(table))]
    )
    first, second = axis_names(result)
    for layer, values in enumerate(table):
        plot.add_heatmap(
            x=result.arrays["landscape_radius"],
            y=result.arrays["landscape_level"],
            z=values.T,
            zmin=0,
            zmax=highest or 1.0,
            colorscale=SEQUENTIAL,
            showscale=layer == len(table) - 1,
            colorbar={"title": {"text": "λ"}, "thickness": 14},
            hovertemplate=f"layer {layer + 1}: %{{z:.4g}}<br>(%{{x:.4g}}, %{{y:.4g}})<extra></extra>",
            row=1,
            col=layer + 1,
        )
    plot.update_xaxes(title=first)
    plot.update_yaxes(title=second, col=1)
    return Figure(
        title=f"Landscapes of H{degree}",
        plot=plot,
        reading=(
            "How far one can go back and forth along the diagonal with at least so many classes alive: one bright hill in layer 1 "
            "and a dark layer 2 mean one class that lasts."
        ),
        caption=f"{setting(result)}; in units of the diagonal, {table.shape[1]} × {table.shape[2]} values.",
        alt=f"Heatmaps of {len(table)} landscape layers of H{degree}; the highest value is {highest:.3g}.",
        reference="Vipond, Journal of Machine Learning Research 21 (2020), definition of multiparameter landscapes",
        group="Landscapes",
    )
