"""The phase map, and the metrics that it was read from, each with the lines on which phases change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.plane import PARTLY_KNOWN, Plane
from core.landscape.phase_map.labels import COLLAPSED, LABELS

TAXONOMY = "arXiv:2107.11228, figure 2"
COLOURS = {
    "I": "#D55E00",
    "II": "#E69F00",
    "III": "#CC79A7",
    "IV-A": "#56B4E9",
    "IV-B": "#009E73",
    COLLAPSED: "#9AA3AC",
}
MOST_WORDS = 170  # cells that carry their label as text
GROUP = "Metrics"
READINGS = {
    "train_loss": (
        "Training loss",
        "log10 of nats",
        "Dark is low. The step along which it drops is the transition from sharp to flat; cells that stay at the loss of guessing "
        "learned nothing.",
    ),
    "trace": (
        "Trace of the Hessian",
        "ln of the mean trace",
        "Dark is flat. Flat alone is no good sign: phase III is flat and poorly connected, and collapsed cells are the flattest.",
    ),
    "mode_connectivity": (
        "Mode connectivity",
        "points of training error",
        "Around 0: seeds are connected. Below 0: a barrier stands between them. Above 0: the curve passes better points than its "
        "ends, which had not converged.",
    ),
    "cka": (
        "Similarity of seeds (CKA)",
        "CKA",
        "Networks of one cell that agree in their outputs are near 1. Only inside IV does it tell phases apart.",
    ),
    "test_error": ("Test error", "%", "What all of this is for: the paper finds its lowest values in IV-B."),
}


def phase_figures(result: Result) -> dict[str, Figure]:
    """The map first, then each metric that was measured."""
    plane = Plane.of(result.tables["phases"], result.tables["axes"])
    drawn = {"phase_map": _map(result, plane)}
    for name in READINGS:
        if name in plane.cells and plane.cells[name].notna().any():
            drawn[f"plane_{name}"] = _metric(result, plane, name)
    return drawn


def _map(result: Result, plane: Plane) -> Figure:
    present = [name for name in LABELS if (plane.cells.phase == name).any()]
    plot = go.Figure()
    plane.labels(plot, present, COLOURS, _labels(plane.cells) if len(plane.cells) <= MOST_WORDS else None)
    if len(plane.cells) > MOST_WORDS:
        _legend(plot, present)
    plane.lines(plot, result.tables["transition_lines"], named=True)
    plane.frame(plot)
    plot.update_layout(legend={"orientation": "h", "y": 1.08, "x": 0})
    counts = plane.cells.phase.value_counts()
    return Figure(
        title="Phases of the temperature-load plane",
        plot=plot,
        reading=(
            "Each cell has its phase and the share of resamples that keep it. Go from where you are towards IV-B; I and III are left "
            "by the load, II by the temperature. A number well below 1 is a cell near a transition."
        ),
        caption=(
            f"{len(plane.cells):,} cells; labels by Otsu's splits of training loss and trace, a barrier of 1.75 points or two standard "
            "errors, and Otsu's split of CKA inside IV; no threshold was fitted to labels."
        ),
        alt="Map of phases over load and temperature: "
        + ", ".join(f"{counts[name]} cells {name}" for name in present)
        + ".",
        reference=TAXONOMY,
    )


def _labels(cells: pd.DataFrame) -> pd.Series:
    return pd.Series(
        [
            "–" if phase == COLLAPSED else f"{phase}<br>{confidence:.2f}"
            for phase, confidence in zip(cells.phase, cells.confidence, strict=True)
        ],
        index=cells.index,
        dtype=object,
    )


def _legend(plot: go.Figure, present: list[str]) -> None:
    for name in present:
        plot.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": "square", "size": 12, "color": COLOURS.get(name, PARTLY_KNOWN)},
            name=name,
        )


def _metric(result: Result, plane: Plane, name: str) -> Figure:
    title, unit, reading = READINGS[name]
    values = plane.cells[name].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "train_loss":
            values = values.map(np.log10)
        elif name == "trace":
            values = values.map(np.log)
    values = values.where(np.isfinite(values))
    missing = int(values.isna().sum())
    plot = go.Figure()
    plane.values(plot, values, unit, signed=name == "mode_connectivity")
    plane.lines(plot, result.tables["transition_lines"])
    plane.frame(plot)
    known = plane.cells[name].dropna()
    return Figure(
        title=title,
        plot=plot,
        reading=f"{reading} Lines: solid between sharp and flat, dashed between poorly and well connected.",
        caption=f"Means over the seeds or pairs of each of {len(plane.cells):,} cells"
        + (f"; {missing:,} cells have no value here" if missing else "")
        + ".",
        alt=f"Heatmap of {title.lower()} over load and temperature, from {known.min():.3g} to {known.max():.3g}.",
        reference="arXiv:2107.11228, section 2",
        group=GROUP,
    )
