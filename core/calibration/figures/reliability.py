"""Reliability diagrams: how often the model is right where it says that it is p % sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import AFTER, BEFORE, PANEL_TICKS, band, bars, diagonal, percent
from core.palette import NEUTRAL, SERIES, translucent

CORP_COLOUR, KERNEL_COLOUR = SERIES[2], SERIES[3]
MOST_PANELS = 12
PANEL_COLUMNS = 3  # more would be too narrow on a telephone
ROOM_UP_TO = 75  # percent; a name to the right of a line further on would be cut


def reliability_figures(result: Result) -> dict[str, Figure]:
    """The diagram of the confidence, of each class, and of each group."""
    drawn = {"reliability": _reliability(result)}
    if "reliability_classes" in result.tables:
        drawn["reliability_classes"] = _classes(result)
    if "reliability_groups" in result.tables:
        drawn["reliability_groups"] = _groups(result)
    return drawn


def _reliability(result: Result) -> Figure:
    bins = result.tables["reliability_bins"]
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.78, 0.22], vertical_spacing=0.05)
    upper = {"row": 1, "col": 1}
    diagonal(plot, **upper)
    corp = result.tables["reliability_corp"]
    band(plot, 100 * corp.confidence, 100 * corp.low, 100 * corp.high, NEUTRAL, 0.14, **upper)
    _curve(plot, corp, CORP_COLOUR, "isotonic (CORP)", shape="hv")
    if "reliability_kernel" in result.tables:
        kernel = result.tables["reliability_kernel"]
        band(plot, 100 * kernel.confidence, 100 * kernel.low, 100 * kernel.high, KERNEL_COLOUR, 0.14, **upper)
        _curve(plot, kernel, KERNEL_COLOUR, "kernel")
    for stage, colour, name, symbol in (
        ("pre", BEFORE, "bins", "circle"),
        ("post", AFTER, "bins, after temperature", "circle-open"),
    ):
        rows = bins[bins.stage == stage]
        if len(rows):
            _bins(plot, rows, colour, name, symbol, with_bars=stage == "pre")
    _histogram(plot, result.tables["confidence_histogram"])
    _means(plot, result)
    plot.update_xaxes(range=[-1, 101])
    plot.update_xaxes(title="confidence (%)", row=2, col=1)
    plot.update_yaxes(title="right answers (%)", range=[-2, 102], row=1, col=1)
    plot.update_yaxes(title="rows", row=2, col=1)
    plot.update_layout(height=620, barmode="stack", legend={"y": 1.01})
    rows_count = int(result.summary["rows"].value or 0)
    return Figure(
        title="Reliability diagram",
        plot=plot,
        reading=(
            "Points below the dotted line are overconfident, above it underconfident; a point outside its grey bar, or a "
            "curve outside the grey band, is further off than a calibrated model would be by chance."
        ),
        caption=(
            f"n = {rows_count:,} rows, {len(bins[bins.stage == 'pre'])} bins with rows in them; grey bars and band: where "
            "bins and isotonic curve of a calibrated model lie; pink band: bootstrap of the kernel curve. Below: how many "
            "rows have which confidence, right ones strong, wrong ones pale."
        ),
        alt=f"Share of right answers against confidence. {result.answer}",
        reference="Broecker & Smith 2007, Weather and Forecasting 22:651 (bars); Dimitriadis et al. 2021, arXiv:2008.03033 (CORP)",
    )


def _means(plot: go.Figure, result: Result) -> None:
    """Accuracy and mean confidence as lines in the histogram, their names on the outer sides, or below each other to the
    left where there is no room on the right."""
    right = 100 * float(result.summary["accuracy"].value or 0)
    said = right + 100 * float(result.summary["gap"].value or 0)
    for value, colour, words in ((right, NEUTRAL, f"right {right:.1f} %"), (said, BEFORE, f"said {said:.1f} %")):
        inner, crowded = value == max(right, said), max(right, said) > ROOM_UP_TO
        anchor = "left" if inner and not crowded else "right"
        plot.add_vline(
            x=value,
            line={"color": colour, "dash": "dot", "width": 1},
            row=2,
            annotation={
                "text": words,
                "font": {"color": colour, "size": 11},
                "textangle": 0,
                "xanchor": anchor,
                "yshift": -13 if inner and crowded else 0,
            },
        )


def _curve(plot: go.Figure, table: pd.DataFrame, colour: str, name: str, shape: str = "linear") -> None:
    plot.add_scatter(
        x=100 * table.confidence,
        y=100 * table.accuracy,
        mode="lines",
        line={"color": colour, "width": 2, "shape": shape},
        name=name,
        hovertemplate="%{x:.1f} % sure, %{y:.1f} % right<extra>" + name + "</extra>",
        row=1,
        col=1,
    )


def _bins(plot: go.Figure, rows: pd.DataFrame, colour: str, name: str, symbol: str, with_bars: bool) -> None:
    if with_bars:
        bars(plot, 100 * rows.confidence, 100 * rows.low, 100 * rows.high, width=5, row=1, col=1)
    plot.add_scatter(
        x=100 * rows.confidence,
        y=100 * rows.accuracy,
        customdata=np.column_stack([rows["count"], 100 * rows.smallest, 100 * rows.largest]),
        mode="markers",
        marker={"color": colour, "size": 9, "symbol": symbol, "line": {"width": 2, "color": colour}},
        name=name,
        hovertemplate=(
            "%{customdata[0]:,} rows from %{customdata[1]:.1f} to %{customdata[2]:.1f} %<br>"
            "%{x:.1f} % sure, %{y:.1f} % right<extra>" + name + "</extra>"
        ),
        row=1,
        col=1,
    )


def _histogram(plot: go.Figure, table: pd.DataFrame) -> None:
    middle, width = 50 * (table.low + table.high), 100 * (table.high - table.low)
    for counts, colour, name in (
        (table.right, translucent(NEUTRAL, 0.85), "right"),
        (table.wrong, translucent(NEUTRAL, 0.35), "wrong"),
    ):
        plot.add_bar(
            x=middle,
            y=counts,
            width=width,
            marker={"color": colour, "line": {"width": 0}},
            showlegend=False,
            name=name,
            hovertemplate="%{x:.0f} % sure: %{y:,} " + name + "<extra></extra>",
            row=2,
            col=1,
        )


def _classes(result: Result) -> Figure:
    table = result.tables["reliability_classes"].rename(columns={"class": "of"})
    gaps = _weighted_gaps(table)
    shown = sorted(gaps.sort_values(ascending=False).index[:MOST_PANELS])
    worst = str(gaps.index[int(gaps.argmax())])
    plot = _panels(table, [(name, f"class {name}") for name in shown], gaps, "probability of the class (%)")
    of_all = _of_all(len(shown), len(gaps), "classes", "those with the largest error")
    return Figure(
        title="Reliability by class",
        plot=plot,
        reading=(
            "Each panel asks of one class how often it is the truth where the model gives it p %; a class whose points "
            "leave the line is wrong even where the average looks right."
        ),
        caption=f"{of_all}; each against the rest; above each panel: class and ECE; grey bars: where the points of a calibrated model lie.",
        alt=f"Reliability of each class against the rest; the largest error is {percent(gaps.max())} in class {worst}.",
        reference="Nixon et al. 2019, arXiv:1904.01685 (classwise calibration)",
    )


def _groups(result: Result) -> Figure:
    table = result.tables["reliability_groups"].rename(columns={"group": "of"})
    gaps = _weighted_gaps(table)
    sizes = table.groupby("of")["count"].sum()
    shown = list(sizes.sort_values(ascending=False).index[:MOST_PANELS])
    plot = _panels(table, [(name, str(name)) for name in shown], gaps, "confidence (%)")
    worst = str(gaps.index[int(gaps.argmax())])
    return Figure(
        title="Reliability by group",
        plot=plot,
        reading=(
            "A model that is calibrated on all rows can still be too sure in one group and too careful in another; "
            "compare the panels."
        ),
        caption=f"{_of_all(len(shown), len(gaps), 'groups', 'the largest')}; above each panel: group and ECE; grey bars: where the points of a calibrated model lie.",
        alt=f"Reliability of the confidence in each group; the largest error is {percent(gaps.max())} in group {worst}.",
        reference="Pleiss et al. 2017, arXiv:1709.02012 (calibration within groups)",
    )


def _of_all(shown: int, there: int, what: str, which: str) -> str:
    return f"{shown} of {there} {what}, {which}" if there > shown else f"All {there} {what}"


def _weighted_gaps(table: pd.DataFrame) -> pd.Series:
    """ECE of each panel, over the bins that it shows."""
    weighted = (table.accuracy - table.confidence).abs() * table["count"]
    return weighted.groupby(table.of).sum() / table["count"].groupby(table.of).sum()


def _panels(table: pd.DataFrame, panels: list[tuple[Any, str]], gaps: pd.Series, x_title: str) -> go.Figure:
    columns = min(PANEL_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    plot = make_subplots(
        rows=rows,
        cols=columns,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
        vertical_spacing=0.24 / rows,
        subplot_titles=[f"{title}<br>ECE {percent(gaps[name])}" for name, title in panels],
    )
    for position, (name, _) in enumerate(panels):
        place = {"row": position // columns + 1, "col": position % columns + 1}
        part = table[table.of == name]
        diagonal(plot, **place)
        x = 100 * part.confidence
        bars(plot, x, 100 * part.low, 100 * part.high, **place)
        plot.add_scatter(
            x=x,
            y=100 * part.accuracy,
            customdata=part["count"],
            mode="markers",
            marker={"color": BEFORE, "size": 6},
            showlegend=False,
            hovertemplate="%{x:.1f} % said, %{y:.1f} % true, %{customdata:,} rows<extra></extra>",
            **place,
        )
    plot.update_xaxes(range=[-3, 103], tickvals=PANEL_TICKS)
    plot.update_yaxes(range=[-3, 103])
    for column in range(1, columns + 1):
        lowest = rows if (rows - 1) * columns + column <= len(panels) else rows - 1
        plot.update_xaxes(showticklabels=True, row=lowest, col=column)
    plot.update_xaxes(title=x_title, row=rows, col=1)
    for row in range(1, rows + 1):
        plot.update_yaxes(title="true (%)", row=row, col=1)
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=110 + 225 * rows, margin={"t": 50})
    return plot
