"""What temperatures do to the loss and to the entropy."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.calibration.figures.drawing import (
    AFTER,
    LABEL_MARGIN,
    method_words,
    named_line,
)
from core.palette import NEUTRAL, SERIES

ENTROPY_COLOURS = {
    "none": SERIES[1],
    "temperature": SERIES[0],
    "entropy_temperature": SERIES[4],
    "tempnet_nll": SERIES[2],
    "tempnet_robust": SERIES[3],
}


def temperature_curve_figure(result: Result) -> Figure:
    """NLL and ECE along the temperature, of fitted and of reported rows."""
    curve, temperature = result.tables["temperature_curve"], result.summary["temperature"]
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.6, 0.4])
    for column, colour, name, place in (
        ("fit_nll", NEUTRAL, "fitted rows", "top right"),
        ("nll", AFTER, "reported rows", "bottom right"),
    ):
        named_line(plot, curve.temperature, curve[column], colour, name, "T = %{x:.3g}: %{y:.4f} nats", place)
    ece = go.Figure()
    named_line(ece, curve.temperature, 100 * curve.ece_15, SERIES[3], "ECE", "T = %{x:.3g}: %{y:.2f} %")
    plot.add_trace(ece.data[0], row=2, col=1)
    for row in (1, 2):
        plot.add_vline(x=temperature.value, line={"color": AFTER, "dash": "dot", "width": 1}, row=row, col=1)
        plot.add_vline(x=1, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=row, col=1)
    plot.add_annotation(
        x=np.log10(float(temperature.value or 1)), y=1, yref="paper", text=f"T = {temperature.value:.3f}", showarrow=False,
        font={"color": AFTER}, xanchor="left", yanchor="bottom", xref="x",
    )  # fmt: skip
    lowest = float(curve[["fit_nll", "nll"]].min().min())
    plot.update_yaxes(
        title="NLL (nats)", range=[0.97 * lowest, min(float(curve.nll.max()), 2.5 * lowest)], row=1, col=1
    )
    plot.update_yaxes(title="ECE (%)", rangemode="tozero", row=2, col=1)
    plot.update_xaxes(type="log", nticks=8)
    plot.update_xaxes(title="temperature (logarithmic)", row=2, col=1)
    plot.update_layout(margin={"r": LABEL_MARGIN}, height=480)
    lowest_ece = curve.iloc[int(curve.ece_15.argmin())]
    return Figure(
        title="Loss by temperature",
        plot=plot,
        reading=(
            "Both curves should be lowest at the same place; two minima apart, or an ECE with several valleys, mean that the "
            "fitted rows are few or of another kind."
        ),
        caption=f"Dotted: T = 1, the model as it came, and T = {temperature.value:.3f}, the minimum of the fitted rows.",
        alt=(
            f"NLL along the temperature is lowest at {temperature.value:.3f}; ECE of the reported rows at "
            f"{lowest_ece.temperature:.3f}."
        ),
        reference="Guo et al. 2017, arXiv:1706.04599, section 4.2",
    )


def entropies_figure(result: Result) -> Figure:
    """Histograms of the entropy of the probabilities, by method."""
    table = result.tables["entropies"]
    plot = go.Figure()
    means = {}
    for method, colour in ENTROPY_COLOURS.items():
        rows = table[table.method == method]
        if rows.empty:
            continue
        middle = (rows.low + rows.high) / 2
        means[method] = float((middle * rows.share).sum())
        plot.add_scatter(
            x=middle,
            y=100 * rows.share,
            mode="lines",
            line={"color": colour, "shape": "hvh", "width": 2},
            name=method_words(method),
            hovertemplate="%{x:.2f} nats: %{y:.1f} % of the rows<extra>" + method_words(method) + "</extra>",
        )
    plot.update_xaxes(title="entropy of the probabilities (nats)", rangemode="tozero")
    plot.update_yaxes(title="rows (%, logarithmic)", type="log", dtick=1, exponentformat="none")
    words = ", ".join(f"{method_words(name)} {mean:.2f}" for name, mean in means.items())
    return Figure(
        title="What each temperature does to the entropy",
        plot=plot,
        reading=(
            "TempNet's robust loss pushes every row towards one entropy, whatever its label: a narrow peak is a temperature "
            "for generation, not a calibrated probability; compare the same network trained by likelihood."
        ),
        caption=f"Mean entropy in nats: {words}.",
        alt=f"Histograms of the entropy of the predictions by method; means in nats: {words}.",
        reference="Qiu et al. 2024, arXiv:2404.04575, section 4",
    )
