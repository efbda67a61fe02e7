"""The regimes of pruning over density and temperature, and what they were read from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.plane import Plane, steps_of
from core.palette import DIVERGING, SEQUENTIAL

THREE_REGIMES = "arXiv:2305.18383, figure 1"
COLOURS = {"I": "#D55E00", "II-A": "#56B4E9", "II-B": "#009E73"}
PARTLY_KNOWN = "#C9CED4"
TURNS = {"raise": "▲", "lower": "▼", "": ""}
GROUP = "Measured"
READINGS = {
    "test_error": (
        "Test error after retraining",
        "%",
        "Read each density by itself, from cold to hot: the best temperature moves up as the network gets sparser.",
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
    present = [name for name in (*COLOURS, "II", "not measured") if (cells.phase == name).any()]
    codes = plane.on_grid(cells.phase.map({name: code for code, name in enumerate(present)}).astype(float))
    words = [
        f"{phase} {TURNS[turn]}<br>{error:.3g} %"
        for phase, turn, error in zip(cells.phase, cells.advised, cells.test_error, strict=True)
    ]
    plot = go.Figure()
    plot.add_heatmap(
        z=codes,
        zmin=-0.5,
        zmax=len(present) - 0.5,
        colorscale=steps_of([COLOURS.get(name, PARTLY_KNOWN) for name in present]),
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=plane.hover(),
        hovertemplate="%{customdata}<extra></extra>",
        text=plane.on_grid(pd.Series(words, index=cells.index, dtype=object)),
        texttemplate="%{text}",
        textfont={"size": 11, "color": "#101418"},
    )
    plane.frame(plot)
    counts = cells.phase.value_counts()
    checked = cells[cells.confirmed != ""]
    share = (
        f"; the advice is confirmed in {int((checked.confirmed == 'yes').sum())} of {len(checked)} cells"
        if len(checked)
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
    plot.add_heatmap(
        z=plane.on_grid(values),
        colorscale=DIVERGING if name == "lmc" else SEQUENTIAL,
        zmid=0 if name == "lmc" else None,
        colorbar={"title": {"text": unit, "side": "right"}, "thickness": 14},
        xgap=1,
        ygap=1,
        customdata=plane.hover(),
        hovertemplate="%{customdata}<extra></extra>",
    )
    plane.frame(plot)
    known = values[np.isfinite(values)]
    return Figure(
        title=title,
        plot=plot,
        reading=reading,
        caption=f"Means over dense networks and twins of each of {len(values):,} cells.",
        alt=f"Heatmap of {title.lower()} over density and temperature, from {known.min():.3g} to {known.max():.3g}.",
        reference="arXiv:2305.18383, section 3",
        group=GROUP,
    )
