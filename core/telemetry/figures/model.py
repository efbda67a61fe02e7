"""Pictures of mode `explain_model`: what moves the predictions of an uploaded model, in all and row by row."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES, translucent
from core.telemetry.figures.beeswarm import MOST_ROWS, swarm
from core.telemetry.figures.drawing import ROW, count, name_rows, short
from core.telemetry.figures.waterfall import REFERENCE, bars_of, drawn

MOST_FEATURES = 20
MOST_PAIRS = 15
MOST_WATERFALLS = 12
MOST_OUTPUTS = 6  # with a colour of their own
ADDITIVITY_POINTS = 2_000
SCALE = "prediction (the model's own scale)"


def model_figures(result: Result) -> dict[str, Figure]:
    """Importance, swarm, additivity, interactions where they were asked for, and a tab for each row that is shown."""
    figures = {"importance": _importance(result), "beeswarm": _beeswarm(result), "additivity": _additivity(result)}
    if len(result.tables.get("interactions", ())):
        figures["interactions"] = _interactions(result)
    return figures | _waterfalls(result)


def _importance(result: Result) -> Figure:
    table = result.tables["importance"]
    whole = table[table.output == table.output.iloc[0]].sort_values("order").head(MOST_FEATURES)
    names = whole.feature.astype(str).tolist()
    outputs = sorted(int(output) for output in table.output.unique() if output >= 0)
    plot = go.Figure()
    for place, output in enumerate(outputs[:MOST_OUTPUTS]):
        own = table[table.output == output].set_index("feature").mean_abs_shap.reindex(names)
        plot.add_bar(
            x=own.to_numpy(),
            y=list(range(len(names))),
            orientation="h",
            width=0.62,
            marker={"color": SERIES[place] if len(outputs) > 1 else ACCENT, "line": {"width": 0}},
            name=f"output {output}",
            showlegend=len(outputs) > 1,
            customdata=[short(name, 60) for name in names],
            hovertemplate=f"%{{customdata}}: %{{x:.4g}}<extra>output {output}</extra>",
        )
    name_rows(plot, names)
    plot.update_xaxes(title="mean |SHAP|", rangemode="tozero")
    plot.update_yaxes(showgrid=False, ticks="")
    plot.update_layout(height=100 + ROW * len(names), barmode="stack")
    first = whole.iloc[0]
    of_outputs = f", the first {MOST_OUTPUTS} of {len(outputs)} outputs" if len(outputs) > MOST_OUTPUTS else ""
    return Figure(
        title="What moves the predictions",
        plot=plot,
        reading=(
            "Longer bars move predictions more, on average over the rows; this is what the model uses, not what causes the "
            "target. One column that outweighs all others by far may give the answer away."
        ),
        caption=(
            f"n = {len(result.arrays['rows']):,} rows; {len(names)} of {count(result.arrays['feature_names'].size, 'column')}"
            f"{of_outputs}, the largest mean |SHAP| first."
        ),
        alt=f"Mean size of SHAP values by column: {first.feature} leads with {100 * float(first.share):.0f} % of the whole.",
        reference=REFERENCE.partition(";")[0],
    )


def _beeswarm(result: Result) -> Figure:
    shap, values = result.arrays["shap"], result.arrays["values"]
    rows = np.linspace(0, len(shap) - 1, min(len(shap), MOST_ROWS)).astype(int)
    output = int(np.abs(shap).sum(axis=(0, 2)).argmax())
    names = tuple(map(str, result.arrays["feature_names"]))
    plot, order = swarm(shap[rows, output], values[rows], names, "SHAP value", unit="")
    several = f" of output {output}, the one that moves most" if shap.shape[1] > 1 else ""
    return Figure(
        title="Over many rows",
        plot=plot,
        reading=(
            "Each point is a row; right of zero the column raised the prediction, left it lowered it. Yellow on one side and "
            "dark on the other is a steady dependence, mixed colours are interactions with other columns."
        ),
        caption=(
            f"n = {len(rows)} of {len(shap):,} explained rows{several}; the {len(order)} columns with the largest mean size; "
            "colour: rank of the column's value, dark low, yellow high."
        ),
        alt=f"SHAP values of {len(rows)} rows by column; {names[order[0]]} moves them most.",
        reference=REFERENCE.partition(";")[0],
    )


def _additivity(result: Result) -> Figure:
    shap, base, margin = (result.arrays[name].astype(np.float64) for name in ("shap", "base", "margin"))
    total = shap.sum(axis=2) + base  # [rows, outputs]
    miss, size = (total - margin).ravel(), margin.ravel()
    kept = np.linspace(0, len(size) - 1, min(len(size), ADDITIVITY_POINTS)).astype(int)
    largest = float(np.abs(miss).max(initial=0.0))
    plot = go.Figure()
    plot.add_scatter(
        x=size[kept],
        y=miss[kept],
        mode="markers",
        marker={"color": translucent(ACCENT, 0.5), "size": 5},
        showlegend=False,
        hovertemplate="prediction %{x:.5g}: off by %{y:.2g}<extra></extra>",
    )
    plot.add_hline(y=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title=SCALE)
    plot.update_yaxes(title="base + ΣSHAP − prediction", exponentformat="e", nticks=6)
    plot.update_layout(height=320)
    return Figure(
        title="Do they add up?",
        plot=plot,
        reading=(
            "Base and SHAP values of a row must add up to its prediction: points near the line, within what single precision "
            "can hold. A band that is not thin beside the predictions means that other rounds or other rows were explained."
        ),
        caption=f"n = {len(kept):,} of {count(len(size), 'prediction')}; the largest miss of all is {largest:.1e}.",
        alt=f"Additivity of the SHAP values: the largest miss is {largest:.1e}.",
        reference="Additivity (local accuracy): Lundberg & Lee 2017, arXiv:1705.07874, property 1",
    )


def _interactions(result: Result) -> Figure:
    table = result.tables["interactions"]
    pairs = table.assign(size=table.interaction.abs()).groupby(["feature", "other"])["size"].mean()
    pairs = pairs.sort_values(ascending=False).head(MOST_PAIRS)
    names = [f"{short(str(a), 16)} × {short(str(b), 16)}" for a, b in pairs.index]
    plot = go.Figure()
    plot.add_bar(
        x=pairs.to_numpy(), y=list(range(len(names))), orientation="h", width=0.62, showlegend=False,
        marker={"color": ACCENT, "line": {"width": 0}}, customdata=names, hovertemplate="%{customdata}: %{x:.4g}<extra></extra>",
    )  # fmt: skip
    plot.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], showgrid=False, ticks=""
    )
    plot.update_xaxes(title="mean |interaction|", rangemode="tozero")
    plot.update_layout(height=100 + ROW * len(names))
    rows = table.row.nunique()
    return Figure(
        title="What columns do together",
        plot=plot,
        reading=(
            "A long bar is a pair whose joint effect is more than the two alone; if it is as long as the bars above, single "
            "columns tell only half of the story."
        ),
        caption=f"n = {count(rows, 'row')} that are shown; the {len(names)} largest pairs, both halves added up.",
        alt=f"Interactions of pairs of columns; {names[0]} is the largest with {float(pairs.iloc[0]):.3g}.",
        reference="SHAP interaction values: Lundberg et al. 2020, Nature Machine Intelligence 2:56",
    )


def _waterfalls(result: Result) -> dict[str, Figure]:
    """One for each row that is shown, of the output that moves most there."""
    table = result.tables["waterfall"]
    figures = {}
    for row in list(dict.fromkeys(table.row))[:MOST_WATERFALLS]:
        own = table[table.row == row]
        moved = own.groupby("output")["shap"].apply(lambda values: values.abs().sum())
        output = int(moved.idxmax())
        own = own[own.output == output].sort_values("order")
        parts = [
            (f"{name} = {value:.4g}", float(shap))
            for name, value, shap in zip(own.feature, own["value"], own["shap"], strict=True)
        ]
        base, prediction = float(own.base.iloc[0]), float(own.prediction.iloc[0])
        first = own.iloc[0]
        several = f", output {output}" if len(moved) > 1 else ""
        figures[f"waterfall_{row}"] = Figure(
            title=f"Row {row:,}{several}",
            plot=drawn(bars_of(base, parts, prediction, None), SCALE),
            reading="From the base, each bar moves the prediction to where it ends; orange raises it, blue lowers it.",
            caption=f"Row {row:,} of the file, counted from 0; {count(len(parts), 'column')}, the largest contribution first.",
            alt=f"Waterfall of row {row}: {first.feature} contributes most, {float(first['shap']):+.3g} of {prediction:.4g}.",
            reference=REFERENCE.partition(";")[0],
            group=f"Row {row:,}",
        )
    return figures
