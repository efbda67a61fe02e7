"""Pictures of Gaussian predictions of numbers."""

from __future__ import annotations

import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.calibration.figures.drawing import BEFORE, LABEL_MARGIN, band, diagonal, named_line
from core.palette import ACCENT, NEUTRAL


def regression_figures(result: Result) -> dict[str, Figure]:
    """Coverage of the central intervals, and observed against predicted error."""
    return {"coverage": _coverage(result), "deviations": _deviations(result)}


def _coverage(result: Result) -> Figure:
    curve, rows = result.tables["coverage"], int(result.summary["rows"].value or 0)
    plot = go.Figure()
    band(plot, 100 * curve.level, 100 * curve.low, 100 * curve.high, NEUTRAL)
    diagonal(plot)
    named_line(
        plot, 100 * curve.level, 100 * curve.coverage, BEFORE, "covered", "%{x:.0f} % interval: %{y:.1f} % inside"
    )
    plot.update_xaxes(title="central interval (%)", range=[0, 100])
    plot.update_yaxes(title="targets inside (%)", range=[0, 101])
    plot.update_layout(margin={"r": LABEL_MARGIN}, height=480)
    return Figure(
        title="Coverage of the intervals",
        plot=plot,
        reading="Below the dotted line the intervals are too narrow, above it too wide; inside the grey band is chance.",
        caption=f"n = {rows:,} rows, 99 levels; band: where the curve of a calibrated model lies.",
        alt=f"Share of targets inside each central interval. {result.answer}",
        reference="Kuleshov et al. 2018, arXiv:1807.00263, section 3",
    )


def _deviations(result: Result) -> Figure:
    table = result.tables["deviation_groups"]
    plot = go.Figure()
    highest = 1.05 * float(max(table.predicted.max(), table.observed.max()))
    diagonal(plot, 0.0, highest)
    plot.add_scatter(
        x=table.predicted,
        y=table.observed,
        customdata=table["size"],
        mode="markers+lines",
        marker={"color": ACCENT, "size": 8},
        line={"color": ACCENT, "width": 1},
        showlegend=False,
        hovertemplate="predicted %{x:.3g}, observed %{y:.3g}, %{customdata:,} rows<extra></extra>",
    )
    plot.update_xaxes(title="predicted standard deviation (units of the target)", rangemode="tozero")
    plot.update_yaxes(title="observed error (root mean square)", rangemode="tozero")
    last = table.iloc[-1]
    return Figure(
        title="Observed error by predicted width",
        plot=plot,
        reading="A flat line means that the predicted width tells nothing of the error; a steeper one that it is too small.",
        caption=f"{len(table)} groups of equal size, by predicted standard deviation.",
        alt=f"Observed against predicted error; in the widest group {last.observed:.3g} against {last.predicted:.3g}.",
        reference="Levi et al. 2022, arXiv:1905.11659",
    )
