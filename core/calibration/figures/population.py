"""Pictures of a population study: seven questions, a tab each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import LABEL_MARGIN, STAGE_COLOURS, STAGE_WORDS, name_rows, shift
from core.palette import ACCENT, NEUTRAL, SERIES

STUDY = "Tao et al. 2024, arXiv:2308.11838"
TABS = {
    "i": "i Across data sets",
    "ii": "ii Robustness",
    "iii": "iii Metrics",
    "iv": "iv Temperature",
    "v": "v Accuracy",
    "vi": "vi Bins",
    "vii": "vii Architecture",
}
MOST_POINTS = 5000
MOST_ROWS = 40
FOUND = 0.05  # q-value


def population_figures(result: Result) -> dict[str, Figure]:
    """What each question found, in the order of the questions."""
    kendall = result.tables["kendall"]
    drawn: dict[str, Figure] = {}
    for question in TABS:
        rows = kendall[(kendall.question == question) & kendall.tau.notna()]
        if len(rows):
            drawn |= _DRAWERS[question](result, rows)
    return drawn


def _across(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    whole = rows[rows.direction == "all"]
    same = whole[[_metric(x) == _metric(y) for x, y in zip(whole.x, whole.y, strict=True)]]
    plot = _forest(
        same,
        [f"{_short(x)}: {x.partition(': ')[0]} / {y.partition(': ')[0]}" for x, y in zip(same.x, same.y, strict=True)],
    )
    median = same.tau.median()
    return {
        "across_datasets": Figure(
            title="The same metric on two data sets",
            plot=plot,
            reading=(
                "A tau near zero means that a model's rank by calibration on one data set says nothing about another; open "
                "diamonds show how high it could be at all."
            ),
            caption=_caption(same),
            alt=f"Rank correlation of each metric between data sets; median {median:.2f}.",
            reference=f"{STUDY}, question i",
            group=TABS["i"],
        )
    }


def _robustness(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    plot = go.Figure()
    columns = list(dict.fromkeys(rows.y))
    sizes = rows.drop_duplicates("subset").sort_values("n")
    for place, (colour, name) in enumerate(zip((*SERIES, *SERIES), columns[:14], strict=False)):
        part = rows[rows.y == name].sort_values("n")
        plot.add_scatter(
            x=part.n + shift(place, min(len(columns), 14), 0.01 * float(sizes.n.max())),
            y=part.tau,
            customdata=part[["accuracy_low", "accuracy_high", "subset", "n"]],
            error_y={"array": part.high - part.tau, "arrayminus": part.tau - part.low, "color": colour, "thickness": 1},
            mode="lines+markers",
            line={"color": colour, "width": 1.5},
            name=name.replace("_", " "),
            hovertemplate=(
                "%{customdata[2]} (n = %{customdata[3]}), accuracy %{customdata[0]:.3f} to %{customdata[1]:.3f}: tau %{y:.2f}<extra>"
                + name.replace("_", " ")
                + "</extra>"
            ),
        )
    plot.add_hline(y=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="most accurate models that are looked at (count)")
    plot.update_yaxes(title="Kendall's tau-b of ECE with accuracy under disturbance")
    plot.update_layout(height=460)
    spans = "; ".join(
        f"{one.subset}: accuracy {one.accuracy_low:.3f} to {one.accuracy_high:.3f}" for one in sizes.itertuples()
    )
    last = rows[rows.direction == "all"]
    return {
        "robustness": Figure(
            title="Does calibration tell robustness?",
            plot=plot,
            reading=(
                "A line below zero means that better calibrated models stand disturbance better; a line that changes its "
                "sign with the subset means that the answer depends on who is asked."
            ),
            caption=(
                f"Subsets are the most accurate models, never the least: {spans}. Bars: intervals over models, drawn "
                "beside each other."
            ),
            alt=f"Tau of ECE with robustness; over all models from {last.tau.min():.2f} to {last.tau.max():.2f}.",
            reference=f"{STUDY}, question ii",
            group=TABS["ii"],
        )
    }


def _metrics(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    first = rows[rows.dataset == rows.dataset.iloc[0]]
    names = list(dict.fromkeys([*first.x, *first.y]))
    plot = _matrix(
        first, names, names, [_short(name) for name in names], [_short(name) for name in names], symmetric=True
    )
    drawn = {
        "metric_agreement": Figure(
            title="Do the metrics agree on who is well calibrated?",
            plot=plot,
            reading=(
                "A pale row is a metric that ranks the models otherwise than all others: either it measures something else, "
                "or it measures noise; the reliabilities below tell which."
            ),
            caption=f"Kendall's tau-b over {int(first.n.max()):,} models, before temperature scaling; hover for interval and ceiling.",
            alt=f"Matrix of rank correlations between {len(names)} metrics, from {first.tau.min():.2f} to {first.tau.max():.2f}.",
            reference=f"{STUDY}, question iii",
            group=TABS["iii"],
        )
    }
    if "split_half" in result.tables:
        drawn["reliabilities"] = _reliabilities(result)
    return drawn


def _reliabilities(result: Result) -> Figure:
    table = result.tables["split_half"]
    table = table[table.dataset == table.dataset.iloc[0]]
    kept = table[[not _bins(name) or _bins(name) == 15 for name in table.metric]]
    kept = kept if len(kept) > 3 else table
    kept = kept.assign(
        stage=[name.partition("_")[0] if name != "acc" else "pre" for name in kept.metric],
        name=[_short(name) for name in kept.metric],
    )
    order = kept[kept.stage == "pre"].sort_values("tau", ascending=False).name.tolist()
    plot = go.Figure()
    for stage, part in kept.groupby("stage", sort=False):
        part = part.set_index("name").reindex(order).dropna(subset=["tau"])
        plot.add_scatter(
            x=part.tau,
            y=part.index,
            mode="markers",
            marker={"size": 9, "color": STAGE_COLOURS.get(str(stage), NEUTRAL)},
            name=STAGE_WORDS.get(str(stage), str(stage)),
            hovertemplate="%{y}: tau %{x:.2f} between halves<extra></extra>",
        )
    plot.update_xaxes(title="tau-b between two halves of the samples", range=[-0.15, 1.03])
    plot.update_yaxes(autorange="reversed")
    plot.update_layout(height=130 + 26 * len(order))
    best, worst = kept.iloc[int(kept.tau.argmax())], kept.iloc[int(kept.tau.argmin())]
    return Figure(
        title="How much of each ranking is noise",
        plot=plot,
        reading="No metric can agree with another one better than with itself: far left, its ranking is mostly noise.",
        caption=f"{int(kept.splits.max())} random halvings of the samples; 15 bins where a metric has bins.",
        alt=f"Split-half rank correlation from {worst.tau:.2f} ({worst['metric']}) to {best.tau:.2f} ({best['metric']}).",
        reference="Spearman 1904, American Journal of Psychology 15:72 (attenuation); split halves",
        group=TABS["iii"],
    )


def _temperature(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    first = rows[rows.dataset == rows.dataset.iloc[0]]
    pre, post = list(dict.fromkeys(first.x)), list(dict.fromkeys(first.y))
    plot = _matrix(first, pre, post, [str(_bins(name)) for name in pre], [str(_bins(name)) for name in post])
    plot.update_xaxes(title="bins, before temperature scaling")
    plot.update_yaxes(title="bins, after temperature scaling")
    ceiling = first.ceiling.median()
    known = f"; the median ceiling is {ceiling:.2f}" if np.isfinite(ceiling) else ""
    drawn = {
        "temperature_scaling": Figure(
            title="Does temperature scaling improve all models alike?",
            plot=plot,
            reading=(
                "Pale cells: who is well calibrated before says nothing about who is after; that means something only where "
                "the ceiling is well above the tau."
            ),
            caption=f"Kendall's tau-b of ECE before and after over {int(first.n.max()):,} models{known}.",
            alt=f"Rank correlation of ECE before and after, from {first.tau.min():.2f} to {first.tau.max():.2f}{known}.",
            reference=f"{STUDY}, question iv",
            group=TABS["iv"],
        )
    }
    scatter = _before_after(result)
    return drawn | ({"before_after": scatter} if scatter else {})


def _before_after(result: Result) -> Figure | None:
    table = result.tables["population"]
    bins = 15 if {"pre_ECE_15", "post_ECE_15"} <= set(table) else None
    if bins is None:
        return None
    shown = table.dropna(subset=["pre_ECE_15", "post_ECE_15"]).head(MOST_POINTS)
    plot = go.Figure()
    plot.add_scatter(
        x=100 * shown.pre_ECE_15,
        y=100 * shown.post_ECE_15,
        customdata=np.column_stack([shown.config.astype(str), 100 * shown.acc]),
        mode="markers",
        marker={"color": 100 * shown.acc, "colorscale": "Viridis", "size": 8, "colorbar": {"title": "accuracy (%)"}},
        hovertemplate="%{customdata[0]}, accuracy %{customdata[1]:.1f} %<br>ECE %{x:.2f} % before, %{y:.2f} % after<extra></extra>",
    )
    floor = result.tables["bin_boxes"]
    floor = floor[(floor.stage == "post") & (floor.bins == 15) & floor.floor.notna()]
    if len(floor):
        plot.add_hline(
            y=100 * floor.floor.iloc[0],
            line={"color": NEUTRAL, "dash": "dot", "width": 1.2},
            annotation={
                "text": "floor of a calibrated model",
                "font": {"color": NEUTRAL},
                "yanchor": "top",
                "x": 1,
                "xanchor": "right",
            },
        )
    plot.update_xaxes(title="ECE before (%), 15 bins", rangemode="tozero")
    plot.update_yaxes(title="ECE after (%), 15 bins", rangemode="tozero")
    return Figure(
        title="ECE before and after temperature scaling",
        plot=plot,
        reading="A cloud along the dotted floor is a population that temperature scaling has calibrated as far as can be seen.",
        caption=f"{len(shown):,} models; colour: accuracy.",
        alt=f"Scatter of ECE before against after; medians {100 * shown.pre_ECE_15.median():.2f} and {100 * shown.post_ECE_15.median():.2f} %.",
        reference=f"{STUDY}, question iv",
        group=TABS["iv"],
    )


def _accuracy(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    table = result.tables["population"]
    error = next((name for name in ("pre_ECE_15", "pre_ECE_10", "pre_ECE_20") if name in table), None)
    drawn = {}
    if error:
        shown = table.dropna(subset=[error]).head(MOST_POINTS)
        plot = go.Figure()
        plot.add_scatter(
            x=100 * shown.acc,
            y=100 * shown[error],
            customdata=shown.config.astype(str),
            mode="markers",
            marker={"color": ACCENT, "size": 7, "opacity": 0.7},
            hovertemplate="%{customdata}: accuracy %{x:.1f} %, ECE %{y:.2f} %<extra></extra>",
        )
        plot.update_xaxes(title="accuracy (%)")
        plot.update_yaxes(title=f"ECE (%), {_bins(error)} bins", rangemode="tozero")
        drawn["accuracy"] = Figure(
            title="Accuracy and calibration",
            plot=plot,
            reading="A cloud that falls to the right: accurate models are better calibrated; look whether only one end of it does.",
            caption=f"{len(shown):,} models, before temperature scaling.",
            alt=f"Scatter of ECE against accuracy from {100 * shown.acc.min():.1f} to {100 * shown.acc.max():.1f} %.",
            reference=f"{STUDY}, question v",
            group=TABS["v"],
        )
    first = rows[(rows.dataset == rows.dataset.iloc[0]) & rows.y.map(_is_shown)]
    drawn["accuracy_subsets"] = _subsets(first)
    return drawn


def _subsets(rows: pd.DataFrame) -> Figure:
    plot = go.Figure()
    order = list(dict.fromkeys(_short(name) for name in rows.y))
    subsets = list(rows.groupby("subset", sort=False))
    for place, (colour, (subset, part)) in enumerate(zip(SERIES, subsets, strict=False)):
        plot.add_scatter(
            x=part.tau,
            y=[order.index(_short(name)) + shift(place, len(subsets), 0.15) for name in part.y],
            customdata=[_short(name) for name in part.y],
            error_x={"array": part.high - part.tau, "arrayminus": part.tau - part.low, "color": colour, "thickness": 1},
            mode="markers",
            marker={"color": colour, "size": 8},
            name=f"{subset} (n = {int(part.n.max()):,})",
            hovertemplate="%{customdata}: tau %{x:.2f}<extra>" + str(subset) + "</extra>",
        )
    plot.add_vline(x=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="Kendall's tau-b of accuracy with the metric")
    name_rows(plot, order)
    plot.update_layout(height=150 + 14 * (len(subsets) + 1) * len(order), legend={"y": 1.02})
    spans = "; ".join(
        f"{one.subset}: accuracy {one.accuracy_low:.3f} to {one.accuracy_high:.3f}"
        for one in rows.drop_duplicates("subset").itertuples()
    )
    return Figure(
        title="The same question asked of the best",
        plot=plot,
        reading="A sign that changes between subsets is Simpson's paradox at work: say which models a finding is about.",
        caption=f"{spans}. Bars: intervals over models.",
        alt=f"Tau of accuracy with each metric by subset, from {rows.tau.min():.2f} to {rows.tau.max():.2f}.",
        reference=f"{STUDY}, question v",
        group=TABS["v"],
    )


def _bin_count(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
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


def _architecture(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    drawn = {}
    if "attribute_effects" in result.tables:
        drawn["attribute_effects"] = _effects(result.tables["attribute_effects"])
    if "attribute_boxes" in result.tables:
        drawn["attribute_boxes"] = _attribute_boxes(result.tables["attribute_boxes"])
    if "hcs" in result.tables:
        drawn["hcs"] = _hcs(result.tables["hcs"])
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
        rows=1, cols=len(attributes), shared_yaxes=True, horizontal_spacing=0.02, subplot_titles=attributes
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


def _hcs(table: pd.DataFrame) -> Figure:
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


_DRAWERS = {
    "i": _across,
    "ii": _robustness,
    "iii": _metrics,
    "iv": _temperature,
    "v": _accuracy,
    "vi": _bin_count,
    "vii": _architecture,
}


def _matrix(
    rows: pd.DataFrame, xs: list[str], ys: list[str], x_words: list[str], y_words: list[str], symmetric: bool = False
) -> go.Figure:
    """Tau as colours, with interval and ceiling on hover."""
    place_x, place_y = {name: i for i, name in enumerate(xs)}, {name: i for i, name in enumerate(ys)}
    tau = np.full((len(ys), len(xs)), np.nan)
    hover = np.full((len(ys), len(xs)), "", dtype=object)
    for row in rows.itertuples():
        words = f"{row.x} / {row.y}<br>tau {row.tau:.2f}, interval {row.low:.2f} to {row.high:.2f}, ceiling {row.ceiling:.2f}, q {row.q_value:.2g}"
        x, y = str(row.x), str(row.y)
        for a, b in ((x, y), (y, x)) if symmetric else ((x, y),):
            tau[place_y[b], place_x[a]] = row.tau
            hover[place_y[b], place_x[a]] = words
    plot = go.Figure()
    plot.add_heatmap(
        z=tau,
        x=x_words,
        y=y_words,
        customdata=hover,
        zmin=-1,
        zmax=1,
        colorscale="RdBu",
        xgap=1,
        ygap=1,
        texttemplate="%{z:.2f}" if len(xs) <= 14 else None,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorbar={"title": "tau"},
    )
    plot.update_xaxes(type="category")
    plot.update_yaxes(type="category", autorange="reversed")
    plot.update_layout(height=160 + 32 * len(ys))
    return plot


def _forest(rows: pd.DataFrame, words: list[str]) -> go.Figure:
    """Tau with interval, one row a pair; the ceiling as an open diamond."""
    rows, words = rows.head(MOST_ROWS), words[:MOST_ROWS]
    plot = go.Figure()
    plot.add_scatter(
        x=rows.ceiling,
        y=words,
        mode="markers",
        marker={"symbol": "diamond-open", "size": 9, "color": NEUTRAL},
        name="ceiling",
        hovertemplate="%{y}: ceiling %{x:.2f}<extra></extra>",
    )
    plot.add_scatter(
        x=rows.tau,
        y=words,
        error_x={"array": rows.high - rows.tau, "arrayminus": rows.tau - rows.low, "color": ACCENT, "thickness": 1.5},
        mode="markers",
        marker={"size": 9, "color": ACCENT},
        name="tau",
        hovertemplate="%{y}: tau %{x:.2f}<extra></extra>",
    )
    plot.add_vline(x=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="Kendall's tau-b", range=[-1.03, 1.03])
    plot.update_yaxes(autorange="reversed")
    plot.update_layout(height=150 + 26 * len(words), margin={"r": LABEL_MARGIN // 4})
    return plot


def _caption(rows: pd.DataFrame) -> str:
    found = int((rows.q_value < FOUND).sum())
    return f"{int(rows.n.max()):,} models; bars: intervals over models; {found} of {len(rows)} with q < {FOUND:g} (Benjamini-Hochberg)."


def _metric(name: str) -> str:
    return name.rpartition(": ")[2]


def _short(name: str) -> str:
    """`CIFAR: pre_cwCE_em_15` -> `cwCE_em`."""
    parts = _metric(name).removeprefix("pre_").removeprefix("post_").split("_")
    return "_".join(parts[:-1] if parts[-1].isdigit() else parts)


def _bins(name: str) -> int:
    last = name.rpartition("_")[2]
    return int(last) if last.isdigit() else 0


def _is_shown(name: str) -> bool:
    return not _bins(name) or _short(name) in ("ECE", "ECE_em", "cwCE", "cwCE_em", "MCE")
