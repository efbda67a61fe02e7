"""What averages gain: beside their members, by phase, on the plane, and on the line from a pretrained checkpoint."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.plane import Plane
from core.landscape.phase_map.labels import LABELS
from core.palette import NEUTRAL, SERIES

GROUP = "Averages"
MOST_FAMILIES = 6  # in one picture
CELLS_OF_A_PLANE = 6  # from which a heatmap says more than points
ZOO = "arXiv:2504.18072; arXiv:2209.04836, algorithm 3"
WORDS = {"none": "as they are", "to the first": "aligned to the first", "all at once": "aligned, all at once"}


def averaging_figures(result: Result) -> dict[str, Figure]:
    """The gains, then the gains by phase and on the plane, then the lines."""
    table = result.tables["averaging"]
    own = table[(table.metric == "accuracy") & ~table.method.str.startswith("WiSE-FT")]
    drawn = {}
    if len(own):
        drawn["averages"] = _gains(own)
    if "averaging_phases" in result.tables and len(result.tables["averaging_phases"]):
        drawn["averages_by_phase"] = _by_phase(own, result.tables["averaging_phases"])
        if len(result.tables["phases"]) >= CELLS_OF_A_PLANE:
            drawn["averages_plane"] = _plane(result, own)
    if "fine_tuning" in result.tables:
        drawn["fine_tuning"] = _lines(result.tables["fine_tuning"])
    return drawn


def _gains(own: pd.DataFrame) -> Figure:
    families = list(own.family.unique())
    shown = families if len(families) <= MOST_FAMILIES else families[-1:] + families[: MOST_FAMILIES - 1]
    plot = go.Figure()
    for number, family in enumerate(shown):
        rows = own[own.family == family]
        plot.add_scatter(
            x=rows.gain,
            y=_names(rows),
            mode="markers",
            name=family,
            marker={"color": SERIES[number % len(SERIES)], "size": 10},
            error_x={"type": "data", "array": 2 * rows.standard_error, "thickness": 1.5},
            customdata=np.stack([rows.value, rows.mean_member, rows.best_member, rows.used, rows.members], axis=-1),
            hovertemplate="%{y}<br>%{customdata[0]:.2f} %, mean member %{customdata[1]:.2f} %, best %{customdata[2]:.2f} %<br>"
            "%{customdata[3]} of %{customdata[4]} members<extra>%{fullData.name}</extra>",
        )
        best = rows.iloc[0]
        plot.add_scatter(
            x=[best.best_member - best.mean_member],
            y=["best member"],
            mode="markers",
            name=family,
            showlegend=False,
            marker={"color": SERIES[number % len(SERIES)], "size": 10, "symbol": "diamond-open"},
            hovertemplate="best member %{x:+.2f} points<extra>%{fullData.name}</extra>",
        )
    order = ["best member", *dict.fromkeys(_names(own))]
    plot.add_vline(x=0, line={"color": NEUTRAL, "width": 1.5, "dash": "dot"})
    plot.update_yaxes(categoryorder="array", categoryarray=order[::-1], automargin=True)
    plot.update_xaxes(title="points over the mean member")
    plot.update_layout(
        height=190 + 40 * len(order), legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    )
    top = own.iloc[int(own.gain.to_numpy().argmax())]
    return Figure(
        title="What averaging weights gains",
        plot=plot,
        reading=(
            "Right of the dotted line an average beats its mean member; right of the diamond it beats the best one, too. Far left: a "
            "barrier stands between the members, and the average falls onto it."
        ),
        caption=_caption(len(shown), len(families)),
        alt=f"Gains in accuracy of averages; the largest is {top.gain:+.2f} points: {top.method}, {WORDS[top.alignment]}, {top.family}.",
        reference="arXiv:2203.05482, recipe 1; arXiv:2111.09832, section 2; arXiv:2209.04836, algorithms 1 and 3",
        group=GROUP,
    )


def _caption(shown: int, families: int) -> str:
    few = f"{shown} of {families} families of checkpoints; accuracy" if shown < families else "Accuracy"
    return f"{few} on the same rows for averages and members; bars are two standard errors over rows."


def _names(rows: pd.DataFrame) -> list[str]:
    return [f"{method}, {WORDS[alignment]}" for method, alignment in zip(rows.method, rows.alignment, strict=True)]


def _by_phase(own: pd.DataFrame, gains: pd.DataFrame) -> Figure:
    """Cells as points, means of phases as bars, of the plain mean as it is and aligned."""
    cells = own[(own.method == "mean") & (own.phase != "")]
    means = gains[(gains.metric == "accuracy") & (gains.method == "mean")]
    phases = [name for name in (*LABELS, *cells.phase.unique()) if (cells.phase == name).any()]
    phases = list(dict.fromkeys(phases))
    plot = go.Figure()
    for number, alignment in enumerate(("none", "all at once")):
        rows, mean = cells[cells.alignment == alignment], means[means.alignment == alignment]
        if rows.empty:
            continue
        shift = 0.3 * (number - 0.5)
        colour = SERIES[number]
        plot.add_scatter(
            x=[phases.index(name) + shift + 0.1 for name in mean.phase],
            y=mean.gain,
            mode="markers",
            name=f"mean, {WORDS[alignment]}",
            marker={"color": colour, "size": 13, "symbol": "diamond"},
            error_y={"type": "data", "array": 2 * mean.standard_error, "thickness": 2},
            customdata=mean.cells,
            hovertemplate="%{y:+.2f} points over %{customdata} cells<extra></extra>",
        )
        plot.add_scatter(
            x=[phases.index(name) + shift for name in rows.phase],
            y=rows.gain,
            mode="markers",
            showlegend=False,
            marker={"color": colour, "size": 7, "opacity": 0.45},
            customdata=rows.family,
            hovertemplate="%{customdata}<br>%{y:+.2f} points<extra></extra>",
        )
    plot.add_hline(y=0, line={"color": NEUTRAL, "width": 1.5, "dash": "dot"})
    plot.update_xaxes(
        title="phase of the cell", tickvals=list(range(len(phases))), ticktext=phases, range=[-0.5, len(phases) - 0.5]
    )
    plot.update_yaxes(title="points over the mean member")
    plot.update_layout(legend={"orientation": "h", "y": 1.08, "x": 0})
    said = ", ".join(f"{one.phase} {WORDS[str(one.alignment)]} {one.gain:+.2f}" for one in means.itertuples())
    return Figure(
        title="Gain of averaging, by phase",
        plot=plot,
        reading=(
            "As the model zoo's study lays averages beside phases: diamonds are means over cells, points are the cells. Where the "
            "aligned mean reaches 0 or more, averaging is safe; where it stays below, the minima lie apart even in the best "
            "order of units that was found."
        ),
        caption=f"{cells.family.nunique():,} cells; bars are two standard errors over cells, of a single cell over rows.",
        alt=f"Mean gain in points by phase: {said}.",
        reference=ZOO,
        group=GROUP,
    )


def _plane(result: Result, own: pd.DataFrame) -> Figure:
    alignment = "all at once" if own.aligned.any() else "none"
    rows = own[(own.method == "mean") & (own.alignment == alignment) & own.load.notna()]
    cells = result.tables["phases"].merge(rows[["load", "temperature", "gain"]], "left", ["load", "temperature"])
    plane = Plane.of(cells, result.tables["axes"])
    plot = go.Figure()
    plane.values(plot, cells.gain, "points", signed=True)
    plane.lines(plot, result.tables["transition_lines"])
    plane.frame(plot)
    return Figure(
        title="Gain of averaging on the plane",
        plot=plot,
        reading=(
            "Around 0 and above: the mean of a cell's networks is as good as they are, or better. Lines: solid between sharp and flat, "
            "dashed between poorly and well connected."
        ),
        caption=f"The mean of the networks of each cell, {WORDS[alignment]}; points of accuracy over the mean member.",
        alt=f"Heatmap of the gain of averaging, from {rows.gain.min():.3g} to {rows.gain.max():.3g} points.",
        reference=ZOO,
        group=GROUP,
    )


def _lines(table: pd.DataFrame) -> Figure:
    plot = go.Figure()
    checkpoints = list(table.checkpoint.unique())
    for number, name in enumerate(checkpoints[:MOST_FAMILIES]):
        for place, (data, line) in enumerate(table[table.checkpoint == name].groupby("data", sort=False)):
            plot.add_scatter(
                x=line.alpha,
                y=line.accuracy,
                mode="lines+markers",
                name=f"{name}, {data}",
                line={"color": SERIES[number % len(SERIES)], "dash": ("solid", "dot")[place], "width": 2},
                marker={"size": np.where(line.chosen, 13, 6), "symbol": np.where(line.chosen, "star", "circle")},
                error_y={"type": "data", "array": 2 * line.standard_error, "thickness": 1},
                customdata=line.loss,
                hovertemplate="alpha %{x:.2f}: %{y:.2f} %, loss %{customdata:.4g}<extra>%{fullData.name}</extra>",
            )
    plot.update_xaxes(title="alpha, from pretrained to fine-tuned")
    plot.update_yaxes(title="accuracy, %")
    plot.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    chosen = table[table.chosen & (table.data == table.data.iloc[0])]
    return Figure(
        title="From the pretrained checkpoint to the fine-tuned one",
        plot=plot,
        reading=(
            "A hump between the ends: a mix of both weights is better than either. The star is the alpha that does best on the rows to "
            "choose by. A dip is a barrier: then fine-tuning left the valley that it started in."
        ),
        caption=f"{min(len(checkpoints), MOST_FAMILIES)} of {len(checkpoints)} fine-tuned checkpoints; bars are two standard errors over rows.",
        alt="Accuracy along the line; chosen alpha: "
        + ", ".join(f"{one.checkpoint} {one.alpha:.2f} with {one.accuracy:.2f} %" for one in chosen.itertuples())
        + ".",
        reference="arXiv:2109.01903, equation 1 and figure 1",
        group=GROUP,
    )
