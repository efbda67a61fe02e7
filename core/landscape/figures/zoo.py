"""A model zoo: training curves of its cells, and what averaging gained in each phase."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.phases import COLOURS
from core.landscape.figures.plane import PARTLY_KNOWN, Plane
from core.landscape.phase_map.labels import LABELS
from core.palette import NEUTRAL

MOST_POINTS = 15_000
LEGEND = {
    "orientation": "h",
    "y": -0.2,
    "yanchor": "top",
    "x": 0,
}  # below: above, the tools would lie on it where it is narrow
CURVES, AVERAGING = "Training", "Averaging"
ZOO = "arXiv:2504.18072, section 3"
CURVE_WORDS = {
    "train_loss": ("Training loss over epochs", "training loss, nats (log)", "log"),
    "test_error": ("Test error over epochs", "test error, %", "linear"),
}


def zoo_figures(result: Result) -> dict[str, Figure]:
    """Curves of what was stored every epoch, then gains by phase and over the plane."""
    history = result.tables["history"]
    drawn = {f"history_{name}": _curves(result, name) for name in CURVE_WORDS if _is_curve(history, name)}
    if "gains" in result.tables:
        drawn["gains"] = _gains(result)
        for number, method in enumerate(result.tables["gains"].method.unique()):
            drawn[f"plane_gain_{number + 1}"] = _plane(result, str(method))
    return drawn


def _is_curve(history: pd.DataFrame, name: str) -> bool:
    return bool(history[history[name].notna()].epoch.nunique() > 1)


def _curves(result: Result, name: str) -> Figure:
    """The mean over seeds of each cell, in the colour of its phase."""
    title, axis, scale = CURVE_WORDS[name]
    history = result.tables["history"]
    means = history.groupby(["phase", "load", "temperature", "epoch"])[name].mean().dropna().reset_index()
    if scale == "log":
        means = means[means[name] > 0]
    cells = means[["load", "temperature"]].drop_duplicates()
    epochs = np.sort(means.epoch.unique())
    every = max(1, int(np.ceil(len(means) / MOST_POINTS)))
    shown = means[means.epoch.isin({*epochs[::every], epochs[-1]})]
    axes = result.tables["axes"].set_index("axis").name
    plot = go.Figure()
    for phase in [label for label in LABELS if (shown.phase == label).any()]:
        for number, ((load, temperature), line) in enumerate(
            shown[shown.phase == phase].groupby(["load", "temperature"])
        ):
            plot.add_scatter(
                x=line.epoch,
                y=line[name],
                mode="lines",
                name=phase,
                legendgroup=phase,
                showlegend=number == 0,
                line={"color": COLOURS.get(phase, PARTLY_KNOWN), "width": 1.6},
                opacity=0.75,
                hovertemplate=f"epoch %{{x}}: %{{y:.4g}}<br>{axes['load']} {load:.4g}, {axes['temperature']} {temperature:.4g}"
                f"<extra>{phase}</extra>",
            )
    plot.update_xaxes(title="epoch")
    plot.update_yaxes(title=axis, type=scale)
    if scale == "log":
        plot.update_yaxes(exponentformat="power")
    plot.update_layout(legend=LEGEND)
    last = means.groupby("phase")[name].mean()
    return Figure(
        title=title,
        plot=plot,
        reading=(
            "A line a cell, in the colour of its phase at the epoch of the map. Phases are told from the end of training: lines of "
            "one colour that are still falling say that the map would change with more epochs."
        ),
        caption=f"{len(cells):,} cells, means over seeds"
        + (f"; every {every}th of {len(epochs):,} epochs." if every > 1 else f"; {len(epochs):,} epochs."),
        alt=f"{title} of {len(cells):,} cells; means over all epochs: "
        + ", ".join(f"{phase} {value:.3g}" for phase, value in last.items())
        + ".",
        reference=ZOO,
        group=CURVES,
    )


def _gains(result: Result) -> Figure:
    """A dot a cell, by phase, and the mean of each."""
    gains = result.tables["gains"]
    present = [label for label in LABELS if (gains.phase == label).any()]
    axes = result.tables["axes"].set_index("axis").name
    plot = go.Figure()
    for symbol, (method, rows) in zip(
        ("circle", "diamond", "square", "cross"), gains.groupby("method", sort=False), strict=False
    ):
        rows = rows.assign(order=rows.phase.map(present.index)).sort_values("order")
        plot.add_box(
            x=rows.phase,
            y=rows.gain,
            name=method,
            boxpoints="all",
            boxmean=True,
            pointpos=0,
            jitter=0.5,
            marker={"symbol": symbol, "size": 6, "opacity": 0.7},
            customdata=rows[["load", "temperature"]],
            hovertemplate=f"%{{y:+.2f}} points<br>{axes['load']} %{{customdata[0]:.4g}}, {axes['temperature']} "
            f"%{{customdata[1]:.4g}}<extra>{method}</extra>",
        )
    plot.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    plot.update_layout(boxmode="group", legend=LEGEND)
    plot.update_xaxes(title="phase", categoryorder="array", categoryarray=present)
    plot.update_yaxes(title="gain in test accuracy, points", zeroline=False)
    means = [
        f"{method} in {phase} {rows.gain[rows.phase == phase].mean():+.2f}"
        for method, rows in gains.groupby("method", sort=False)
        for phase in present
        if (rows.phase == phase).any()
    ]
    return Figure(
        title="What averaging gained in each phase",
        plot=plot,
        reading=(
            "Above 0 the average is better than the models that went into it. Weights of networks that a barrier separates average to "
            "something worse; dashed lines are means."
        ),
        caption=f"{len(gains[['load', 'temperature']].drop_duplicates()):,} cells; a dot a cell, mean over its models, as the zoo "
        "stores it.",
        alt=f"Mean gains in points: {', '.join(means)}.",
        reference="arXiv:2504.18072, section 5; arXiv:2109.01903; arXiv:2209.04836",
        group=AVERAGING,
    )


def _plane(result: Result, method: str) -> Figure:
    plane = Plane.of(result.tables["phases"], result.tables["axes"])
    rows = result.tables["gains"].query("method == @method").set_index(["load", "temperature"]).gain
    places = pd.MultiIndex.from_frame(plane.cells[["load", "temperature"]])
    values = pd.Series(rows.reindex(places).to_numpy(), index=plane.cells.index)
    plot = go.Figure()
    plane.values(plot, values, "points", signed=True)
    plane.lines(plot, result.tables["transition_lines"])
    plane.frame(plot)
    missing = int(values.isna().sum())
    return Figure(
        title=f"Gain by {method}",
        plot=plot,
        reading=(
            "Blue: averaging helps; red: it hurts. Lines: solid between sharp and flat, dashed between poorly and well connected."
        ),
        caption=f"{len(values) - missing:,} cells" + (f"; {missing:,} have no value." if missing else "."),
        alt=f"Heatmap of the gain by {method}, from {values.min():+.2f} to {values.max():+.2f} points.",
        reference="arXiv:2504.18072, section 5",
        group=AVERAGING,
    )
