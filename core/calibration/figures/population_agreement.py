"""Do rankings of models agree: between data sets, with robustness, between metrics? Questions i to iii."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.calibration.figures.drawing import STAGE_COLOURS, STAGE_WORDS, shift
from core.calibration.figures.population_drawing import (
    STUDY,
    TABS,
    bins_of,
    interval_caption,
    metric_of,
    short_name,
    tau_forest,
    tau_matrix,
)
from core.palette import NEUTRAL, SERIES


def across_data_sets(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question i: taus of each metric between data sets."""
    whole = rows[rows.direction == "all"]
    same = whole[[metric_of(x) == metric_of(y) for x, y in zip(whole.x, whole.y, strict=True)]]
    plot = tau_forest(
        same,
        [
            f"{short_name(x)}: {x.partition(': ')[0]} / {y.partition(': ')[0]}"
            for x, y in zip(same.x, same.y, strict=True)
        ],
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
            caption=interval_caption(same),
            alt=f"Rank correlation of each metric between data sets; median {median:.2f}.",
            reference=f"{STUDY}, question i",
            group=TABS["i"],
        )
    }


def robustness(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question ii: tau of ECE with robustness over subsets of the most accurate models."""
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


def metric_agreement(result: Result, rows: pd.DataFrame) -> dict[str, Figure]:
    """Question iii: taus between metrics and, where samples were halved, how reliable each metric is."""
    first = rows[rows.dataset == rows.dataset.iloc[0]]
    names = list(dict.fromkeys([*first.x, *first.y]))
    plot = tau_matrix(
        first, names, names, [short_name(name) for name in names], [short_name(name) for name in names], symmetric=True
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
    kept = table[[not bins_of(name) or bins_of(name) == 15 for name in table.metric]]
    kept = kept if len(kept) > 3 else table
    kept = kept.assign(
        stage=[name.partition("_")[0] if name != "acc" else "pre" for name in kept.metric],
        name=[short_name(name) for name in kept.metric],
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
