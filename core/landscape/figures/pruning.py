"""The regimes of pruning over density and temperature, and what they were read from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.plane import Plane
from core.landscape.phase_map.labels import COLLAPSED

THREE_REGIMES = "arXiv:2305.18383, figure 1"
COLOURS = {"I": "#D55E00", "II-A": "#56B4E9", "II-B": "#009E73"}
TURNS = {"raise": "▲", "lower": "▼", "": ""}
GROUP = "Measured"
READINGS = {
    "test_error": (
        "Test error after retraining",
        "%",
        "Read each density by itself, from cold to hot. The paper finds that the best temperature moves up as the network gets sparser.",
    ),
    "lmc": (
        "Linear mode connectivity of twins",
        "points of training error",
        "Around 0: twins of one pruned network lie in one valley. Below 0: a barrier stands between them, regime I.",
    ),
    "cka": ("Similarity of twins (CKA)", "CKA", "Inside regime II it parts A, not yet alike, from B, alike."),
}


def pruning_figures(result: Result) -> dict[str, Figure]:
    """The map of regimes first, then what was measured."""
    cells = result.tables["regimes"].rename(columns={"density": "load", "regime": "phase"})
    plane = Plane.of(cells, result.tables["pruning_axes"])
    drawn = {"regime_map": _map(plane)}
    for name in READINGS:
        if cells[name].notna().any():
            drawn[f"pruning_{name}"] = _measured(plane, name)
    return drawn


def _map(plane: Plane) -> Figure:
    cells = plane.cells
    present = [name for name in (*COLOURS, "II", "not measured", COLLAPSED) if (cells.phase == name).any()]
    words = [
        f"{phase} {TURNS[turn]}<br>{error:.3g} %"
        for phase, turn, error in zip(cells.phase, cells.advised, cells.test_error, strict=True)
    ]
    plot = go.Figure()
    plane.labels(plot, present, COLOURS, pd.Series(words, index=cells.index, dtype=object))
    plane.frame(plot)
    counts = cells.phase.value_counts()
    verdicts = cells.confirmed.value_counts()
    decided = int(verdicts.get("yes", 0) + verdicts.get("no", 0))
    share = (
        f"; the advice is confirmed in {verdicts.get('yes', 0)} of {decided} cells whose gain exceeds its standard error"
        if decided
        else ""
    )
    return Figure(
        title="Regimes of pruning",
        plot=plot,
        reading=(
            "Choose your density. ▲ asks for hotter dense training before pruning, ▼ for colder; II-B is the target. The number is the "
            "test error after retraining, which shows whether following the arrow pays."
        ),
        caption=(
            f"{len(cells):,} cells; a barrier counts from 1.75 points or two standard errors on, II is parted by Otsu's split of CKA; no "
            f"threshold was fitted{share}."
        ),
        alt="Map of regimes over density and temperature: "
        + ", ".join(f"{counts[name]} cells {name}" for name in present)
        + ".",
        reference=THREE_REGIMES,
    )


def _measured(plane: Plane, name: str) -> Figure:
    title, unit, reading = READINGS[name]
    values = plane.cells[name].astype(float)
    plot = go.Figure()
    plane.values(plot, values, unit, signed=name == "lmc")
    plane.frame(plot)
    known = values[np.isfinite(values)]
    return Figure(
        title=title,
        plot=plot,
        reading=reading,
        caption=f"Means over dense networks and twins of each of {len(values):,} cells.",
        alt=f"Heatmap of {title[0].lower()}{title[1:]} over density and temperature, from {known.min():.3g} to {known.max():.3g}.",
        reference="arXiv:2305.18383, section 3",
        group=GROUP,
    )
