"""Pictures of a fine-tuning in random subspaces."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES, translucent

PAPER = "Aghajanyan et al. 2020, arXiv:2012.13255"
LABEL_MARGIN = 120  # pixels on the right, where the direct labels stand
NEAR = 0.02  # of an accuracy: guides that are nearer share a label


def fine_tuning_figures(result: Result) -> dict[str, Figure]:
    """Accuracy by dimension, lambdas, generalisation gap, and the published d90."""
    drawn = {"performance_by_dimension": _performance(result)}
    if "lambda" in result.tables:
        drawn["lambda"] = _lambda(result)
    return {**drawn, "generalisation": _generalisation(result), "published": _published(result)}


def _colours(result: Result) -> dict[str, str]:
    """The colour of each search, by its name."""
    places = {"DID": ACCENT, "SAID": SERIES[1]}
    return {name: places.get(name, SERIES[2]) for name in result.tables["searches"].search.unique()}


def _performance(result: Result) -> Figure:
    searches = result.tables["searches"]
    searches = searches[searches.fraction == searches.fraction.iloc[0]]
    trained, lines = result.tables["trainings"], result.tables["lines"]
    plot = go.Figure()
    for name, colour in _colours(result).items():
        _line(plot, lines[lines.search == name], colour)
        rows = trained[(trained.search == name) & (trained.role == "search")]
        plot.add_scatter(
            x=rows.subspace_dimension,
            y=rows.performance,
            customdata=rows[["seed", "learning_rate"]],
            mode="markers",
            marker={"color": colour, "size": 7, "opacity": 0.75},
            name=name,
            hovertemplate="d = %{x:,}: %{y:.3f}<br>seed %{customdata[0]}, rate %{customdata[1]:.3g}<extra>"
            + name
            + "</extra>",
        )
        _crossing(plot, searches[searches.search == name].iloc[0], colour)
    _guides(plot, searches, float(result.summary["chance"].value or 0))
    shown = pd.concat([trained.subspace_dimension, searches.d, searches.low, searches.high]).dropna()
    plot.update_xaxes(title="trained numbers d (logarithmic)", type="log", **_decades(shown))
    plot.update_yaxes(title="validation accuracy")
    plot.update_layout(margin={"r": LABEL_MARGIN}, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return Figure(
        title="Accuracy by dimension",
        plot=plot,
        reading=(
            "Each dot is one fine-tuning in its own random subspace; the diamond is d90, where the line crosses 90 % of full "
            "fine-tuning, with its interval. SAID left of DID: factors for the layers save dimensions; both left of the curve "
            "from scratch: pretraining does."
        ),
        caption=f"n = {len(trained)} trainings in subspaces; dots of the learning rate trials are left out.",
        alt=f"Validation accuracy against trained numbers for each method. {result.answer}",
        reference=f"{PAPER}, section 3",
    )


def _line(plot: go.Figure, line: pd.DataFrame, colour: str) -> None:
    if not len(line):
        return
    plot.add_scatter(
        x=np.concatenate([line.subspace_dimension, line.subspace_dimension[::-1]]),
        y=np.concatenate([line.high, line.low[::-1]]),
        fill="toself",
        fillcolor=translucent(colour, 0.15),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )
    plot.add_scatter(
        x=line.subspace_dimension,
        y=line.performance,
        mode="lines",
        line={"color": colour, "width": 2},
        hoverinfo="skip",
        showlegend=False,
    )


def _crossing(plot: go.Figure, row: pd.Series, colour: str) -> None:
    if pd.isna(row.d):
        return
    high = row.high if not pd.isna(row.high) else row.d
    plot.add_scatter(
        x=[int(row.d)],
        y=[row.threshold],
        error_x={"array": [int(high - row.d)], "arrayminus": [int(row.d - row.low)], "color": colour, "thickness": 2},
        mode="markers",
        marker={"color": colour, "size": 12, "symbol": "diamond", "line": {"color": "white", "width": 1}},
        hovertemplate=f"d90 = {int(row.d):,} ({int(row.low):,} to {int(high):,})<extra>{row.search}</extra>",
        showlegend=False,
    )


def _guides(plot: go.Figure, searches: pd.DataFrame, chance: float) -> None:
    """Full fine-tuning, the threshold, and chance; those from scratch only where they differ enough to be told apart."""
    first = searches.iloc[0]
    levels = [
        (first.baseline, "solid", f"full {first.baseline:.3f}"),
        (first.threshold, "dash", f"threshold {first.threshold:.3f}"),
        (chance, "dot", f"chance {chance:.3f}"),
    ]
    for _, row in searches[searches.start == "scratch"].iterrows():
        if abs(row.threshold - first.threshold) > NEAR:
            levels.append((row.threshold, "dash", f"from scratch {row.threshold:.3f}"))
    for level, dash, words in levels:
        plot.add_hline(
            y=level,
            line={"color": NEUTRAL, "dash": dash, "width": 1.2},
            annotation={"text": words, "font": {"color": NEUTRAL}, "x": 1.01, "xanchor": "left", "yanchor": "middle"},
        )


def _lambda(result: Result) -> Figure:
    table = result.tables["lambda"]
    names = [_short(name) for name in table.layer]
    colour = SERIES[1]
    plot = go.Figure()
    plot.add_bar(
        x=table.value,
        y=names,
        orientation="h",
        marker={"color": colour},
        width=0.6,
        error_x={
            "array": table.high - table.value,
            "arrayminus": table.value - table.low,
            "color": NEUTRAL,
            "thickness": 1.5,
        },
        customdata=table[["layer", "parameters"]],
        hovertemplate="%{customdata[0]} (%{customdata[1]:,} parameters): λ = %{x:.3f}<extra></extra>",
        showlegend=False,
    )
    plot.add_vline(
        x=1,
        line={"color": NEUTRAL, "dash": "dash"},
        annotation={"text": "start: 1", "font": {"color": NEUTRAL}, "yanchor": "bottom", "y": 1},
    )
    plot.update_yaxes(title="", autorange="reversed", type="category", automargin=True)
    plot.update_xaxes(title="λ, factor of the layer", rangemode="tozero")
    plot.update_layout(height=max(260, 110 + 26 * len(table)))
    first, last = table.iloc[0], table.iloc[int(table.value.abs().argmax())]
    return Figure(
        title="Lambda by layer",
        plot=plot,
        reading=(
            "A layer with a long bar moves far from its pretrained weights, one near 0 hardly moves: λ multiplies the part of the "
            "random step that falls on the layer. Bars that reach across 1 have not been told apart from no factor at all."
        ),
        caption=(
            f"Mean over {int(first.trainings)} SAID trainings near d90; bars: 95 % interval of the mean. λ starts at 1, and its "
            "size counts only together with that of θ_d, which is trained beside it."
        ),
        alt=f"Lambda of each of {len(table)} layers; the largest is {last.value:.2f} in {last.layer}.",
        reference=f"{PAPER}, section 3.1: θ = θ0 + λ P θ_d",
    )


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:12]}…{name[-14:]}"


def _generalisation(result: Result) -> Figure:
    table, full = result.tables["generalisation"], result.tables["full"]
    plot = go.Figure()
    for name, colour in _colours(result).items():
        rows = table[table.search == name]
        plot.add_scatter(
            x=rows.subspace_dimension,
            y=100 * rows.gap,
            error_y={"array": 100 * rows.standard_error.fillna(0), "color": translucent(colour, 0.6), "width": 0},
            customdata=rows[["training_accuracy", "validation_accuracy", "trainings"]],
            mode="markers",
            marker={"color": colour, "size": 8},
            name=name,
            hovertemplate="d = %{x:,}: %{y:.1f} points<br>training %{customdata[0]:.3f}, validation %{customdata[1]:.3f}, "
            "n = %{customdata[2]}<extra>" + name + "</extra>",
        )
    counted = full[(full.start == "pretrained") & full.counted]
    level = 100 * float(counted.gap.mean())
    plot.add_hline(
        y=level,
        line={"color": NEUTRAL, "dash": "solid", "width": 1.2},
        annotation={
            "text": f"full {level:.1f}",
            "font": {"color": NEUTRAL},
            "x": 1.01,
            "xanchor": "left",
            "yanchor": "middle",
        },
    )
    plot.update_xaxes(title="trained numbers d (logarithmic)", type="log", **_decades(table.subspace_dimension))
    plot.update_yaxes(title="training minus validation accuracy (points)", zeroline=True)
    plot.update_layout(margin={"r": LABEL_MARGIN}, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return Figure(
        title="Generalisation gap by dimension",
        plot=plot,
        reading=(
            "Fewer trained numbers can hold less of the training rows by heart: a gap that grows to the right is what the "
            "compression bound leads one to expect; a gap within its bars of zero shows nothing either way."
        ),
        caption="Mean over the trainings of one dimension; bars: its standard error (none of a single training).",
        alt=f"Generalisation gap against trained numbers; that of full fine-tuning is {level:.1f} points.",
        reference=f"{PAPER}, section 5: gap of order sqrt(d / m) for m training rows",
    )


def _published(result: Result) -> Figure:
    table, ours = result.tables["published"], result.tables["searches"]
    ours = ours[(ours.fraction == ours.fraction.iloc[0]) & (ours.start == "pretrained")]
    rows = [
        f"{network}, {task}" for network, task in table[["network", "task"]].drop_duplicates().itertuples(index=False)
    ]
    plot = go.Figure()
    for row in rows:
        pair = table[table.network + ", " + table.task == row]
        plot.add_scatter(
            x=pair.d90,
            y=[row, row],
            mode="lines",
            line={"color": translucent(NEUTRAL, 0.6), "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
    colours = {"DID": ACCENT, "SAID": SERIES[1]}
    for method, colour in colours.items():
        part = table[table.method == method]
        plot.add_scatter(
            x=part.d90,
            y=part.network + ", " + part.task,
            mode="markers",
            marker={"color": colour, "size": 9},
            name=method,
            hovertemplate="%{y}: %{x:,}<extra>" + method + "</extra>",
        )
    for _, row in ours.iterrows():
        shown = row.d if not pd.isna(row.d) else row.low
        if pd.isna(shown):
            continue
        high = row.high if not pd.isna(row.high) else shown
        plot.add_scatter(
            x=[int(shown)],
            y=["this result"],
            error_x={"array": [int(high - shown)], "arrayminus": [int(shown - row.low)], "color": colours[row.method]},
            mode="markers",
            marker={"color": colours[row.method], "size": 12, "symbol": "diamond"},
            hovertemplate=f"this result: {'' if not pd.isna(row.d) else '> '}{int(shown):,}<extra>{row.method}</extra>",
            showlegend=False,
        )
    plot.update_yaxes(
        title="",
        type="category",
        categoryorder="array",
        categoryarray=["this result", *rows],
        autorange="reversed",
        automargin=True,
    )
    plot.update_xaxes(title="d90 (trained numbers, logarithmic)", type="log", dtick=1)
    plot.update_layout(height=380, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return Figure(
        title="Among the published language models",
        plot=plot,
        reading=(
            "The paper's models have a hundred million parameters and more, and need a few hundred to a few thousand numbers; the "
            "larger ones mostly need fewer, and SAID never more than DID. Networks and tasks differ: compare the pattern, not the number."
        ),
        caption="Sixteen published d90 (table 1) beside this result (diamonds, with interval).",
        alt=f"Published d90 of BERT and RoBERTa on two tasks beside this result. {result.answer}",
        reference=f"{PAPER}, table 1",
    )


def _decades(dimensions: pd.Series) -> dict[str, object]:
    """Ticks at powers of two where the range is short, else of ten."""
    low, high = float(dimensions.min()), float(dimensions.max())
    return {
        "tick0": 0,
        "dtick": float(np.log10(2 if high < 100 * low else 10)),
        "range": [np.log10(low / 1.2), np.log10(high * 1.2)],
    }
