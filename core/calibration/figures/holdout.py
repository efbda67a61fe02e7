"""Pictures of the holdout: what an analyst is told, and what is true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import LABEL_MARGIN, band, named_line
from core.palette import NEUTRAL, SERIES

TRAINING, TOLD, FRESH = NEUTRAL, SERIES[1], SERIES[2]
TITLES = {"standard": "standard holdout", "thresholdout": "Thresholdout"}
QUERY_TITLES = {"accuracy": "accuracy", "brier": "Brier (sum)", "nll": "NLL (nats)"}
LEAST_SPAN = 0.02  # of an axis: a difference of one sample in thousands should look like it
DWORK = "Dwork et al. 2015, arXiv:1506.02629"


def holdout_figures(result: Result) -> dict[str, Figure]:
    """Reported and true accuracy over the number of features, and the queries about a person's own predictions."""
    drawn = {"rounds": _rounds(result)}
    if "answers" in result.tables:
        drawn["answers"] = _answers(result)
    return drawn


def _rounds(result: Result) -> Figure:
    table = result.tables["rounds"]
    plot = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.16,
        subplot_titles=[TITLES[name] for name in TITLES],
        x_title="features in the vote (count, logarithmic)",
    )
    for column, name in enumerate(TITLES, start=1):
        rows = table[table.holdout == name]
        # the last point of a seed has as many features as it selected: only counts that all seeds share are joined
        shared = rows.groupby("features").seed.nunique() == rows.seed.nunique()
        rows = rows[rows.features.isin(shared[shared].index)]
        for measure, colour, words in (
            ("training", TRAINING, "training"),
            ("reported", TOLD, "told"),
            ("fresh", FRESH, "fresh"),
        ):
            found = 100 * rows.groupby("features")[measure].agg(["mean", "min", "max"])
            known = found.dropna()
            if known.empty:
                continue
            band(plot, known.index.to_series(), known["min"], known["max"], colour, row=1, col=column)
            line = go.Figure()
            # the standard holdout drifts with the training part, Thresholdout stays with the fresh samples
            told = "bottom right" if name == "standard" else "top right"
            place = {"training": "top right", "told": told, "fresh": "bottom right"}[words]
            named_line(line, known.index, known["mean"], colour, words, "%{x} features: %{y:.1f} %", place)
            plot.add_trace(line.data[0], row=1, col=column)
    plot.add_hline(y=50, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(type="log", dtick=1)
    plot.update_yaxes(title="accuracy (%)", row=1, col=1)
    plot.update_annotations(font={"size": 13})
    plot.update_layout(height=430, margin={"r": LABEL_MARGIN // 2, "t": 40, "b": 60})
    repeats = table.seed.nunique()
    return Figure(
        title="What the holdout says, and what is true",
        plot=plot,
        reading=(
            "Where the orange line leaves the green one, the holdout has been fitted: it tells the analyst what the analyst "
            "chose it to tell."
        ),
        caption=(
            f"Lines and bands: mean and range of {repeats} demonstrations; training: accuracy on the samples learned from; "
            "told: what the holdout answers; fresh: what is true of new samples; dotted: chance."
        ),
        alt=f"Accuracy told and accuracy on fresh samples, for two kinds of holdout. {result.answer}",
        reference=f"{DWORK}, section 5; the principle: arXiv:1411.2664",
    )


def _answers(result: Result) -> Figure:
    table = result.tables["answers"]
    names = list(dict.fromkeys(table["query"]))
    plot = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for row, name in enumerate(names, start=1):
        rows = table[table["query"] == name]
        for measure, colour, words, symbol in (
            ("training", TRAINING, "training part", "circle-open"),
            ("holdout", FRESH, "holdout, hidden", "circle-open"),
            ("answer", TOLD, "answer", "circle"),
        ):
            plot.add_scatter(
                x=rows.temperature,
                y=rows[measure],
                mode="markers" if measure == "answer" else "lines",
                marker={"color": colour, "size": 6, "symbol": symbol},
                line={"color": colour, "width": 1.5},
                name=words,
                legendgroup=words,
                showlegend=row == 1,
                hovertemplate="T = %{x:.3g}: %{y:.4f}<extra>" + words + "</extra>",
                row=row,
                col=1,
            )
        plot.update_yaxes(title=QUERY_TITLES.get(name, name), range=_span(rows), row=row, col=1)
    plot.update_xaxes(type="log", tickvals=[0.25, 0.5, 1, 2, 4], ticktext=["¼", "½", "1", "2", "4"])
    plot.update_xaxes(title="temperature (logarithmic)", row=len(names), col=1)
    plot.update_layout(height=120 + 190 * len(names))
    silent = int(np.isnan(table.answer).sum())
    return Figure(
        title="Queries about your predictions",
        plot=plot,
        reading=(
            "An answer on the grey line came from the training part and cost nothing; one that leaves it was paid for from "
            "the budget and carries noise."
        ),
        caption=f"{len(table)} queries, {silent} of them met silence; NLL is clipped at 10 nats.",
        alt=f"Answers of Thresholdout to {len(table)} queries about one model at several temperatures; {silent} without answer.",
        reference=f"{DWORK}, figure 1",
    )


def _span(rows: pd.DataFrame) -> list[float]:
    values = rows[["training", "holdout", "answer"]]
    low, high = float(values.min().min()), float(values.max().max())
    half = max(0.55 * (high - low), LEAST_SPAN / 2)
    return [(low + high) / 2 - half, (low + high) / 2 + half]
