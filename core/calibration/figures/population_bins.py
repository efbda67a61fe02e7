"""ECE over bin counts: question vi."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.calibration.figures.drawing import STAGE_COLOURS, STAGE_WORDS
from core.calibration.figures.population_drawing import (
    STUDY,
    TABS,
)


def bin_counts(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question vi: boxes of ECE over bin counts, above what a calibrated model would show."""
    boxes = result.tables["bin_boxes"]
    boxes = boxes[boxes.dataset == boxes.dataset.iloc[0]]
    plot = go.Figure()
    for stage, part in boxes.groupby("stage", sort=False):
        x = part.bins.astype(str)
        plot.add_box(
            x=x,
            lowerfence=100 * part.whisker_low,
            q1=100 * part.q1,
            median=100 * part["median"],
            q3=100 * part.q3,
            upperfence=100 * part.whisker_high,
            marker={"color": STAGE_COLOURS[str(stage)]},
            line={"width": 1.5},
            name=STAGE_WORDS[str(stage)],
            offsetgroup=str(stage),
        )
        known = part[part.floor.notna()]
        if len(known):
            plot.add_scatter(
                x=known.bins.astype(str),
                y=100 * known.floor,
                mode="lines",
                line={"color": STAGE_COLOURS[str(stage)], "dash": "dot", "width": 1.5},
                name=f"floor, {STAGE_WORDS[str(stage)]}",
                hovertemplate="%{x} bins: floor %{y:.2f} %<extra></extra>",
            )
    plot.update_layout(boxmode="group", height=460)
    plot.update_xaxes(title="bins (count)", type="category")
    plot.update_yaxes(title="ECE of the models (%)", rangemode="tozero")
    post = boxes[(boxes.stage == "post") & boxes.floor_share.notna()]
    share = (
        f" At {int(post.bins.iloc[-1])} bins the floor is {100 * post.floor_share.iloc[-1]:.0f} % of the median."
        if len(post)
        else ""
    )
    return {
        "bin_boxes": Figure(
            title="ECE over bin counts, with the floor of the estimator",
            plot=plot,
            reading=(
                "Where the boxes climb along their dotted floor, more bins measure more noise, not more miscalibration."
            ),
            caption=f"Boxes: quartiles over models, whiskers within 1.5 interquartile ranges; dotted: a calibrated model of the same confidences.{share}",
            alt=f"Box plots of ECE over bin counts before and after temperature scaling.{share}",
            reference=f"{STUDY}, question vi; the floor: sqrt(2/pi) sum_b sqrt(sum c(1 − c)) / n",
            group=TABS["vi"],
        )
    }
