"""Pictures of mode `score`: all accuracies with their intervals, the confusion matrix, folds, and who is wrong about what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SEQUENTIAL
from core.topology.score_names import MAJORITY, NONE, ONE, TWO, in_words

ROW_HEIGHT = 46  # pixels: a line of words and the interval below it
MOST_NAMED = 12  # classes whose counts are written into the confusion matrix
MOST_FOLDS = 200  # that are drawn
REFERENCE = "arXiv:2306.03801, section 5 (protocol); Wilson 1927, J. Am. Stat. Assoc. 22:209 (intervals)"


def score_figures(result: Result) -> dict[str, Figure]:
    """Accuracies first and by themselves; everything else in tabs."""
    drawn = {"accuracies": _accuracies(result), "confusion": _confusion(result), "items": _items(result)}
    return drawn if int(result.summary["divisions"].value or 1) == 1 else {**drawn, "folds": _folds(result)}


def _colour(features: str) -> str:
    return ACCENT if features in (TWO, ONE) else NEUTRAL


def _accuracies(result: Result) -> Figure:
    scores = result.tables["scores"]
    rows = scores[scores.classifier != MAJORITY].reset_index(drop=True)
    majority = float(scores[scores.classifier == MAJORITY].accuracy.iloc[0])
    left = max(0.0, 100 * min(float(rows.low.min()), majority) - 5)
    plot = go.Figure()
    for features, part in rows.groupby("features", sort=False):
        _dots(plot, str(features), part)
    plot.add_vline(x=100 * majority, line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, layer="below")
    _words(
        plot,
        len(rows) - 0.4,
        f"commonest class {100 * majority:.1f} %",
        0,
        NEUTRAL,
        x=100 * majority,
        xref="x",
        xshift=4,
    )
    plot.update_xaxes(title="accuracy (%)", range=[left, 101.5])
    _by_row(plot, len(rows))
    items = int(result.summary["items"].value or 0)
    two, one = result.summary["accuracy"], result.summary["accuracy_one"]
    return Figure(
        title="Two parameters beside one and beside simple means",
        plot=plot,
        reading=(
            "Blue dots are two parameters, blue rings the same with one, grey knows nothing of topology. Where a grey dot lies to the "
            "right of the blue ones, topology was not needed; where a ring lies as far right as its dot, the second parameter was not."
        ),
        caption=(
            f"n = {items:,} items asked about; bars: 95 % Wilson intervals over items. Intervals that overlap say little of the "
            f"difference, as all rows are asked about the same items: exact paired p = {float(result.summary['p_value'].value or 0):.2g}."
        ),
        alt=(
            f"Accuracies with intervals: two parameters {100 * float(two.value or 0):.1f} %, one "
            f"{100 * float(one.value or 0):.1f} %, {result.summary['best_simple'].value} "
            f"{100 * float(result.summary['accuracy_simple'].value or 0):.1f} %."
        ),
        reference=REFERENCE,
    )


def _dots(plot: go.Figure, features: str, part: pd.DataFrame) -> None:
    """The rows of some features, each with its interval and its words."""
    colour, percent = _colour(features), 100 * part.accuracy
    names = [in_words(features, str(name)) for name in part.classifier]
    plot.add_scatter(
        x=percent,
        y=part.index,
        mode="markers",
        marker={"color": colour, "size": 10, "symbol": "circle-open" if features == ONE else "circle"},
        error_x={
            "array": 100 * part.high - percent,
            "arrayminus": percent - 100 * part.low,
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        name=features,
        text=names,
        customdata=np.column_stack([100 * part.low, 100 * part.high, part.right, part.predictions, part.seconds]),
        hovertemplate=(
            "%{text}: %{x:.1f} %<br>95 % interval %{customdata[0]:.1f} to %{customdata[1]:.1f} %<br>%{customdata[2]:,} of "
            "%{customdata[3]:,} right, %{customdata[4]:.3g} s<extra></extra>"
        ),
        showlegend=False,
    )
    for row, name, value in zip(part.index, names, percent, strict=True):
        _words(plot, row, f"{name}  <b>{value:.1f} %</b>", 15)


def _words(
    plot: go.Figure,
    row: float,
    text: str,
    rise: int,
    colour: str | None = None,
    *,
    x: float = 0,
    xref: str = "x domain",
    xshift: int = 0,
) -> None:
    """Words above a row instead of beside it, so that a narrow screen keeps its width for the numbers."""
    plot.add_annotation(
        x=x,
        xref=xref,
        xanchor="left",
        xshift=xshift,
        y=row,
        yshift=rise,
        text=text,
        showarrow=False,
        font={"size": 12} | ({"color": colour} if colour else {}),
    )


def _by_row(plot: go.Figure, rows: int) -> None:
    """Rows from top to bottom, without an axis: their words stand above them."""
    plot.update_yaxes(
        range=[rows - 0.2, -0.8], showticklabels=False, showgrid=False, zeroline=False, ticks="", title=""
    )
    plot.update_layout(height=100 + ROW_HEIGHT * rows, margin={"l": 12, "t": 16, "b": 60})


def _confusion(result: Result) -> Figure:
    counts, classes = result.arrays["confusion"], [str(name) for name in result.arrays["classes"]]
    sums = counts.sum(axis=1, keepdims=True)
    shares = counts / np.where(sums > 0, sums, 1)
    plot = go.Figure()
    plot.add_heatmap(
        x=classes,
        y=classes,
        z=100 * shares,
        zmin=0,
        zmax=100,
        colorscale=SEQUENTIAL,
        customdata=counts,
        colorbar={"title": {"text": "% of the class"}, "thickness": 14},
        text=counts,
        texttemplate="%{text}" if len(classes) <= MOST_NAMED else None,
        hovertemplate="%{y} taken for %{x}: %{customdata:,} times (%{z:.1f} %)<extra></extra>",
    )
    plot.update_xaxes(title="said", type="category")
    plot.update_yaxes(title="true class", type="category", autorange="reversed")
    plot.update_layout(height=440)
    wrong = int(counts.sum() - np.trace(counts))
    return Figure(
        title="What is taken for what",
        plot=plot,
        reading=(
            "Rows are true classes, columns what two parameters said; all on the diagonal is right. A bright place beside it is a pair "
            "of classes that these features do not tell apart."
        ),
        caption=f"{int(counts.sum()):,} answers of two parameters by the classifier named first; {wrong:,} are wrong.",
        alt=f"Confusion matrix of {len(classes)} classes: {wrong:,} of {int(counts.sum()):,} answers are wrong.",
        reference=REFERENCE,
        group="Answers",
    )


def _items(result: Result) -> Figure:
    """Items that somebody is wrong about, by who is."""
    table = result.tables["predictions"]
    sides = (("two_parameters", TWO), ("one_parameter", ONE), ("simple", str(result.summary["best_simple"].value)))
    wrong = table[(table[[f"right_{name}" for name, _ in sides]] < 1).any(axis=1)]
    plot = go.Figure()
    for row, ((name, words), colour) in enumerate(zip(sides, (ACCENT, ACCENT, NEUTRAL), strict=True)):
        part = wrong[wrong[f"right_{name}"] < 1]
        plot.add_scatter(
            x=part["item"],
            y=[row] * len(part),
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": "x-thin", "line": {"color": colour, "width": 2}},
            customdata=np.column_stack([part.label, part[name], 100 * part[f"right_{name}"]]),
            hovertemplate="item %{x}: %{customdata[0]}, said to be %{customdata[1]} (right %{customdata[2]:.0f} %)<extra></extra>",
            showlegend=False,
            name=words,
        )
        _words(plot, row, f"{words}: {len(part):,} wrong", 15)
    first, last = int(table["item"].min()), int(table["item"].max())
    plot.update_xaxes(title="item, by its number in the file", range=[first - 0.5, last + 0.5], tickformat="d")
    _by_row(plot, len(sides))
    counts = {words: int((table[f"right_{name}"] < 1).sum()) for name, words in sides}
    said = "; ".join(f"{words}: {count:,}" for words, count in counts.items())
    return Figure(
        title="Who is wrong about which items",
        plot=plot,
        reading=(
            "Each cross is an item that was not always classed rightly. Crosses above each other are items that are hard for all, or "
            "whose label is wrong; look at them in mode=describe."
        ),
        caption=f"n = {len(table):,} items; wrong at least once: {said}.",
        alt=f"Items classed wrongly: {said}.",
        reference=REFERENCE,
        group="Answers",
    )


def _folds(result: Result) -> Figure:
    folds = result.tables["folds"]
    classifier = str(result.summary["classifier"].value)
    sides = folds[folds.features.isin([TWO, ONE]) & (folds.classifier == classifier)]
    two, one = (sides[sides.features == name].head(MOST_FOLDS).accuracy.to_numpy() for name in (TWO, ONE))
    first = sides[sides.features == TWO].head(MOST_FOLDS)
    names = [f"{fold}" if first["repeat"].max() == 1 else f"{repeat}.{fold}" for repeat, fold in _pairs(first)]
    plot = go.Figure()
    for values, words, colour in ((one, ONE, ACCENT), (two, TWO, ACCENT)):
        plot.add_scatter(
            x=names,
            y=100 * values,
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": "circle" if words == TWO else "circle-open"},
            name=words,
            hovertemplate="fold %{x}: %{y:.1f} %<extra>" + words + "</extra>",
        )
    plot.update_xaxes(title="fold" if first["repeat"].max() == 1 else "repeat and fold", type="category")
    plot.update_yaxes(title="accuracy (%)")
    better = int((two > one).sum())
    worse = int((two < one).sum())
    return Figure(
        title="Fold by fold",
        plot=plot,
        reading=(
            "If two parameters are better in most folds, the difference is steady; if the dots cross at random, it is not. Folds share "
            "training items, so their number says nothing of significance."
        ),
        caption=f"{len(two):,} folds, test items in each {int(first.test.min()):,} to {int(first.test.max()):,}; {in_words(NONE, classifier)}.",
        alt=f"Accuracy by fold: two parameters are better in {better} and worse in {worse} of {len(two)} folds.",
        reference=REFERENCE,
        group="Answers",
    )


def _pairs(table: pd.DataFrame) -> list[tuple[int, int]]:
    return [(int(repeat), int(fold)) for repeat, fold in zip(table["repeat"], table["fold"], strict=True)]
