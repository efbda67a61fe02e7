"""Features of many items: the plane of their first principal components, and the table itself as a picture."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import DIVERGING, NEUTRAL, SERIES

MOST_ROWS, MOST_COLUMNS = 300, 1_000  # of the picture of the table
SYMBOLS = {"train": "circle", "test": "diamond-open", "all": "circle"}
REFERENCE = "arXiv:2306.03801, section 4; arXiv:2306.11170, section 4"


def feature_figures(result: Result) -> dict[str, Figure]:
    """The plane first, then the table."""
    return {"plane": _plane(result), "features": _table(result)}


def _plane(result: Result) -> Figure:
    plane, labels = result.arrays["projection"], result.tables["labels"]
    plot = go.Figure()
    classes = list(dict.fromkeys(labels.label))
    for number, label in enumerate(sorted(classes)):
        for part, symbol in SYMBOLS.items():
            chosen = ((labels.label == label) & (labels.part == part)).to_numpy()
            if not chosen.any():
                continue
            plot.add_scatter(
                x=plane[chosen, 0],
                y=plane[chosen, 1],
                mode="markers",
                name=" ".join(word for word in (str(label), "" if part == "all" else f"({part})") if word) or "items",
                marker={"color": SERIES[number % len(SERIES)] if label else NEUTRAL, "symbol": symbol, "size": 7},
                customdata=labels["item"][chosen],
                hovertemplate="item %{customdata}<extra>" + str(label) + "</extra>",
            )
    plot.update_xaxes(title="principal component 1")
    plot.update_yaxes(title="principal component 2")
    share = 100 * float(result.summary["plane"].value or 0)
    return Figure(
        title="The items by their features",
        plot=plot,
        reading=(
            "Each item is a point; classes that lie apart here can be told apart by a straight line. Classes that overlap here may "
            "still differ in directions that two axes do not show."
        ),
        caption=(
            f"n = {len(plane):,} items with {result.arrays['features'].shape[1]:,} features; the plane has {share:.3g} % of the "
            "variance of the items that it was fitted to."
        ),
        alt=f"Scatter of {len(plane):,} items of {len(classes)} classes in the plane of two principal components.",
        reference=REFERENCE,
    )


def _table(result: Result) -> Figure:
    features, labels = result.arrays["features"], result.tables["labels"]
    order = np.argsort(labels.label.to_numpy(dtype=str), kind="stable")[:MOST_ROWS]
    columns = np.unique(np.linspace(0, features.shape[1] - 1, MOST_COLUMNS).round().astype(int))
    centred = features[np.ix_(order, columns)] - features[:, columns].mean(axis=0)
    spread = features[:, columns].std(axis=0)
    scaled = centred / np.where(spread > 0, spread, 1.0)
    names = result.arrays["feature_names"][columns]
    plot = go.Figure()
    plot.add_heatmap(
        z=scaled,
        x=names,
        y=[f"{label} {item}".strip() for label, item in zip(labels.label[order], labels["item"][order], strict=True)],
        zmin=-3,
        zmax=3,
        colorscale=DIVERGING,
        reversescale=True,
        colorbar={"title": {"text": "deviations"}, "thickness": 14},
        hovertemplate="%{y}<br>%{x}: %{z:.2f} deviations from the mean<extra></extra>",
    )
    plot.update_xaxes(title="feature", nticks=8, tickangle=0)
    plot.update_yaxes(title="item, by class", nticks=12, autorange="reversed")
    return Figure(
        title="Features of all items",
        plot=plot,
        reading="Rows of a class that look alike, and unlike those of other classes, are what a classifier needs.",
        caption=(
            f"{len(order):,} of {len(features):,} items and {len(columns):,} of {features.shape[1]:,} features, in deviations from the "
            "mean of all items."
        ),
        alt=f"Heatmap of {len(order):,} items by {len(columns):,} features.",
        reference=REFERENCE,
    )
