"""Calibration and the design of the networks: question vii."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import STAGE_COLOURS, STAGE_WORDS, name_rows, shift
from core.calibration.figures.population_drawing import (
    MOST_ROWS,
    STUDY,
    TABS,
)
from core.palette import ACCENT, NEUTRAL, SERIES


def architecture(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question vii: effects of the attributes, and ECE over each."""
    drawn = {}
    if "attribute_effects" in result.tables:
        drawn["attribute_effects"] = _effects(result.tables["attribute_effects"])
    if "attribute_boxes" in result.tables:
        drawn["attribute_boxes"] = _attribute_boxes(result.tables["attribute_boxes"])
    return drawn


def _effects(table: pd.DataFrame) -> Figure:
    table = table[table.dataset == table.dataset.iloc[0]].head(MOST_ROWS)
    plot = go.Figure()
    order = list(dict.fromkeys(table.attribute))
    stages = list(table.groupby(table.y.str.partition("_")[0], sort=False))
    for place, (stage, part) in enumerate(stages):
        plot.add_scatter(
            x=part.partial_tau,
            y=[order.index(name) + shift(place, len(stages), 0.25) for name in part.attribute],
            customdata=part[["tau", "coefficient", "attribute"]],
            error_x={
                "array": part.partial_high - part.partial_tau,
                "arrayminus": part.partial_tau - part.partial_low,
                "color": STAGE_COLOURS.get(str(stage), NEUTRAL),
                "thickness": 1.5,
            },
            mode="markers",
            marker={"size": 9, "color": STAGE_COLOURS.get(str(stage), NEUTRAL)},
            name=f"ECE {STAGE_WORDS.get(str(stage), stage)}",
            hovertemplate="%{customdata[2]}: partial tau %{x:.2f}, plain %{customdata[0]:.2f}, coefficient %{customdata[1]:.2f}<extra></extra>",
        )
    plot.add_vline(x=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="partial tau-b with ECE, given accuracy")
    name_rows(plot, [name.replace("_", " ") for name in order])
    plot.update_layout(height=170 + 40 * len(order))
    largest = table.iloc[int(table.partial_tau.abs().argmax())]
    return Figure(
        title="Which designs are well calibrated, at the same accuracy?",
        plot=plot,
        reading="Right of zero: more of it means worse calibration among models of equal accuracy; a bar over zero tells nothing.",
        caption="Bars: intervals over models; the table has rank-regression coefficients too.",
        alt=f"Partial rank correlations; the largest is {largest.partial_tau:.2f} for {largest.attribute} and {largest.y}.",
        reference="Kendall 1942, Biometrika 32:277 (partial tau)",
        group=TABS["vii"],
    )


def _attribute_boxes(table: pd.DataFrame) -> Figure:
    table = table[table.dataset == table.dataset.iloc[0]]
    attributes = list(dict.fromkeys(table.attribute))[:6]
    plot = make_subplots(
        rows=1,
        cols=len(attributes),
        shared_yaxes=True,
        horizontal_spacing=0.02,
        subplot_titles=[name.replace("_", " ") for name in attributes],
    )
    for column, name in enumerate(attributes, start=1):
        part = table[table.attribute == name].sort_values("position")
        plot.add_box(
            x=part.bracket.astype(str),
            lowerfence=100 * part.whisker_low,
            q1=100 * part.q1,
            median=100 * part["median"],
            q3=100 * part.q3,
            upperfence=100 * part.whisker_high,
            marker={"color": ACCENT},
            line={"width": 1.5},
            showlegend=False,
            name=name,
            row=1,
            col=column,
        )
    plot.update_xaxes(type="category")
    plot.update_yaxes(title="ECE before (%)", rangemode="tozero", row=1, col=1)
    plot.update_annotations(font={"size": 12})
    return Figure(
        title="ECE over each attribute",
        plot=plot,
        reading="Boxes that climb from left to right are an effect of the attribute, or of the accuracy that comes with it.",
        caption="Quartiles over models; whiskers within 1.5 interquartile ranges; at most six brackets an attribute.",
        alt=f"Box plots of ECE over {', '.join(attributes)}.",
        reference=f"{STUDY}, question vii",
        group=TABS["vii"],
    )


def hybrid_score(table: pd.DataFrame) -> Figure:
    """The models that are best by accuracy and ECE together; no attributes are needed for it."""
    table = table[table.dataset == table.dataset.iloc[0]]
    error = next(name for name in table if str(name).startswith("pre_"))
    plot = go.Figure()
    for values, name, colour in (
        (table.hcs, "hybrid score", ACCENT),
        (table.acc, "accuracy", NEUTRAL),
        (1 - table[error], "1 − ECE", SERIES[2]),
    ):
        plot.add_scatter(
            x=100 * values,
            y=table.model.astype(str),
            mode="markers",
            marker={"size": 9, "color": colour},
            name=name,
            hovertemplate="%{y}: %{x:.2f} %<extra>" + name + "</extra>",
        )
    plot.update_xaxes(title="score (%)")
    plot.update_yaxes(autorange="reversed", type="category")
    plot.update_layout(height=140 + 22 * len(table))
    return Figure(
        title=f"The {len(table)} best by accuracy and calibration together",
        plot=plot,
        reading="The hybrid score is high only where both are; differences of a few tenths of a point are within the noise.",
        caption="HCS = (1 + b) acc (1 − ECE) / (b acc + (1 − ECE)); before temperature scaling.",
        alt=f"Best models by hybrid score: {', '.join(table.model.astype(str).head(3))}.",
        reference=f"{STUDY}, section 4.7",
        group=TABS["vii"],
    )
