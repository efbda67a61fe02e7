"""Pictures of the intrinsic dimension of a learning problem."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.intrinsic_dimension.figures.published import add_published
from core.palette import ACCENT, NEUTRAL, SERIES, translucent

OWN, FIXED, DIRECT = SERIES[1], SERIES[4], SERIES[2]
COLOURS = {"own": OWN, "global": FIXED}  # of the baselines
PLOT_HEIGHT, LABEL_HEIGHT = 320, 17  # pixels: about those of the plotting area, and those of a label
LABEL_MARGIN = 120  # pixels on the right, where the direct labels stand


def objective_figures(result: Result) -> dict[str, Figure]:
    """Performance by subspace dimension, the place among published results, and the choice of learning rates."""
    drawn = {
        "performance_by_dimension": _performance_by_dimension(result),
        "published": _published(result),
        "learning_rates": _learning_rates(result),
    }
    if (result.tables["curve"].role == "sweep").any():
        drawn["rate_by_dimension"] = _rate_by_dimension(result)
    return drawn


def _performance_by_dimension(result: Result) -> Figure:
    curve, fit, found = result.tables["curve"], result.tables["fit"], result.summary["d_int90"]
    searched, tried = curve[curve.role == "search"], curve[curve.role != "search"]
    gridded = (result.tables["dimensions"].method == "grid").any()
    plot = go.Figure()
    _crossings(plot, result)
    if not len(fit):
        _means(plot, searched)
    else:
        plot.add_scatter(
            x=np.concatenate([fit.subspace_dimension, fit.subspace_dimension[::-1]]),
            y=np.concatenate([fit.high, fit.low[::-1]]),
            fill="toself",
            fillcolor=translucent(ACCENT, 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
        plot.add_scatter(
            x=fit.subspace_dimension,
            y=fit.performance,
            mode="lines",
            line={"color": ACCENT, "width": 2},
            name="fitted line",
            hovertemplate="line: %{y:.3f} at d = %{x:.0f}<extra></extra>",
            showlegend=False,
        )
    for rows, symbol, name in ((tried, "circle-open", "learning rate trial"), (searched, "circle", "training")):
        plot.add_scatter(
            x=rows.subspace_dimension,
            y=rows.performance,
            customdata=rows[["seed", "learning_rate"]],
            mode="markers",
            marker={"color": NEUTRAL if rows is tried else ACCENT, "symbol": symbol, "size": 8},
            name=name,
            hovertemplate="d = %{x:,}: %{y:.3f}<br>seed %{customdata[0]}, rate %{customdata[1]:g}<extra>"
            + name
            + "</extra>",
            showlegend=False,
        )
    levels = _levels(result)
    shifts = _shifts([level for level, *_ in levels], float(curve.performance.min()))
    for (level, dash, colour, words), shift in zip(levels, shifts, strict=True):
        plot.add_hline(
            y=level,
            line={"color": colour, "dash": dash, "width": 1.2},
            annotation={
                "text": words,
                "font": {"color": colour},
                "x": 1.01,
                "xanchor": "left",
                "yanchor": "middle",
                "yshift": shift,
            },
        )
    shown = [*curve.subspace_dimension, *(end for end in (found.low, found.high) if end)]
    plot.update_xaxes(
        title="subspace dimension d (parameters, logarithmic)",
        type="log",
        tick0=0,
        dtick=np.log10(2 if max(shown) < 100 * min(shown) else 10),
        range=[np.log10(min(shown) / 1.2), np.log10(max(shown) * 1.2)],  # automatic ranges misplace the shapes
    )
    plot.update_yaxes(title=_accuracy(result))
    plot.update_layout(margin={"r": LABEL_MARGIN, "t": 3 * LABEL_HEIGHT})
    rule = (
        "the first mean above the threshold" if gridded else "the crossing from a local line in (log d, logit accuracy)"
    )
    return Figure(
        title="Performance by subspace dimension",
        plot=plot,
        reading=(
            "Each dot is one training from its own start in its own random subspace; an upright line stands where the curve "
            "crosses the threshold of the same colour, d_int90 of the own or the global baseline. A flat curve there, or dots "
            "scattered far from it, would mean that the number is not to be relied on; without an upright line the threshold "
            "was not reached."
        ),
        caption=_caption(result),
        alt=f"{_accuracy(result).capitalize()} against subspace dimension. {result.answer}",
        reference=f"Li et al. 2018, arXiv:1804.08838, section 2 and figure 2; {rule}",
    )


def _levels(result: Result) -> list[tuple[float, str, str, str]]:
    """Horizontal guides from the highest down: value, dash, colour, label."""
    values = result.values()
    baseline, fixed, chance = (float(values[name] or 0) for name in ("baseline_own", "threshold_global", "chance"))
    dimensions = result.tables["dimensions"]
    own = float(dimensions[dimensions.baseline == "own"].threshold.iloc[0])
    levels = {
        "baseline": (baseline, "solid", DIRECT, f"direct {baseline:.3f}"),
        "own": (own, "dash", OWN, f"own {own:.3f}"),
        "global": (fixed, "dot", FIXED, f"global {fixed:.3f}"),
        "chance": (chance, "dot", NEUTRAL, f"chance {chance:.3f}"),
    }
    lowest = result.tables["curve"].performance.min()
    if chance < lowest - 0.2:  # it would squash the curve, and the number stands in the caption
        del levels["chance"]
    return sorted(levels.values(), reverse=True)


def _shifts(levels: list[float], lowest: float) -> list[float]:
    """Pixels by which the labels of levels, highest first, are moved down so that none covers another."""
    span = max(levels[0] - min(lowest, levels[-1]), 1e-9)
    shifts, above = [], float("inf")
    for level in levels:
        place = min((level - levels[0]) / span * PLOT_HEIGHT, above - LABEL_HEIGHT)
        shifts.append(place - (level - levels[0]) / span * PLOT_HEIGHT)
        above = place
    return shifts


def _means(plot: go.Figure, searched: pd.DataFrame) -> None:
    """Where no line was fitted, the means of the replicates are joined."""
    means = searched.groupby("subspace_dimension").performance.mean()
    plot.add_scatter(
        x=means.index,
        y=means,
        mode="lines",
        line={"color": ACCENT, "width": 2},
        name="means",
        hovertemplate="mean: %{y:.3f} at d = %{x:,}<extra></extra>",
        showlegend=False,
    )


def _crossings(plot: go.Figure, result: Result) -> None:
    """Upright lines at the dimensions that were found; the one that was searched for with its interval."""
    dimensions = result.tables["dimensions"]
    first, fraction = dimensions.iloc[0], dimensions.fraction.iloc[0]
    if not pd.isna(first.d_int):
        low, high = (
            first.low,
            first.high if np.isfinite(first.high) else result.tables["curve"].subspace_dimension.max(),
        )
        plot.add_vrect(
            x0=low, x1=high, fillcolor=translucent(COLOURS[first.baseline], 0.12), line_width=0, layer="below"
        )
    for place, row in enumerate(dimensions[dimensions.fraction == fraction].itertuples()):
        relation, d = ("=", row.d_int) if not pd.isna(row.d_int) else (row.relation, row.low)
        if not relation:
            continue
        if relation == "=":
            plot.add_vline(
                x=d, line={"color": COLOURS[row.baseline], "width": 1.5, "dash": "dot" if place else "solid"}
            )
        plot.add_annotation(  # on a logarithmic axis an annotation, unlike a shape, is placed by the logarithm
            x=np.log10(float(d)),
            y=1,
            yref="y domain",
            yshift=LABEL_HEIGHT * place,  # the second label above the first: their lines may be close
            text=f"d<sub>int{100 * fraction:.0f}</sub> {row.baseline} {relation} {round(d):,}",
            font={"color": COLOURS[row.baseline]},
            showarrow=False,
            yanchor="bottom",
        )


def _accuracy(result: Result) -> str:
    """Which accuracy it is: that on the validation rows or on the training rows."""
    return result.summary["baseline_own"].unit


def _caption(result: Result) -> str:
    values, found = result.values(), result.summary["d_int90"]
    curve = result.tables["curve"]
    interval = f"; interval {found.low:,} to {found.high:,}" if found.low is not None and found.high is not None else ""
    shown = "band: 95 % of the fitted line" if len(result.tables["fit"]) else "line: means"
    return (
        f"n = {len(curve)} subspace trainings and {len(result.tables['baselines'])} direct ones, each with its own seed"
        f"{interval}; {shown}; chance level {values['chance']:.3f}; "
        f"{values['full_dimension']:,} parameters. Open dots chose a learning rate and are not part of the curve."
    )


def _published(result: Result) -> Figure:
    table = result.tables["published"]
    values, found = result.values(), result.summary["d_int90"]
    full = float(values["full_dimension"] or 1)
    shown = found.value if found.value is not None else found.low
    plot = go.Figure()
    add_published(plot, table, [(full, float(shown or full))])
    if shown:
        more = "" if found.value is not None else "> "
        plot.add_scatter(
            x=[full],
            y=[shown],
            error_y={
                "array": [found.high - float(shown) if found.high is not None else 0],
                "arrayminus": [float(shown) - found.low if found.low is not None else 0],
                "color": ACCENT,
            },
            mode="markers+text",
            marker={"color": ACCENT, "size": 13, "symbol": "diamond"},
            text=[f"this result: {more}{int(shown):,}"],
            textposition="bottom center",
            textfont={"color": ACCENT},
            cliponaxis=False,
            name="this result",
            hovertemplate=f"this result: D = %{{x:,}}, d = {more}%{{y:,}}<extra></extra>",
            showlegend=False,
        )
    plot.update_xaxes(title="parameters of the network D (logarithmic)", type="log", dtick=1)
    plot.update_yaxes(title="intrinsic dimension d (parameters, logarithmic)", type="log", dtick=1)
    return Figure(
        title="Among published results",
        plot=plot,
        reading=(
            "The farther a point lies below the dotted line, the fewer of its parameters a task needs (hover for the names); a result near the "
            "line means that the network has hardly a parameter to spare, or was trained too briefly."
        ),
        caption=(
            f"This result beside {table.full_dimension.notna().sum()} published ones; filled: against a fixed baseline or a score that counts as "
            "solved, open: against the network's own baseline. Recipes differ between papers."
        ),
        alt=f"Published intrinsic dimensions against parameters of the network, with this result. {result.answer}",
        reference="Li et al. 2018, arXiv:1804.08838, table 1",
    )


def _learning_rates(result: Result) -> Figure:
    values = result.values()
    curve, baselines = result.tables["curve"], result.tables["baselines"]
    inside = curve[curve.role == "learning rate"]
    direct = baselines[baselines.role == "learning rate"]
    guess = int(inside.subspace_dimension.iloc[0])
    plot = go.Figure()
    for rows, chosen, colour, label in (
        (direct, values["learning_rate_direct"], DIRECT, "direct"),
        (inside, values["learning_rate"], ACCENT, f"d = {guess:,}"),
    ):
        rows = rows.sort_values("learning_rate")
        _rates(plot, rows, chosen, colour, label)
    plot.update_xaxes(title="learning rate of Adam (logarithmic)", type="log", dtick="D2")
    plot.update_yaxes(title=_accuracy(result))
    plot.update_layout(margin={"r": LABEL_MARGIN})
    return Figure(
        title="Choice of the learning rates",
        plot=plot,
        reading=(
            "The large marker is the rate that was kept; where it stands at the end of a rising line, better rates may lie "
            "beyond, and the intrinsic dimension may come out too large."
        ),
        caption=(
            f"One training a rate, all from the same seed: {len(direct)} direct, {len(inside)} in {guess:,} dimensions. "
            "A rate that diverged has no dot."
        ),
        alt=(
            f"{_accuracy(result).capitalize()} by learning rate; kept were {values['learning_rate_direct']:g} for direct training and "
            f"{values['learning_rate']:g} in the subspace."
        ),
        reference="Kingma and Ba 2015, arXiv:1412.6980, algorithm 1 (Adam)",
    )


def _rates(plot: go.Figure, rows: pd.DataFrame, chosen: float | int | str | None, colour: str, label: str) -> None:
    plot.add_scatter(
        x=rows.learning_rate,
        y=rows.performance,
        mode="lines+markers+text",
        line={"color": colour},
        marker={"color": colour, "size": [13 if rate == chosen else 7 for rate in rows.learning_rate]},
        text=[""] * (len(rows) - 1) + [label],
        textposition="middle right",
        textfont={"color": colour},
        cliponaxis=False,
        name=label,
        hovertemplate=f"{label}, rate %{{x:g}}: %{{y:.3f}}<extra></extra>",
        showlegend=False,
    )


def _rate_by_dimension(result: Result) -> Figure:
    curve, summary = result.tables["curve"], result.summary
    kept, beaten = curve[curve.role == "search"], curve[curve.role == "sweep"]
    plot = go.Figure()
    for rows, symbol, colour, name in (
        (beaten, "circle-open", NEUTRAL, "beaten"),
        (kept, "circle", ACCENT, "kept"),
    ):
        plot.add_scatter(
            x=rows.subspace_dimension,
            y=rows.learning_rate,
            customdata=rows.performance,
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 9},
            name=name,
            hovertemplate=f"d = %{{x:,}}, rate %{{y:g}}: %{{customdata:.3f}}<extra>{name}</extra>",
            showlegend=False,
        )
    guess = int(curve[curve.role == "learning rate"].subspace_dimension.iloc[0])
    x = np.array([curve.subspace_dimension.min(), curve.subspace_dimension.max()], dtype=float)
    rate = float(summary["learning_rate"].value or 0)
    plot.add_scatter(
        x=x,
        y=rate * np.sqrt(guess / x),
        mode="lines",
        line={"color": NEUTRAL, "dash": "dot", "width": 1},
        name="one rate, scaled",
        hoverinfo="skip",
        showlegend=False,
    )
    plot.update_xaxes(title="subspace dimension d (parameters, logarithmic)", type="log")
    plot.update_yaxes(title="learning rate of Adam (logarithmic)", type="log")
    return Figure(
        title="Learning rate by subspace dimension",
        plot=plot,
        reading=(
            "Filled dots are the rates that were kept; where they all lie on the dotted line, one rate scaled by the root of d "
            "would have done, and where they lie at the edge of what was tried, better ones may lie beyond."
        ),
        caption=(
            f"{len(kept)} trainings with the rate that was kept, {len(beaten)} with others; dotted: {rate:g} "
            f"sqrt({guess:,} / d)."
        ),
        alt="Learning rates that were tried at each subspace dimension, and the one of each that was kept.",
        reference="Kingma and Ba 2015, arXiv:1412.6980, algorithm 1 (Adam)",
    )
