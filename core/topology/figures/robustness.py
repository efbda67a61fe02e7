"""Pictures of mode `robustness`: how far features move, and measured distances below what bounds them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, SERIES, translucent
from core.topology.robustness_report import degree_title

GROUP = "Distances and bounds"
STABILITY = "arXiv:2306.03801, theorem 1"
AXES = {
    "noise": "noise, % of the diameter",
    "outliers": "outliers, % of the points",
    "subsample": "left out, % of the points",
}
AXES_OF_VALUES = {
    "noise": "noise, % of the range of the values",
    "outliers": "broken pixels, %",
    "subsample": "left out, % of the vertices",
}


def robustness_figures(result: Result) -> dict[str, Figure]:
    """Features first, then each sweep with its bounds, then all ratios."""
    sweeps = list(dict.fromkeys(result.tables["robustness"].sweep))
    return {
        "movement": _movement(result, sweeps),
        **{f"bounds_{sweep}": _bounds(result, sweep) for sweep in sweeps},
        "ratios": _ratios(result, sweeps),
    }


def change(sweep: str, size: pd.Series) -> np.ndarray:
    """The size of a perturbation in %: of a subsample what was left out.

    >>> change("subsample", pd.Series([0.75])).tolist(), change("noise", pd.Series([0.02])).tolist()
    ([25.0], [2.0])
    """
    share = size.to_numpy(dtype=float)
    return 100 * (1 - share if sweep == "subsample" else share)


def _axis(result: Result, sweep: str) -> str:
    of_values = result.summary["filtration"].value in ("graph", "cubical")
    return (AXES_OF_VALUES if of_values else AXES)[sweep]


def _movement(result: Result, sweeps: list[str]) -> Figure:
    table = result.tables["movement"]
    plot = go.Figure()
    for place, sweep in enumerate(sweeps):
        part = table[table.sweep == sweep]
        x, colour = change(sweep, part["size"]), SERIES[place]
        _band(plot, x, part.share_low, part.share_high, colour)
        plot.add_scatter(
            x=x,
            y=part.share,
            mode="lines+markers",
            name=_axis(result, sweep).partition(",")[0],
            line={"color": colour, "width": 2},
            hovertemplate="%{x:.3g} " + _axis(result, sweep).partition(", ")[2] + ": %{y:.3g}<extra></extra>",
        )
    yardstick = result.summary["yardstick"]
    plot.add_hline(y=1.0, line={"color": NEUTRAL, "width": 1.5, "dash": "dash"})
    plot.add_scatter(x=[None], y=[None], mode="lines", name="yardstick", line={"color": NEUTRAL, "dash": "dash"})
    if "same_class" in result.summary and float(yardstick.value or 0) > 0:
        within = float(result.summary["same_class"].value or 0) / float(yardstick.value or 1)
        plot.add_hline(y=within, line={"color": NEUTRAL, "width": 1.5, "dash": "dot"})
        plot.add_scatter(
            x=[None], y=[None], mode="lines", name="within the class", line={"color": NEUTRAL, "dash": "dot"}
        )
    _log_axis(
        plot, "size of the change, %", np.concatenate([change(s, table[table.sweep == s]["size"]) for s in sweeps])
    )
    plot.update_yaxes(title="movement of the features / yardstick", rangemode="tozero")
    first = table[table.sweep == sweeps[0]].iloc[-1]
    return Figure(
        title="How far a change moves the features",
        plot=plot,
        reading=(
            "At 1 the features have moved as far as the yardstick, and an item can no longer be told from what it is compared "
            "with. A line that stays well below is what a classifier needs; one that is there at once means that the features "
            "follow the accident of the sample."
        ),
        caption=f"{_setting(result)}; yardstick: {_lower(yardstick.description)} Line: median, band: least to most of the draws. "
        + "; ".join(_axis(result, sweep) for sweep in sweeps)
        + ".",
        alt=f"Movement of the features over the size of {', '.join(sweeps)}; {sweeps[0]} of {100 * first['size']:.3g} % moves them "
        f"by {first.share:.3g} times the yardstick.",
        reference="Lipschitz continuity of the convolution: arXiv:2306.03801, section 4",
    )


def _bounds(result: Result, sweep: str) -> Figure:
    table = result.tables["robustness"]
    table = table[table.sweep == sweep]
    plot = go.Figure()
    for place, degree in enumerate(dict.fromkeys(table.degree)):
        part = table[table.degree == degree]
        name, colour = degree_title(degree), SERIES[place % len(SERIES)]
        middle = part.groupby("size", sort=False)[["distance", "bound", "small_bound"]].median()
        spread = part.groupby("size", sort=False).distance
        x = change(sweep, middle.index.to_series())
        _band(plot, x, spread.min(), spread.max(), colour)
        lines = [("distance", "distance", "solid", 2), ("bound", "bound, whole complex", "dot", 1.5)]
        if not np.array_equal(middle.bound, middle.small_bound):
            lines.insert(1, ("small_bound", "bound, small complex", "dash", 1.5))
        for column, words, dash, width in lines:
            plot.add_scatter(
                x=x,
                y=middle[column],
                mode="lines",
                name=f"{name}: {words}",
                line={"color": colour, "width": width, "dash": dash},
                hovertemplate=f"{name}, {words}: " + "%{y:.4g} at %{x:.3g} %<extra></extra>",
            )
        plot.add_scatter(
            x=change(sweep, part["size"]),
            y=part.distance,
            mode="markers",
            marker={"color": translucent(colour, 0.5), "size": 6},
            showlegend=False,
            customdata=part["repeat"],
            hovertemplate=f"{name}, draw " + "%{customdata}: %{y:.4g}<extra></extra>",
        )
    _log_axis(plot, _axis(result, sweep), change(sweep, table["size"]))
    plot.update_yaxes(title="transport distance, units of the box", type="log", dtick=1, exponentformat="power")
    broken = int(result.summary["broken"].value or 0)
    return Figure(
        title=f"Distance and bound: {sweep}",
        plot=plot,
        reading=(
            "Measured distances must lie below the dashed and dotted lines, which the stability theorem draws; the axis is "
            "logarithmic, since the bounds are far off by nature. A point above a line would be a defect."
        ),
        caption=f"{_setting(result)}; points: draws, lines: medians, band: least to most. Bounds broken: {broken:,}.",
        alt=f"Distances of {len(table):,} comparisons under {sweep}, the largest {table.distance.max():.3g}; their smaller bounds are "
        f"{1 / max(float(table.small_ratio.median()), 1e-12):.3g} times as large at the median.",
        reference=f"Stability of signed measures: {STABILITY}",
        group=GROUP,
    )


def _ratios(result: Result, sweeps: list[str]) -> Figure:
    table = result.tables["robustness"]
    plot = go.Figure()
    for place, (column, words) in enumerate((("small_ratio", "small complex"), ("ratio", "whole complex"))):
        part = table[table[column] > 0]
        plot.add_scatter(
            x=[part.sweep, part.degree.map(degree_title)],
            y=part[column],
            mode="markers",
            name=words,
            marker={"color": translucent(SERIES[place], 0.6), "size": 8, "symbol": ("circle", "diamond")[place]},
            customdata=np.column_stack([part["size"], part["repeat"]]) if len(part) else None,
            hovertemplate="size %{customdata[0]:.3g}, draw %{customdata[1]}: %{y:.3g}<extra>" + words + "</extra>",
        )
    plot.add_hline(y=1.0, line={"color": NEUTRAL, "width": 1.5, "dash": "dash"})
    plot.update_xaxes(title="")
    plot.update_yaxes(title="distance / bound", type="log", dtick=1, exponentformat="power")
    return Figure(
        title="How much of the bound is used",
        plot=plot,
        reading=(
            "Each draw is a point; above the dashed line at 1 the theorem would be broken. Points far below say that the bound is "
            "loose, not that the item is stable: the picture of the features says that."
        ),
        caption=f"{_setting(result)}; {len(table):,} comparisons of {', '.join(sweeps)}.",
        alt=f"Ratios of distance to bound; the largest is {table.small_ratio.max():.3g} over the small complex and "
        f"{table.ratio.max():.3g} over the whole.",
        reference=f"Stability of signed measures: {STABILITY}",
    )


def _band(plot: go.Figure, x: np.ndarray, low: pd.Series, high: pd.Series, colour: str) -> None:
    plot.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([low.to_numpy(), high.to_numpy()[::-1]]),
        fill="toself",
        fillcolor=translucent(colour, 0.15),
        line={"width": 0},
        mode="lines",
        showlegend=False,
        hoverinfo="skip",
    )


def _log_axis(plot: go.Figure, title: str, values: np.ndarray) -> None:
    """A logarithmic axis with ticks at 1, 2 and 5 times powers of ten, and ends a little beyond the values."""
    ticks = [digit * 10.0**power for power in range(-4, 5) for digit in (1, 2, 5)]
    shown = [tick for tick in ticks if values.min() / 1.01 <= tick <= values.max() * 1.01]
    ends = np.log10([values.min() / 1.15, values.max() * 1.15]).tolist()
    plot.update_xaxes(title=title, type="log", range=ends, tickvals=shown, ticktext=[f"{tick:g}" for tick in shown])


def _setting(result: Result) -> str:
    kept = result.summary["kept"].value
    what = {"cubical": "pixels", "graph": "vertices"}.get(str(result.summary["filtration"].value), "points")
    return (
        f"n = {kept:,} {what}; filtration {result.summary['filtration'].value} by {result.summary['second'].value}; "
        f"{result.summary['repeats'].value} draws of each size"
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
