"""What of a network makes no difference: ranks of its layers, interactions, effective parameters, and chains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.landscape.figures.interactions import interaction_figure
from core.palette import ACCENT, NEUTRAL, SERIES, translucent

PAPER = "arXiv:2405.10927"
LAYERS, COUNTS, CHAINS = "Layers", "Effective parameters", "Chains"
MOST_LINES = 6  # layers in one picture of spectra
MOST_NETWORKS = 6  # with traces
FLOOR = 1e-18  # of a drawn eigenvalue
DECADES_BELOW = 3  # the threshold, that are drawn


def degeneracy_figures(result: Result) -> dict[str, Figure]:
    """The pictures of mode `degeneracy`, in the order in which they are read."""
    drawn = {}
    if "layers" in result.tables:
        drawn["degenerate_layers"] = _layers(result)
        drawn["layer_spectra"] = _spectra(result)
    if "interactions" in result.tables:
        drawn["interactions"] = interaction_figure(result, LAYERS)
    if "effective_parameters" in result.tables:
        drawn["effective_parameters"] = _effective(result)
    drawn["learning_coefficients"] = _coefficients(result)
    for place, name in enumerate(result.tables["learning_coefficient"].checkpoint[:MOST_NETWORKS]):
        drawn[f"chains_{place + 1}"] = _chains(result, place, name)
    return drawn


def _first(table: pd.DataFrame) -> pd.DataFrame:
    return table[table.checkpoint == table.checkpoint.iloc[0]]


def _layers(result: Result) -> Figure:
    """Bars: of each layer, how many of its directions, patterns and features are left."""
    kinds = _kinds(result)
    plot = go.Figure()
    for number, (title, table) in enumerate(kinds.items()):
        first = _first(table)
        plot.add_bar(
            y=first.label,
            x=100 * first.left / first.whole,
            orientation="h",
            name=title,
            marker={"color": SERIES[number]},
            text=[f"{left:,} of {whole:,}" for left, whole in zip(first.left, first.whole, strict=True)],
            textposition="auto",
            hovertemplate="%{text}<extra>" + title + "</extra>",
        )
        others = table[table.checkpoint != table.checkpoint.iloc[0]]
        if len(others):
            plot.add_scatter(
                y=others.label,
                x=100 * others.left / others.whole,
                mode="markers",
                showlegend=False,
                marker={"color": NEUTRAL, "size": 8, "symbol": "line-ns-open", "line": {"width": 2}},
                customdata=np.stack([others.left, others.whole, others.checkpoint], axis=1),
                hovertemplate="%{customdata[0]} of %{customdata[1]}<extra>%{customdata[2]}</extra>",
            )
    order = _order(kinds)
    plot.update_yaxes(categoryorder="array", categoryarray=order[::-1], automargin=True)
    plot.update_xaxes(title="left, % of the width", range=[0, 102])
    plot.update_layout(height=150 + 24 * len(order), bargap=0.25, barmode="overlay", legend={"traceorder": "normal"})
    table = result.tables["layers"]
    first, networks = _first(table), table.checkpoint.nunique()
    dead = int(first.activation_deficiency.sum() + first.gradient_deficiency.sum())
    return Figure(
        title="What is left of each layer",
        plot=plot,
        reading=(
            "A full bar: every direction counts. What is missing is dead on these rows: inputs of a layer that depend on others, "
            "results that reach no output, ReLUs that fire as another does, features that carry or move nothing."
        ),
        caption=(
            f"{first.checkpoint.iloc[0]}"
            + (f"; ticks: the other {networks - 1} networks" if networks > 1 else "")
            + ". A bias counts among the inputs of a "
            "layer, not among the features."
        ),
        alt=f"Bars of the directions that are left in each layer; {dead} are dead in {first.checkpoint.iloc[0]}.",
        reference=f"{PAPER}, section 3",
    )


def _kinds(result: Result) -> dict[str, pd.DataFrame]:
    """By title: checkpoint, label of the bar, how many are left, and of how many."""
    layers = result.tables["layers"]
    found = {
        "activations": pd.DataFrame(
            {
                "checkpoint": layers.checkpoint,
                "label": "into " + layers.layer,
                "left": layers.activation_rank,
                "whole": layers.inputs,
            }
        ),
        "gradients": pd.DataFrame(
            {
                "checkpoint": layers.checkpoint,
                "label": "out of " + layers.layer,
                "left": layers.gradient_rank,
                "whole": layers.outputs,
            }
        ),
    }
    if "firing" in result.tables:
        firing = result.tables["firing"]
        found["firing patterns"] = pd.DataFrame(
            {
                "checkpoint": firing.checkpoint,
                "label": "patterns of ReLU " + firing.relu.astype(str),
                "left": firing.patterns,
                "whole": firing.units,
            }
        )
    if "interaction_basis" in result.tables:
        bases = result.tables["interaction_basis"]
        found["interaction basis"] = pd.DataFrame(
            {
                "checkpoint": bases.checkpoint,
                "label": "features "
                + bases.layer.map(lambda layer: "of the input" if layer == 0 else f"after layer {layer}"),
                "left": bases.kept,
                "whole": bases.width,
            }
        )
    return found


def _order(kinds: dict[str, pd.DataFrame]) -> list[str]:
    return [label for table in kinds.values() for label in _first(table).label]


def _spectra(result: Result) -> Figure:
    spectra = _first(result.tables["spectra"])
    layers = _first(result.tables["layers"])
    missing = layers.activation_deficiency + layers.gradient_deficiency
    chosen = layers.layer[missing.sort_values(ascending=False, kind="stable").index[:MOST_LINES]]
    shown = [layer for layer in layers.layer if layer in set(chosen)]
    plot = go.Figure()
    for number, layer in enumerate(shown):
        for of, dash in (("activations", "solid"), ("gradients", "dash")):
            line = spectra[(spectra.layer == layer) & (spectra.of == of)]
            plot.add_scatter(
                x=line["index"],
                y=line.eigenvalue.clip(lower=FLOOR),
                mode="lines",
                name=layer,
                legendgroup=layer,
                showlegend=of == "activations",
                line={"color": SERIES[number % len(SERIES)], "dash": dash, "width": 2},
                hovertemplate="%{y:.3g} at %{x}<extra>" + f"{of}, {layer}" + "</extra>",
            )
    least = float(layers.threshold.iloc[0])
    plot.add_hline(y=least, line={"color": NEUTRAL, "dash": "dot"})
    plot.add_annotation(  # on a logarithmic axis annotations stand at the logarithm, lines at the value
        x=0, xref="paper", y=float(np.log10(least)), text="threshold", showarrow=False, xanchor="left", yanchor="top"
    )
    plot.update_xaxes(title="direction, from the strongest", type="log")
    plot.update_yaxes(
        title="eigenvalue, share of the largest",
        type="log",
        exponentformat="power",
        range=[float(np.log10(least)) - DECADES_BELOW, 0.2],
    )
    return Figure(
        title="Spectra of activations and gradients",
        plot=plot,
        reading=(
            "Solid: what goes into a layer; dashed: gradients of the outputs that come back to it. What lies below the dotted line is "
            "counted as dead. A cliff says that the count is clear, a slope that it moves with the threshold."
        ),
        caption=f"{layers.checkpoint.iloc[0]}; {len(shown)} of {len(layers)} layers, those with the most dead directions; three decades below "
        "the threshold are shown.",
        alt=f"Eigenvalues of {len(shown)} layers from the largest down, with the threshold {least:.0e}.",
        reference=f"{PAPER}, sections 3.1 and 3.2",
        group=LAYERS,
    )


def _effective(result: Result) -> Figure:
    table = result.tables["effective_parameters"]
    plot = go.Figure()
    for number, (name, line) in enumerate(table.groupby("checkpoint", sort=False)):
        colour = SERIES[number % len(SERIES)]
        plot.add_scatter(
            x=line.cutoff,
            y=line.effective_parameters,
            mode="lines",
            name=str(name),
            line={"color": colour, "width": 2},
            hovertemplate="%{y:,.1f} at %{x:.3g}<extra>%{fullData.name}</extra>",
        )
        at = line[line.at_chains]
        plot.add_scatter(
            x=at.cutoff,
            y=at.effective_parameters,
            mode="markers",
            showlegend=False,
            marker={"color": colour, "size": 10},
        )
    first = table.iloc[0]
    plot.add_hline(
        y=float(first.parameters),
        line={"color": NEUTRAL, "dash": "dot"},
        annotation_text="all parameters D",
        annotation_position="top right",
    )
    if first.most < first.parameters:
        plot.add_hline(
            y=float(first.most),
            line={"color": NEUTRAL, "dash": "dash"},
            annotation_text="most that the rows can tell",
            annotation_position="bottom right",
        )
    plot.update_xaxes(title="cutoff of the curvature", type="log", exponentformat="power")
    plot.update_yaxes(title="effective parameters", rangemode="tozero")
    counted = table[table.at_chains].effective_parameters
    return Figure(
        title="Effective parameters over the cutoff",
        plot=plot,
        reading=(
            "How many directions of the parameters change the outputs with more curvature than the cutoff; a direction at the cutoff "
            "counts half. A plateau says that the number is a property of the network; a slope, that it depends on how closely one looks."
        ),
        caption=f"{int(first.rows):,} rows, to second order; dots: at gamma / (n beta), the curvature that the chains resolve.",
        alt=f"Effective parameters fall with the cutoff; at the dots {counted.min():,.0f} to {counted.max():,.0f} of {int(first.parameters):,}.",
        reference=f"{PAPER}, section 2",
        group=COUNTS,
    )


def _coefficients(result: Result) -> Figure:
    table, chains = result.tables["learning_coefficient"], result.tables["chains"]
    plot = go.Figure()
    plot.add_scatter(
        x=chains.learning_coefficient,
        y=chains.checkpoint,
        mode="markers",
        name="one chain",
        marker={"color": translucent(NEUTRAL, 0.8), "size": 8, "symbol": "circle-open"},
        hovertemplate="%{x:.4g}<extra>a chain of %{y}</extra>",
    )
    for trusted, colour, title in (("yes", ACCENT, "all chains"), ("no", SERIES[1], "all chains, not to be trusted")):
        own = table[table.trustworthy == trusted]
        if len(own):
            plot.add_scatter(
                x=own.learning_coefficient,
                y=own.checkpoint,
                mode="markers",
                name=title,
                marker={"color": colour, "size": 11, "symbol": "circle" if trusted == "yes" else "x"},
                error_x={"type": "data", "array": 2 * own.standard_error, "color": colour, "thickness": 2},
                hovertemplate="%{x:.4g}<extra>%{y}</extra>",
            )
    plot.update_yaxes(autorange="reversed", automargin=True)
    plot.update_xaxes(title="learning coefficient")
    plot.update_layout(height=190 + 34 * len(table))
    half = float(table.half_parameters.iloc[0])
    return Figure(
        title="Learning coefficient of each network",
        plot=plot,
        reading=(
            f"Half of the directions that the training loss feels at this resolution; a minimum without free directions would have D/2 = "
            f"{half:,.0f}. Bars are two standard errors; chains that stand far apart have not seen the same."
        ),
        caption=f"n beta {table.nbeta.iloc[0]:.4g}, gamma {table.gamma.iloc[0]:g}; {int(table.chains.iloc[0])} chains a network.",
        alt="Learning coefficients: "
        + ", ".join(
            f"{name} {value:.4g}" for name, value in zip(table.checkpoint, table.learning_coefficient, strict=True)
        )
        + f"; D/2 is {half:,.0f}.",
        reference="arXiv:2308.12108, definition 1",
        group=CHAINS,
    )


def _chains(result: Result, place: int, name: str) -> Figure:
    row = result.tables["learning_coefficient"].iloc[place]
    steps, traces, means = (result.arrays[key] for key in ("trace_steps", "traces", "running_means"))
    plot = go.Figure()
    for chain, (trace, mean) in enumerate(zip(traces[place], means[place], strict=True)):
        colour = SERIES[chain % len(SERIES)]
        plot.add_scatter(
            x=steps,
            y=trace,
            mode="lines",
            showlegend=False,
            line={"color": translucent(colour, 0.3), "width": 1},
            hoverinfo="skip",
        )
        plot.add_scatter(
            x=steps,
            y=mean,
            mode="lines",
            name=f"chain {chain + 1}",
            line={"color": colour, "width": 2.5},
            hovertemplate="running mean %{y:.4g} at step %{x}<extra>%{fullData.name}</extra>",
        )
    if row.burn_in:
        plot.add_vrect(
            x0=0,
            x1=float(row.burn_in),
            fillcolor=translucent(NEUTRAL, 0.12),
            line_width=0,
            annotation_text="burn-in",
            annotation_position="top left",
        )
    plot.update_xaxes(title="step")
    known = traces[place][np.isfinite(traces[place])]
    low, high = np.quantile(known, (0.002, 0.99)) if len(known) else (0.0, 1.0)
    plot.update_yaxes(title="n beta × excess loss", range=[float(low), float(high + 0.1 * (high - low))])
    trusted = row.trustworthy == "yes"
    return Figure(
        title=f"Chains around {name}",
        plot=plot,
        reading=(
            "Thin: what each chain measured at a step; bold: its running mean after the burn-in, which ends in its estimate. Bold lines "
            "that meet are good; a trend after the burn-in, or lines that part, ask for more steps."
        ),
        caption=(
            f"R-hat {row.r_hat:.3f}, {row.effective_draws:.0f} effective draws, step {row.step:.3g}, {100 * row.acceptance:.0f} % of the last steps "
            f"would pass a Metropolis test; {'trustworthy' if trusted else 'not trustworthy: ' + row.what_to_do}"
        ),
        alt=f"Traces of {int(row.chains)} chains; estimate {row.learning_coefficient:.4g} with standard error {row.standard_error:.2g}.",
        reference="arXiv:2308.12108, section 4; arXiv:1903.08008",
        group=CHAINS,
    )
