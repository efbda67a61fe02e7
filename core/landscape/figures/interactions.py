"""The graph of interactions between the layers of a network, in modules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, SERIES, translucent

MOST_EDGES = 200  # drawn, the strongest
MOST_FEATURES = 40  # drawn a layer, the most important
WIDTHS = ((0.0, 0.8, 0.3), (1 / 3, 1.6, 0.5), (2 / 3, 3.0, 0.8))  # from this share of the decades on: pixels, opacity


def interaction_figure(result: Result, group: str) -> Figure:
    """Features of the first network as nodes, layer by layer, and the strongest interactions as lines, coloured by module."""
    name = result.tables["interactions"].checkpoint.iloc[0]
    features, edges = (_own(result.tables[table], name) for table in ("features", "interactions"))
    nodes = _placed(features[features.feature < MOST_FEATURES])
    drawn = edges.nlargest(MOST_EDGES, "strength")
    ends = drawn.merge(nodes, on=["layer", "feature"]).merge(
        nodes.rename(columns={"layer": "after", "feature": "next"}).assign(layer=lambda table: table.after - 1),
        on=["layer", "next"],
        suffixes=("", "_next"),
    )
    plot = go.Figure()
    _lines(plot, ends)
    _nodes(plot, nodes)
    last = int(nodes.layer.max())
    plot.update_xaxes(
        tickvals=list(range(last + 1)),
        ticktext=["input", *(f"layer {layer}" for layer in range(1, last)), "outputs"],
        showgrid=False,
        zeroline=False,
    )
    plot.update_yaxes(visible=False)
    plot.update_layout(height=480)
    row = _own(result.tables["modularity"], name).iloc[0]
    verdict = "more modular than chance" if row.score > row.shuffled_largest else "no more modular than chance"
    return Figure(
        title="Interactions between layers",
        plot=plot,
        reading=(
            "Each dot is a direction of the interaction basis, larger where it matters more; a line says how much it moves a direction of "
            "the next layer. Colours are modules, grey lines cross them. Modules mean something only where the score is above that of "
            "shuffled strengths."
        ),
        caption=(
            f"{name}: {len(nodes)} of {len(features)} features, the {len(ends)} strongest interactions; modularity {row.score:.3f}, shuffled "
            f"{row.shuffled_mean:.3f} (at most {row.shuffled_largest:.3f}): {verdict}."
        ),
        alt=f"Graph of {len(nodes)} features in {int(row.modules)} modules; modularity {row.score:.3f}, shuffled {row.shuffled_mean:.3f}.",
        reference="arXiv:2405.10928; Newman and Girvan 2004, equation 5",
        group=group,
    )


def _own(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table.checkpoint == name]


def _placed(features: pd.DataFrame) -> pd.DataFrame:
    """With a height for each: modules beside each other, the more important further up in them."""
    parts = []
    for _, layer in features.groupby("layer"):
        ordered = layer.sort_values(["module", "feature"])
        parts.append(ordered.assign(height=np.linspace(1, 0, len(ordered) + 2)[1:-1]))
    return pd.concat(parts)[["layer", "feature", "module", "importance", "height"]]


def _colour(module: int) -> str:
    return SERIES[module % len(SERIES)] if module < len(SERIES) else NEUTRAL


def _lines(plot: go.Figure, ends: pd.DataFrame) -> None:
    """A trace for each module and strength, so that hundreds of lines are few traces."""
    decades = np.log10(ends.strength.to_numpy(dtype=float))
    share = (decades - decades.min()) / max(float(np.ptp(decades)), 1e-9)
    levels = np.searchsorted([start for start, _, _ in WIDTHS], share, side="right") - 1
    modules = ends.module.where(ends.module == ends.module_next, -1).to_numpy(dtype=int)
    kinds = set(zip(levels.tolist(), modules.tolist(), strict=True))
    for level, module in sorted(kinds, key=lambda kind: (kind[1] >= 0, kind)):  # grey lies underneath
        own, (_, width, opacity) = ends[(levels == level) & (modules == module)], WIDTHS[level]
        gaps = np.full(len(own), None)
        plot.add_scatter(
            x=np.stack([own.layer, own.layer + 1, gaps], axis=1).ravel(),
            y=np.stack([own.height, own.height_next, gaps], axis=1).ravel(),
            mode="lines",
            showlegend=False,
            hoverinfo="skip",
            line={
                "color": translucent(_colour(module), opacity) if module >= 0 else translucent(NEUTRAL, opacity / 2),
                "width": width,
            },
        )


def _nodes(plot: go.Figure, nodes: pd.DataFrame) -> None:
    relative = nodes.importance / nodes.groupby("layer").importance.transform("max")
    decades = np.log10(np.maximum(relative.to_numpy(dtype=float), 1e-5))
    plot.add_scatter(
        x=nodes.layer,
        y=nodes.height,
        mode="markers",
        showlegend=False,
        marker={
            "color": [_colour(int(module)) for module in nodes.module],
            "size": 14 + 8 * decades / 5,
        },
        customdata=np.stack([nodes.feature + 1, nodes.module + 1, nodes.importance], axis=1),
        hovertemplate="feature %{customdata[0]}, module %{customdata[1]}<br>importance %{customdata[2]:.3g}<extra></extra>",
    )
