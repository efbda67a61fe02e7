"""Checkpoints that a person brought: curvature, spectra, curves, similarity, and the plane in which they lie."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, SEQUENTIAL, SERIES

MOST_LINES = 6  # curves or spectra in one picture
NARROW = 0.01  # standard deviation of a drawn eigenvalue, as a part of the range
GROUP = "Checkpoints"
PAPER_NAME = "softmax, mixup, biased"  # of the flavour that the taxonomy plots


def checkpoint_figures(result: Result) -> dict[str, Figure]:
    """The pictures of mode `checkpoints`, in the order in which they are read."""
    drawn = {"curvature": _curvature(result), "spectra": _spectra(result)}
    if len(result.tables["connectivity"]):
        drawn["paths"] = _paths(result)
        drawn["similarity"] = _similarity(result)
    drawn["plane"] = _plane(result)
    return drawn


def _names(result: Result) -> list[str]:
    return list(dict.fromkeys(result.tables["curvature"].checkpoint.astype(str)))


def _curvature(result: Result) -> Figure:
    table = result.tables["curvature"]
    traces = table[table.quantity == "trace"]
    largest = table[(table.quantity == "eigenvalue") & (table["index"] == 1)]
    plot = go.Figure()
    plot.add_scatter(
        x=traces.value,
        y=traces.checkpoint,
        mode="markers",
        name="trace",
        marker={"color": ACCENT, "size": 10},
        error_x={"type": "data", "array": 2 * traces.standard_error, "color": ACCENT, "thickness": 1.5},
        hovertemplate="trace %{x:.5g}<extra>%{y}</extra>",
    )
    plot.add_scatter(
        x=largest.value,
        y=largest.checkpoint,
        mode="markers",
        name="largest eigenvalue",
        marker={"color": SERIES[1], "size": 10, "symbol": "diamond"},
        hovertemplate="largest eigenvalue %{x:.5g}<extra>%{y}</extra>",
    )
    plot.update_yaxes(autorange="reversed", automargin=True)
    plot.update_xaxes(title="curvature of the training loss")
    plot.update_layout(height=160 + 34 * len(traces))
    return Figure(
        title="How sharp each checkpoint is",
        plot=plot,
        reading=(
            "Further left is flatter. Bars are two standard errors of the trace. Flat is not good by itself: what has learned nothing is "
            "the flattest."
        ),
        caption=f"{len(traces)} checkpoints; at most {int(table.products.max())} Hessian products each; mode {table['mode'].iloc[0]}.",
        alt="Trace and largest eigenvalue: "
        + ", ".join(f"{name} {value:.4g}" for name, value in zip(traces.checkpoint, traces.value, strict=True))
        + ".",
        reference="arXiv:1912.07145, section 3; arXiv:2010.09649",
        group=GROUP,
    )


def _spectra(result: Result) -> Figure:
    plot = go.Figure()
    nodes, weights = result.arrays["density_nodes"], result.arrays["density_weights"]
    low, high = float(np.nanmin(nodes)), float(np.nanmax(nodes))
    span = (high - low) or max(abs(high), 1.0)
    grid = np.linspace(low - 0.05 * span, high + 0.05 * span, 400)
    width = NARROW * span
    for number, name in enumerate(_names(result)[:MOST_LINES]):
        known = np.isfinite(nodes[number])
        bells = np.exp(-0.5 * ((grid[:, None] - nodes[number][known]) / width) ** 2) / (width * np.sqrt(2 * np.pi))
        density = bells @ weights[number][known]
        plot.add_scatter(
            x=grid,
            y=np.maximum(density, density.max() * 1e-7),
            mode="lines",
            name=name,
            line={"color": SERIES[number % len(SERIES)], "width": 2},
        )
    plot.update_yaxes(title="density (log)", type="log", exponentformat="power")
    plot.update_xaxes(title="eigenvalue of the Hessian")
    return Figure(
        title="Spectra of the Hessians",
        plot=plot,
        reading=(
            "The heap at 0 holds most eigenvalues; bumps on the right are the few sharp directions. Mass left of 0 says that training "
            "stopped at a saddle."
        ),
        caption=f"The first {min(len(nodes), MOST_LINES)} of {len(nodes)} checkpoints; Lanczos quadrature.",
        alt=f"Spectral densities from {low:.3g} to {high:.4g}.",
        reference="arXiv:1901.10159, algorithm 1",
        group=GROUP,
    )


def _paths(result: Result) -> Figure:
    curves = result.tables["curves"]
    plot = go.Figure()
    pairs = curves[["first", "second"]].drop_duplicates().head(MOST_LINES)
    for number, (_, pair) in enumerate(pairs.iterrows()):
        own = curves[(curves["first"] == pair["first"]) & (curves["second"] == pair["second"])]
        for (path, is_aligned), line in own.groupby(["path", "aligned"], sort=False):
            dash = {"bezier": "solid"}.get(str(path), "dot" if is_aligned else "dash")
            plot.add_scatter(
                x=line.place,
                y=line.error,
                mode="lines",
                name=f"{pair['first']} – {pair['second']}",
                legendgroup=str(number),
                showlegend=path == "bezier",
                line={"color": SERIES[number % len(SERIES)], "dash": dash, "width": 2},
                hovertemplate="%{y:.2f} points<extra>" + f"{path}{', aligned' if is_aligned else ''}" + "</extra>",
            )
    plot.update_xaxes(title="place on the path, from the first checkpoint to the second")
    plot.update_yaxes(title="training error, points", rangemode="tozero")
    table = result.tables["connectivity"]
    mean = table[table.path == "bezier"].mode_connectivity.mean()
    return Figure(
        title="Paths between checkpoints",
        plot=plot,
        reading=(
            "Solid: a curve with a trained bend; dashed: the straight line; dotted: the line after the second one's units were put in "
            "the order of the first's. A hill is a barrier; one that alignment takes away was an order of units."
        ),
        caption=f"The first {len(pairs)} of {len(table[table.path == 'bezier'])} pairs; mode connectivity of curves on average {mean:.2f} points.",
        alt=f"Training error along paths; mode connectivity on average {mean:.2f} points.",
        reference="arXiv:1802.10026, equation 2; arXiv:2209.04836",
        group=GROUP,
    )


def _similarity(result: Result) -> Figure:
    names, table = _names(result), result.tables["similarity"]
    own = table[table.flavour == f"CKA: {PAPER_NAME}"]
    matrix = pd.DataFrame(np.where(np.eye(len(names), dtype=bool), 1.0, np.nan), index=names, columns=names)
    for _, row in own.iterrows():
        matrix.loc[row["first"], row["second"]] = matrix.loc[row["second"], row["first"]] = row["value"]
    plot = go.Figure(
        go.Heatmap(
            z=matrix.to_numpy(),
            x=names,
            y=names,
            colorscale=SEQUENTIAL,
            zmax=1,
            colorbar={"title": {"text": "CKA", "side": "right"}, "thickness": 14},
            hovertemplate="%{z:.4f}<extra>%{y} – %{x}</extra>",
        )
    )
    plot.update_yaxes(autorange="reversed", automargin=True)
    return Figure(
        title="How alike the checkpoints are",
        plot=plot,
        reading="Near 1: the outputs agree up to rotation and scale. The table has every flavour; the flavour changes the number.",
        caption=f"CKA of {len(own)} pairs: {PAPER_NAME}; empty pairs were not measured.",
        alt=f"Matrix of CKA, from {own.value.min():.3g} to {own.value.max():.3g}.",
        reference="arXiv:1905.00414, equation 3",
        group=GROUP,
    )


def _plane(result: Result) -> Figure:
    places, losses, trajectory = (result.arrays[name] for name in ("surface_places", "surface", "trajectory"))
    names = _names(result)
    plot = go.Figure()
    plot.add_contour(
        x=places,
        y=places,
        z=np.log10(np.maximum(losses, 1e-8)).T,
        colorscale=SEQUENTIAL,
        contours={"coloring": "heatmap"},
        line={"width": 0.6},
        ncontours=18,
        customdata=losses.T,
        hovertemplate="loss %{customdata:.4g}<br>(%{x:.2f}, %{y:.2f})<extra></extra>",
        colorbar={"title": {"text": "log10 loss", "side": "right"}, "thickness": 14},
    )
    plot.add_scatter(
        x=trajectory[:, 0],
        y=trajectory[:, 1],
        mode="lines+markers",
        text=names,
        line={"color": "white", "width": 1.2},
        marker={
            "symbol": ["cross", *["circle"] * (len(trajectory) - 1)],
            "size": 10,
            "color": "white",
            "line": {"color": "black", "width": 1},
        },
        customdata=100 * trajectory[:, 2],
        hovertemplate="%{text}<br>%{customdata:.0f} % of its distance lies in the plane<extra></extra>",
        showlegend=False,
    )
    plot.update_xaxes(title="first direction", range=[float(places[0]), float(places[-1])])
    plot.update_yaxes(title="second direction", range=[float(places[0]), float(places[-1])])
    middle = len(places) // 2
    return Figure(
        title="The plane around the first checkpoint",
        plot=plot,
        reading=(
            "The cross is the first checkpoint, the others stand where they are projected; how much of each one's distance lies in the "
            "plane is said on hover. What lies outside of it is not seen."
        ),
        caption=f"{len(places)} × {len(places)} points; loss of the first checkpoint {losses[middle, middle]:.4g} nats.",
        alt=f"Contours of the loss, from {np.nanmin(losses):.3g} to {np.nanmax(losses):.3g} nats, with {len(names)} checkpoints.",
        reference="arXiv:1712.09913, sections 4 and 7",
        group=GROUP,
    )
