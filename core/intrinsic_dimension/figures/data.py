"""Pictures of the intrinsic dimension of a data set."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.intrinsic_dimension.data_dimension.plateau import find_plateau
from core.intrinsic_dimension.figures.layers import layer_figure
from core.palette import ACCENT, NEUTRAL, SERIES, translucent

INTERVAL = 1.96  # standard errors on either side of a 95 % interval
MLE_COLOUR, GRIDE_COLOUR, FIT_COLOUR = SERIES[2], ACCENT, SERIES[1]
LABEL_MARGIN = 110  # pixels on the right, where the direct labels stand


def data_figures(result: Result) -> dict[str, Figure]:
    """Dimension by scale, by layer where there is a network, cumulative variance, correlation integral and the 2NN fit."""
    layers = {"dimension_by_layer": layer_figure(result)} if "layers" in result.tables else {}
    return {
        "dimension_by_scale": _dimension_by_scale(result),
        **layers,
        "pca_variance": _pca_variance(result),
        "correlation_integral": _correlation_integral(result),
        "two_nn_fit": _two_nn_fit(result),
    }


def _dimension_by_scale(result: Result) -> Figure:
    table, summary = result.tables["data_dimension"], result.summary
    plot = go.Figure()
    highest = 0.0
    # Gride at n1 looks as far as the neighbour 2 n1: both curves share the axis of the farthest neighbour used.
    for estimator, label, reach, colour in (("mle", "MLE", 1, MLE_COLOUR), ("gride", "Gride", 2, GRIDE_COLOUR)):
        rows = table[(table.estimator == estimator) & np.isfinite(table.dimension)]
        _curve(plot, rows, reach, label, colour)
        highest = max(highest, (rows.dimension + INTERVAL * rows.standard_error).max())
    dimension = summary["dimension"]
    if dimension.value is not None and dimension.low is not None and dimension.high is not None:
        plot.add_scatter(
            x=[2],
            y=[dimension.value],
            error_y={
                "array": [dimension.high - float(dimension.value)],
                "arrayminus": [float(dimension.value) - dimension.low],
                "color": FIT_COLOUR,
            },
            mode="markers+text",
            marker={"color": FIT_COLOUR, "size": 9, "symbol": "diamond"},
            text=["2NN<br> "],
            textposition="top center",
            textfont={"color": FIT_COLOUR},
            cliponaxis=False,
            showlegend=False,
            name="2NN",
            hovertemplate="2NN: %{y:.2f}<extra></extra>",
        )
    _plateau(plot, result)
    embedding = int(summary["embedding_dimension"].value or 0)
    _embedding_guide(plot, embedding, highest)
    orders = [2**power for power in range(1, 10)]
    plot.update_xaxes(title="farthest neighbour used (order, logarithmic)", type="log", tickvals=orders)
    plot.update_yaxes(title="intrinsic dimension", rangemode="tozero")
    plot.update_layout(margin={"r": LABEL_MARGIN})
    return Figure(
        title="Dimension by scale",
        plot=plot,
        reading=(
            "Read the dimension where the curves are flat (the thick line, where there is such a range); a fall from left to right means "
            "noise at small scales, a curve that never flattens means that no single dimension describes the points."
        ),
        caption=(
            f"n = {_count(result, 'points')} distinct points in {embedding:,} coordinates; bands and bar: 95 % intervals "
            "that allow for shared neighbours."
        ),
        alt=f"Intrinsic dimension against neighbour order. {result.answer}",
        reference="Denti et al. 2022, Scientific Reports 12:20005 (Gride); Levina & Bickel 2004, NIPS 17, eq. 8 (MLE)",
    )


def _curve(plot: go.Figure, rows: pd.DataFrame, reach: int, label: str, colour: str) -> None:
    """A line with its 95 % band and its name at the right end."""
    x = rows.scale * reach
    low, high = rows.dimension - INTERVAL * rows.standard_error, rows.dimension + INTERVAL * rows.standard_error
    plot.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=translucent(colour, 0.18),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )
    plot.add_scatter(
        x=x,
        y=rows.dimension,
        customdata=rows.standard_error,
        mode="lines+markers+text",
        line={"color": colour},
        marker={"color": colour},
        text=[""] * (len(rows) - 1) + [label],
        textposition="middle right",
        textfont={"color": colour},
        cliponaxis=False,
        showlegend=False,
        name=label,
        hovertemplate=f"{label}, neighbour %{{x}}: %{{y:.2f}} ± %{{customdata:.2f}}<extra></extra>",
    )


def _plateau(plot: go.Figure, result: Result) -> None:
    """A thick line over the scales at which Gride is flat."""
    found = result.summary.get("plateau")
    if found is None or found.value is None:
        return
    rows = result.tables["data_dimension"]
    rows = rows[rows.estimator == "gride"]
    flat = find_plateau(list(rows.scale), list(rows.dimension), list(rows.standard_error))
    assert flat is not None
    plot.add_scatter(
        x=[2 * flat.first, 2 * flat.last],
        y=[flat.dimension] * 2,
        mode="lines",
        line={"color": translucent(NEUTRAL, 0.55), "width": 7},
        name="plateau",
        hovertemplate=f"flat at {flat.dimension:.2f} ({flat.low:.2f} to {flat.high:.2f})<extra></extra>",
        showlegend=False,
    )


def _embedding_guide(plot: go.Figure, embedding: int, highest: float) -> None:
    """A line at the number of coordinates, or, where it would squash the curves, a word that it is above."""
    if embedding <= 2.5 * highest:
        plot.add_hline(
            y=embedding,
            line={"color": NEUTRAL, "dash": "dot"},
            annotation={"text": f"{embedding:,} coordinates", "font": {"color": NEUTRAL}, "yanchor": "bottom"},
        )
    else:
        plot.add_annotation(
            text=f"↑ {embedding:,} coordinates, above this axis",
            font={"color": NEUTRAL},
            showarrow=False,
            xref="paper",
            yref="paper",
            x=1,
            y=1,
            xanchor="right",
            yanchor="bottom",
        )


def _pca_variance(result: Result) -> Figure:
    spectrum, summary = result.tables["pca_spectrum"], result.summary
    plot = go.Figure()
    plot.add_scatter(
        x=spectrum.component,
        y=100 * spectrum.cumulative_variance,
        mode="lines" if len(spectrum) > 60 else "lines+markers",
        line={"color": ACCENT},
        showlegend=False,
        hovertemplate="%{x} components: %{y:.1f} %<extra></extra>",
    )
    counts = {percent: int(summary[f"pca_{percent}"].value or 0) for percent in (90, 95)}
    for count in sorted(set(counts.values())):
        reached = float(100 * spectrum.cumulative_variance.iloc[count - 1])
        percents = " and ".join(str(percent) for percent, needed in counts.items() if needed == count)
        plot.add_scatter(
            x=[count, count, 1],
            y=[0, reached, reached],
            mode="lines",
            line={"color": NEUTRAL, "dash": "dot", "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
        plot.add_scatter(
            x=[count],
            y=[reached],
            mode="markers+text",
            marker={"color": FIT_COLOUR, "size": 9},
            text=[f"{percents} %: {count:,}"],
            textposition="bottom right",
            textfont={"color": FIT_COLOUR},
            cliponaxis=False,
            showlegend=False,
            hovertemplate=f"{count:,} components carry {percents} %<extra></extra>",
        )
    plot.update_xaxes(title="principal components (count)", dtick=1 if len(spectrum) <= 12 else None)
    plot.update_yaxes(title="cumulative variance (%)", range=[0, 103])
    plot.update_layout(margin={"r": LABEL_MARGIN})
    return Figure(
        title="Variance by principal components",
        plot=plot,
        reading=(
            "A steep start means that few straight directions carry the data; many more components than the "
            "neighbour dimension mean that the set is curved or noisy."
        ),
        caption=f"n = {_count(result, 'points')} points, centred.",
        alt=f"Cumulative variance of principal components: {counts[90]} carry 90 %, {counts[95]} carry 95 %.",
        reference="Pearson 1901, Philosophical Magazine 2:559-572",
    )


def _correlation_integral(result: Result) -> Figure:
    table, slope = result.tables["correlation_integral"], result.summary["correlation_dimension"]
    table = table[table.pairs_closer > 0]
    fitted = table[table.fitted]
    plot = go.Figure()
    plot.add_scatter(
        x=table.radius,
        y=table.pairs_closer,
        mode="lines+markers",
        line={"color": ACCENT, "width": 1},
        marker={"color": ACCENT, "size": 5},
        showlegend=False,
        hovertemplate="r = %{x:.4g}: %{y:.2e} of the pairs<extra></extra>",
    )
    if slope.value is not None:
        plot.add_scatter(
            x=fitted.radius,
            y=fitted.line,
            mode="lines+text",
            line={"color": FIT_COLOUR, "width": 4},
            text=[""] * (len(fitted) - 1) + [f"slope {slope.value:.2f}"],
            textposition="bottom right",
            textfont={"color": FIT_COLOUR},
            cliponaxis=False,
            showlegend=False,
            hoverinfo="skip",
        )
    plot.update_xaxes(title="distance r (units of the data, logarithmic)", type="log")
    plot.update_yaxes(title="C(r), part of all pairs closer than r", type="log", dtick=1, exponentformat="power")
    slope_text = "no slope" if slope.value is None else f"slope {slope.value:.2f}"
    return Figure(
        title="Correlation integral",
        plot=plot,
        reading=(
            "The slope in the marked range is the correlation dimension; a curve that is bent inside that range "
            "means that the slope depends on the range and is no dimension."
        ),
        caption=(
            f"n = {_count(result, 'points')} points, all pairs (far ones: of 256 points); the line is fitted where "
            "a point has on average 5 to 40 neighbours."
        ),
        alt=f"Share of pairs closer than r, on logarithmic axes: {slope_text} in the fitted range.",
        reference="Grassberger & Procaccia 1983, Physica D 9:189-208: C(r) ~ r^d",
    )


def _two_nn_fit(result: Result) -> Figure:
    ratios = result.tables["two_nn_fit"].dropna()
    table = result.tables["data_dimension"]
    slope = float(table.dimension[table.estimator == "2nn_facco"].iloc[0])
    plot = go.Figure()
    for rows, colour, what in (
        (ratios[ratios.kept], ACCENT, "fitted"),
        (ratios[~ratios.kept], NEUTRAL, "largest 10 %, left out"),
    ):
        plot.add_scatter(
            x=rows.log_ratio,
            y=rows.log_survival,
            mode="markers",
            marker={"color": translucent(colour, 0.5), "size": 4},
            showlegend=False,
            hovertemplate=f"ln μ = %{{x:.3f}}, −ln(1−F) = %{{y:.3f}} ({what})<extra></extra>",
        )
    if np.isfinite(slope):
        end = float(ratios.log_survival.max()) / slope
        plot.add_scatter(
            x=[0, end / 2, end],
            y=[0, slope * end / 2, slope * end],
            mode="lines+text",
            line={"color": FIT_COLOUR},
            text=["", f"slope {slope:.2f}", ""],
            textposition="bottom right",
            textfont={"color": FIT_COLOUR},
            cliponaxis=False,
            showlegend=False,
            hoverinfo="skip",
        )
    plot.update_xaxes(title="ln μ, μ = r₂ / r₁", rangemode="tozero")
    plot.update_yaxes(title="−ln(1 − F(μ))", rangemode="tozero")
    slope_text = f"slope {slope:.2f}" if np.isfinite(slope) else "no slope"
    return Figure(
        title="Fit of the two nearest neighbours",
        plot=plot,
        reading=(
            "Points on a straight line through the origin mean that one dimension describes the smallest scale; "
            "a bend among the blue ones means that density or dimension varies."
        ),
        caption=(
            f"n = {_count(result, 'points')} points, {len(ratios):,} shown; grey: the largest 10 % of the ratios, "
            "which the fit leaves out."
        ),
        alt=f"Empirical distribution of neighbour distance ratios and a line through the origin: {slope_text}.",
        reference="Facco et al. 2017, Scientific Reports 7:12140: −ln(1 − F(μ)) = d ln μ",
    )


def _count(result: Result, name: str) -> str:
    return f"{int(result.summary[name].value or 0):,}"
