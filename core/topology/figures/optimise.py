"""Pictures of mode `optimise`: the moving cloud, the loss, and what was there before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES
from core.topology.describe_report import degree_name
from core.topology.figures.drawing import axis_names, setting, whole_numbers
from core.topology.figures.film import film

REFERENCE = "Gradients of multiparameter persistent homology: arXiv:2406.07224"
HILBERT, MEASURES = "Hilbert functions", "Signed measures"
PARTS = {"topology": "topology", "box": "box", "anchor": "anchor"}


def optimise_figures(result: Result) -> dict[str, Figure]:
    """The film and the loss first, then Hilbert functions and signed measures of each degree, before beside after."""
    drawn = {"film": film(result), "loss": _loss(result)}
    for degree in _degrees(result):
        for when in ("before", "after"):
            drawn[f"hilbert_{when}_H{degree}"] = _hilbert(result, when, degree)
    for degree in _degrees(result):
        drawn[f"optimised_measure_H{degree}"] = _measure(result, degree)
    return drawn


def _degrees(result: Result) -> list[int]:
    names = [name.removeprefix("hilbert_before_H") for name in result.arrays if name.startswith("hilbert_before_H")]
    return sorted(map(int, names), reverse=True)


def _loss(result: Result) -> Figure:
    table = result.tables["loss"]
    best = _best(result)
    plot = go.Figure()
    for start, rows in table.groupby("start"):
        mine = start == best
        plot.add_scatter(
            x=rows.iteration,
            y=rows.loss,
            mode="lines" if len(rows) > 1 else "markers",
            name=f"start {start}" if table.start.nunique() > 1 else "loss",
            line={"color": ACCENT if mine else NEUTRAL, "width": 2.5 if mine else 1},
            hovertemplate="iteration %{x}<br>loss %{y:.5g}<extra></extra>",
        )
    rows = table[table.start == best]
    for place, (column, name) in enumerate(PARTS.items()):
        if (rows[column] != 0).any() and rows[["box", "anchor"]].to_numpy().any():
            plot.add_scatter(
                x=rows.iteration,
                y=rows[column],
                mode="lines",
                name=name,
                line={"color": SERIES[place + 1], "width": 1.2, "dash": "dot"},
                hovertemplate=name + " %{y:.5g}<extra></extra>",
            )
    plot.update_xaxes(title="iteration")
    plot.update_yaxes(title="loss")
    first, last = float(rows.loss.iloc[0]), float(rows.loss.iloc[-1])
    return Figure(
        title="The loss by iteration",
        plot=plot,
        reading=(
            "A curve that falls and flattens has arrived; one that still falls wants more iterations, and one that jumps up and down "
            "a lower learning rate. The dotted parts add up to the loss."
        ),
        caption=f"{setting(result)}; Adam, {len(rows) - 1:,} iterations"
        + (f", {table.start.nunique():,} starts, the shown one in blue." if table.start.nunique() > 1 else "."),
        alt=f"Line of the loss from {first:.4g} at the start to {last:.4g} at the end.",
        reference="Adam: Kingma and Ba, 2015, algorithm 1",
    )


def _best(result: Result) -> int:
    """The start that the film shows, from 1: the one that ends lowest."""
    ends = result.tables["loss"].groupby("start").loss.last()
    return int(ends.index[int(ends.to_numpy().argmin())])


def _hilbert(result: Result, when: str, degree: int) -> Figure:
    table = result.arrays[f"hilbert_{when}_H{degree}"]
    plot = go.Figure()
    whole_numbers(plot, result.arrays["grid_radius"], result.arrays["grid_level"], table, f"H{degree}")
    first, second = axis_names(result)
    plot.update_xaxes(title=first)
    plot.update_yaxes(title=second)
    many = degree_name(degree, 2)
    return Figure(
        title=f"Hilbert function of H{degree} {when}",
        plot=plot,
        reading=f"How many {many} there are at each radius and level, on the same axes before and after (each in colours "
        "of its own): areas that grew or went are what the optimisation changed.",
        caption=f"{setting(result)}; sampled exactly on {table.shape[0]} × {table.shape[1]} values.",
        alt=f"Heatmap of the number of {many} {when}; the largest is {int(table.max()):,}.",
        reference="Hilbert function: arXiv:2306.03801, section 3",
        group=HILBERT,
    )


def _measure(result: Result, degree: int) -> Figure:
    table: pd.DataFrame = result.tables["optimised_measure"]
    rows = table[table.degree == degree]
    plot = go.Figure()
    for when, colour, opacity in (("before", NEUTRAL, 0.5), ("after", ACCENT, 0.7)):
        part = rows[rows.when == when]
        plot.add_scatter(
            x=part.radius,
            y=part.level,
            mode="markers",
            name=when,
            marker={
                "color": colour,
                "opacity": opacity,
                "symbol": np.where(part.weight > 0, "circle", "diamond-open"),
                "size": 7,
            },
            customdata=part.weight,
            hovertemplate="weight %{customdata:+d}<br>(%{x:.4g}, %{y:.4g})<extra>" + when + "</extra>",
        )
    first, second = axis_names(result)
    plot.update_xaxes(title=first)
    plot.update_yaxes(title=second)
    counts = rows.when.value_counts()
    return Figure(
        title=f"Signed measure of H{degree} before and after",
        plot=plot,
        reading="Full discs begin classes, open diamonds end them. Discs far from their diamonds are classes that last.",
        caption=f"{setting(result)}; {int(counts.get('before', 0)):,} Diracs before, {int(counts.get('after', 0)):,} after.",
        alt=f"Scatter of the Diracs of H{degree} before and after, over radius and level.",
        reference="Moebius inverse of the Hilbert function: arXiv:2306.03801, section 3",
        group=MEASURES,
    )
