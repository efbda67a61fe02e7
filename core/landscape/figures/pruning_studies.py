"""The case studies of pruning: what twins advise, beside the dense optimum and the best there is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.pruning import COLOURS, pruning_figures
from core.palette import NEUTRAL, SERIES

CASE_STUDIES = "arXiv:2305.18383, section 5"
STYLES = {  # role -> colour, symbol, words
    "present": (SERIES[4], "circle", "present value"),
    "advised": (SERIES[0], "diamond", "where the advice leads"),
    "twins": (SERIES[0], "diamond", "chosen by twins"),
    "dense optimum": (SERIES[1], "square", "chosen by dense accuracy"),
    "plain SGD": (SERIES[3], "triangle-up", "plain SGD"),
    "best": (SERIES[2], "star", "best of all, known afterwards"),
}
SHORT = {"twins": "twins", "dense optimum": "dense accuracy", "best": "the best of all"}


def study_figures(result: Result) -> dict[str, Figure]:
    """The picture of the study first, then the map that it was read from, where there is one."""
    study = result.tables["pruning_study"]
    if "candidates" in result.tables:
        return {"pruning_choice": _choice(study), "pruning_candidates": _candidates(result.tables["candidates"])}
    name, draw = ("pruning_direction", _direction) if "pruning_path" in result.tables else ("pruning_tuning", _tuning)
    return {name: draw(result), **pruning_figures(result)}


def _direction(result: Result) -> Figure:
    study, path = result.tables["pruning_study"], result.tables["pruning_path"]
    axes = result.tables["pruning_axes"].set_index("axis").to_dict()
    goal = float(study.density.to_numpy()[0])
    cells = result.tables["regimes"]
    line = cells[cells.density == goal].sort_values("temperature", ascending=not axes["cold_if_large"]["temperature"])
    places = {value: place for place, value in enumerate(line.temperature)}
    plot = go.Figure()
    plot.add_scatter(
        x=list(places.values()),
        y=line.test_error,
        mode="lines",
        line={"color": NEUTRAL, "width": 1.5},
        showlegend=False,
        hoverinfo="skip",
    )
    for regime in sorted(set(line.regime)):
        part = line[line.regime == regime]
        plot.add_scatter(
            x=[places[value] for value in part.temperature],
            y=part.test_error,
            mode="markers",
            marker={"color": COLOURS.get(regime, NEUTRAL), "size": 9},
            name=f"regime {regime}",
            customdata=part[["lmc", "cka"]],
            hovertemplate="%{y:.2f} %, connectivity %{customdata[0]:.2f} points, CKA %{customdata[1]:.3f}"
            f"<extra>regime {regime}</extra>",
        )
    for role, row in study.set_index("role").iterrows():
        colour, symbol, words = STYLES[str(role)]
        plot.add_scatter(
            x=[places[row["temperature"]]],
            y=[row["test_error"]],
            error_y={"type": "data", "array": [row["standard_error"]], "color": colour, "thickness": 1.5},
            mode="markers",
            marker={"symbol": f"{symbol}-open", "size": 19, "color": colour, "line": {"width": 2.5}},
            name=words,
            hovertemplate="%{y:.2f} %<extra>" + words + "</extra>",
        )
    plot.update_xaxes(
        title=f"{axes['name']['temperature']} (hot is right)",
        tickvals=list(places.values()),
        ticktext=[f"{value:g}" for value in places],
    )
    plot.update_yaxes(title="test error after retraining, %")
    steps = " to ".join(f"{value:g}" for value in path.temperature)
    by_role = study.set_index("role").test_error
    return Figure(
        title="Raise or lower?",
        plot=plot,
        reading=(
            "From the present value the advice is followed regime by regime: hotter in I, colder in II-A, until II-B, the last value, "
            "or the place where it turns round. It pays where the diamond lies below the circle; the square is what dense accuracy "
            "would have chosen."
        ),
        caption=f"Density {goal:g}; tried: {steps}. Bars: one standard error over dense networks.",
        alt=(
            f"Retrained test error over {len(line)} values: {by_role['present']:.2f} % at the present one, {by_role['advised']:.2f} % "
            f"where the advice leads, {by_role['dense optimum']:.2f} % at the dense optimum."
        ),
        reference=CASE_STUDIES,
    )


def _tuning(result: Result) -> Figure:
    study = result.tables["pruning_study"]
    knob = str(result.tables["pruning_axes"].set_index("axis").loc["temperature", "name"])
    plot = go.Figure()
    for role, (colour, symbol, words) in STYLES.items():
        part = study[study.role == role].sort_values("density")
        if part.empty:
            continue
        plot.add_scatter(
            x=part.density,
            y=part.test_error,
            error_y={"type": "data", "array": part.standard_error, "color": colour, "thickness": 1.2},
            mode="lines+markers",
            marker={"symbol": symbol, "size": 9},
            line={"color": colour, "width": 2, "dash": "dot" if role == "best" else "solid"},
            name=words,
            customdata=part.temperature,
            hovertemplate=f"%{{y:.2f}} % at {knob} %{{customdata:g}}<extra>{words}</extra>",
        )
    densities = sorted(set(study.density))
    plot.update_xaxes(title="density", type="log", tickvals=densities, ticktext=[f"{value:g}" for value in densities])
    plot.update_yaxes(title="test error after retraining, %")
    means = study.groupby("role").test_error.mean()
    return Figure(
        title=f"The {knob} for each density",
        plot=plot,
        reading=(
            "Compare the diamonds, whose value was chosen by twins, with the squares, one value for all densities: that of the best "
            "dense network. The dotted line is known afterwards alone, so that no rule can aim at it."
        ),
        caption="Chosen by twins: of the values without a barrier the one with the highest CKA. Bars: one standard error over dense networks.",
        alt="Mean retrained test error: "
        + ", ".join(f"{STYLES[str(role)][2]} {value:.2f} %" for role, value in means.items())
        + ".",
        reference=CASE_STUDIES,
    )


def _choice(study: pd.DataFrame) -> Figure:
    roles = [role for role in STYLES if (study.role == role).any()]
    words = [SHORT[role] for role in roles]
    plot = go.Figure()
    for number, (_, family) in enumerate(study.groupby("seed", sort=True)):
        own = family.set_index("role").reindex(roles)
        plot.add_scatter(
            x=words,
            y=own.test_error,
            mode="lines+markers",
            line={"color": NEUTRAL, "width": 1},
            marker={"size": 6, "color": NEUTRAL},
            showlegend=False,
            customdata=own[["width", "temperature"]],
            hovertemplate="%{y:.2f} %: width %{customdata[0]:g}, temperature %{customdata[1]:g}"
            f"<extra>family {number + 1}</extra>",
        )
    means = study.groupby("role").test_error.agg(["mean", "sem"]).reindex(roles)
    for role, word in zip(roles, words, strict=True):
        colour, symbol, _ = STYLES[role]
        plot.add_scatter(
            x=[word],
            y=[means["mean"][role]],
            error_y={"type": "data", "array": [means["sem"][role]], "color": colour, "thickness": 2},
            mode="markers",
            marker={"size": 15, "color": colour, "symbol": symbol},
            showlegend=False,
            hovertemplate="mean %{y:.2f} %<extra></extra>",
        )
    plot.update_xaxes(title="chosen by")
    plot.update_yaxes(title="test error after retraining, %")
    return Figure(
        title="Which dense network should be pruned?",
        plot=plot,
        reading=(
            "The lower the better: each thin line is a family of networks of one seed, of which one is pruned. The rule of the twins "
            "pays where its mean lies below that of dense accuracy, and nothing can lie below the star."
        ),
        caption=f"{study.seed.nunique()} families; means with one standard error.",
        alt="Mean retrained test error: "
        + ", ".join(f"{word} {mean:.2f} %" for word, mean in zip(words, means["mean"], strict=True))
        + ".",
        reference=CASE_STUDIES,
    )


def _candidates(candidates: pd.DataFrame) -> Figure:
    plot = go.Figure()
    for number, (width, part) in enumerate(candidates.groupby("width", sort=True)):
        plot.add_scatter(
            x=part.dense_test_error,
            y=part.test_error,
            mode="markers",
            marker={"size": 10, "color": SERIES[number % len(SERIES)]},
            name=f"width {width}",
            customdata=part[["temperature", "lmc", "cka"]],
            hovertemplate="temperature %{customdata[0]:g}: dense %{x:.2f} %, retrained %{y:.2f} %, connectivity %{customdata[1]:.2f} "
            f"points, CKA %{{customdata[2]:.3f}}<extra>width {width}</extra>",
        )
    plot.update_xaxes(title="dense test error, %")
    plot.update_yaxes(title="test error after retraining, %")
    known = candidates[["dense_test_error", "test_error"]].dropna()
    order = float(np.corrcoef(known.rank().to_numpy().T)[0, 1]) if len(known) > 2 else float("nan")
    return Figure(
        title="Dense and retrained",
        plot=plot,
        reading=(
            "If dense accuracy told which network to prune, the points would rise from left to right. Points low on the right are "
            "networks that are worth pruning although they are not the most accurate dense ones."
        ),
        caption=f"{len(candidates)} candidates, means over families; rank correlation {order:.2f}.",
        alt=f"Retrained against dense test error of {len(candidates)} candidates, rank correlation {order:.2f}.",
        reference=CASE_STUDIES,
        group="Measured",
    )
