"""How the contribution of a covariate depends on its value: steps, slopes and rare ends."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import NEUTRAL, translucent
from core.telemetry.figures.detected import Detected
from core.telemetry.figures.drawing import EVENT, MEASURED, short
from core.telemetry.figures.waterfall import REFERENCE

PANELS = 3


def dependence_figures(result: Result) -> dict[str, Figure]:
    """That of the parameter with the strongest event."""
    detected = Detected.of(result)
    if "shap" not in result.arrays or not detected.targets or not len(result.arrays["shap_values"]):
        return {}
    parameter = detected.events[0].parameter if detected.events else detected.targets[0]
    return {"dependence": dependence(detected, parameter)}


def dependence(detected: Detected, parameter: str) -> Figure:
    """SHAP value against covariate value for the strongest covariates of one parameter, its events in orange."""
    shap = detected.result.arrays["shap"][detected.targets.index(parameter)]
    values = detected.result.arrays["shap_values"]
    order = [int(column) for column in np.argsort(-np.abs(shap).mean(axis=0), kind="stable")[:PANELS]]
    names = [detected.covariates[column] for column in order]
    plot = make_subplots(
        rows=1,
        cols=len(order),
        shared_yaxes=True,
        horizontal_spacing=0.05,
        subplot_titles=[short(one) for one in names],
    )
    for place, column in enumerate(order, start=1):
        plot.add_scatter(
            x=values[:, column], y=shap[:, column], mode="markers",
            marker={"color": translucent(MEASURED, 0.55), "size": 5}, showlegend=False,
            hovertemplate="%{x:.4g}: %{y:+.2f} σ<extra></extra>", row=1, col=place,
        )  # fmt: skip
        _events(plot, detected, parameter, detected.covariates[column], place)
    plot.add_hline(y=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(nticks=4)
    plot.update_yaxes(title="contribution (σ)", row=1, col=1)
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=360, margin={"t": 40})
    return Figure(
        title=f"How {parameter} depends on its strongest covariates",
        plot=plot,
        reading=(
            "A flat cloud at zero with a few points apart is a covariate that matters only when it is unusual; a slope is one "
            "that always matters. An orange ring away from all blue points rests on that one event."
        ),
        caption=(
            f"n = {len(shap)} background rows; contributions of a covariate's value, its changes and its time in state, added "
            f"up; orange rings: the events of {parameter}, with the value at the peak."
        ),
        alt=f"Contribution against value for {', '.join(names)}, the covariates that move {parameter} most.",
        reference=REFERENCE,
    )


def _events(plot: go.Figure, detected: Detected, parameter: str, covariate: str, column: int) -> None:
    x, y, words = [], [], []
    for event in detected.events_of(parameter):
        own = detected.of_event("attributions", event)
        own = own[own.covariate == covariate]
        if len(own):
            row = int(np.searchsorted(detected.times, event.peak))
            x.append(float(detected.covariate(covariate)[row]))
            y.append(float(own["shap"].iloc[0]))
            words.append(event.rank)
    plot.add_scatter(
        x=x, y=y, customdata=words, mode="markers", showlegend=False,
        marker={"symbol": "circle-open", "size": 11, "color": EVENT, "line": {"width": 2}},
        hovertemplate="event %{customdata}: %{x:.4g}, %{y:+.2f} σ<extra></extra>", row=1, col=column,
    )  # fmt: skip
