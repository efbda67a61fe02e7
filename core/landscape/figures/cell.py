"""One cell of the plane seen closely: the curves between its networks, the spectrum and the surface of one of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.phase_map.labels import COLLAPSED
from core.palette import ACCENT, SEQUENTIAL, SERIES

GROUP = "Cell"
NARROW = 0.01  # standard deviation of a drawn eigenvalue, as a part of the range


def best_cell(result: Result) -> int | None:
    """The position of the cell with the smallest test error; None where all collapsed or none was measured."""
    cells = result.tables["phases"]
    error = cells.test_error.where(cells.phase != COLLAPSED).to_numpy(dtype=float)
    return None if np.isnan(error).all() else int(np.nanargmin(error))


def cell_figures(result: Result, position: int | None = None) -> dict[str, Figure]:
    """The pictures of one cell of a sweep; the best one where none is named."""
    if "pairs" not in result.tables or "surface" not in result.arrays:
        return {}
    place = best_cell(result) if position is None else position
    if place is None:
        return {}
    words = cell_words(result, place)
    drawn = {"cell_curves": _curves(result, place, words)}
    if np.isfinite(result.arrays["density_nodes"][place]).any():
        drawn["cell_spectrum"] = _spectrum(result, place, words)
    if np.isfinite(result.arrays["surface"][place]).any():
        drawn["cell_surface"] = _surface(result, place, words)
        drawn["cell_surface_3d"] = _surface_3d(result, place, words)
    return drawn


def cell_words(result: Result, position: int) -> str:
    """Where a cell lies, such as "width 16, learning rate 0.1"."""
    cell = result.tables["phases"].iloc[position]
    names = result.tables["axes"].set_index("axis").name
    return f"{names['load']} {cell['load']:.4g}, {names['temperature']} {cell['temperature']:.4g}"


def rows_of(result: Result, table: str, position: int) -> pd.DataFrame:
    """The rows of a table of the result that belong to a cell."""
    cell, rows = result.tables["phases"].iloc[position], result.tables[table]
    return rows[(rows["load"] == cell["load"]) & (rows["temperature"] == cell["temperature"])]


def _curves(result: Result, position: int, words: str) -> Figure:
    pairs = rows_of(result, "pairs", position)
    columns = sorted(str(name) for name in pairs.columns if str(name).startswith("error_"))
    places = np.linspace(0, 1, len(columns))
    plot = go.Figure()
    for number, (_, pair) in enumerate(pairs.iterrows()):
        name = f"seeds {int(pair['first'])} and {int(pair['second'])}"
        plot.add_scatter(
            x=places,
            y=pair[columns].to_numpy(dtype=float),
            mode="lines+markers",
            name=name,
            line={"color": SERIES[number % len(SERIES)], "width": 2},
            hovertemplate="%{y:.2f} points at t = %{x:.2f}<extra>" + name + "</extra>",
        )
    plot.update_xaxes(title="place on the curve, from one network to the other")
    plot.update_yaxes(title="training error, points", rangemode="tozero")
    mean = float(pairs.mode_connectivity.mean())
    return Figure(
        title="Curves between the networks of the cell",
        plot=plot,
        reading=(
            "A flat line: the networks lie in one valley. A hill is a barrier, and its height against the ends is the mode "
            "connectivity, below 0. A dip: the curve passes better points than its ends."
        ),
        caption=f"{words}; Bezier curves with a trained bend, {len(columns)} places; mode connectivity on average {mean:.2f} points.",
        alt=f"Training error along {len(pairs)} curves; mode connectivity on average {mean:.2f} points.",
        reference="arXiv:1802.10026, equation 2",
        group=GROUP,
    )


def _spectrum(result: Result, position: int, words: str) -> Figure:
    nodes, weights = result.arrays["density_nodes"][position], result.arrays["density_weights"][position]
    known = np.isfinite(nodes)
    nodes, weights = nodes[known], weights[known]
    span = float(np.ptp(nodes)) or max(abs(float(nodes[0])), 1.0)
    grid = np.linspace(nodes.min() - 0.05 * span, nodes.max() + 0.05 * span, 400)
    width = NARROW * span
    density = np.exp(-0.5 * ((grid[:, None] - nodes) / width) ** 2) / (width * np.sqrt(2 * np.pi)) @ weights
    plot = go.Figure()
    plot.add_scatter(
        x=grid, y=np.maximum(density, density.max() * 1e-7), mode="lines", line={"color": ACCENT, "width": 2}
    )
    plot.update_yaxes(title="density (log)", type="log", exponentformat="power")
    plot.update_xaxes(title="eigenvalue of the Hessian")
    return Figure(
        title="Spectrum of the Hessian",
        plot=plot,
        reading=(
            "Most eigenvalues lie in the heap at 0; the bumps on the right are the few sharp directions. Mass left of 0 says that "
            "training stopped at a saddle."
        ),
        caption=f"{words}, first seed; Lanczos quadrature; the largest eigenvalue found is {nodes.max():.4g}, the smallest {nodes.min():.3g}.",
        alt=f"Spectral density from {nodes.min():.3g} to {nodes.max():.4g}.",
        reference="arXiv:1901.10159, algorithm 1",
        group=GROUP,
    )


def _surface(result: Result, position: int, words: str) -> Figure:
    places, losses = result.arrays["surface_places"], result.arrays["surface"][position]
    plot = go.Figure()
    plot.add_contour(
        x=places,
        y=places,
        z=_log(losses).T,
        colorscale=SEQUENTIAL,
        contours={"coloring": "heatmap"},
        line={"width": 0.6},
        ncontours=18,
        customdata=losses.T,
        hovertemplate="loss %{customdata:.4g}<br>(%{x:.2f}, %{y:.2f})<extra></extra>",
        colorbar={"title": {"text": "log10 loss", "side": "right"}, "thickness": 14},
    )
    plot.add_scatter(
        x=[0],
        y=[0],
        mode="markers",
        marker={"symbol": "cross", "size": 11, "color": "white", "line": {"color": "black", "width": 1}},
        hovertemplate="the network<extra></extra>",
        showlegend=False,
    )
    plot.update_xaxes(title="first direction, filter lengths")
    plot.update_yaxes(title="second direction, filter lengths", scaleanchor="x")
    return Figure(
        title="Training loss around a network",
        plot=plot,
        reading=(
            "The network is the cross. Wide, round contours: flat. Two random directions see little of a space of many: compare "
            "cells with each other rather than read one."
        ),
        caption=_surface_caption(losses, words),
        alt=f"Contours of the loss around the network, from {np.nanmin(losses):.3g} to {np.nanmax(losses):.3g} nats.",
        reference="arXiv:1712.09913, section 4",
        group=GROUP,
    )


def _surface_3d(result: Result, position: int, words: str) -> Figure:
    places, losses = result.arrays["surface_places"], result.arrays["surface"][position]
    plot = go.Figure()
    plot.add_surface(
        x=places,
        y=places,
        z=losses.T,
        colorscale=SEQUENTIAL,
        colorbar={"title": {"text": "loss, nats", "side": "right"}, "thickness": 14},
        hovertemplate="loss %{z:.4g}<br>(%{x:.2f}, %{y:.2f})<extra></extra>",
    )
    plot.update_layout(
        scene={"xaxis": {"title": "first"}, "yaxis": {"title": "second"}, "zaxis": {"title": "loss"}}, height=480
    )
    return Figure(
        title="The same in three dimensions",
        plot=plot,
        reading="Drag to turn. The height is the loss itself, so that a cliff is a cliff.",
        caption=_surface_caption(losses, words),
        alt=f"Surface of the loss around the network, from {np.nanmin(losses):.3g} to {np.nanmax(losses):.3g} nats.",
        reference="arXiv:1712.09913, section 4",
        group=GROUP,
    )


def _surface_caption(losses: np.ndarray, words: str) -> str:
    middle = losses.shape[0] // 2
    return (
        f"{words}, first seed; filter-normalised random directions, {losses.shape[0]} × {losses.shape[1]} points; loss of the "
        f"network {losses[middle, middle]:.4g} nats."
    )


def _log(losses: np.ndarray) -> np.ndarray:
    return np.log10(np.maximum(losses, 1e-8))
