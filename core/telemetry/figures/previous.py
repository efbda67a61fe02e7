"""An event on top of the last one of its kind: the same course, or something new."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL
from core.telemetry.figures.detected import HOUR, Detected, Event, milliseconds, moment, signed
from core.telemetry.figures.drawing import EVENT, MEASURED

LEAST_HOURS = 6.0
MOST_HOURS = 48.0


def previous_figures(result: Result) -> dict[str, Figure]:
    """That of the strongest event that has happened before; none where none has."""
    detected = Detected.of(result)
    event = next((one for one in detected.events if len(detected.of_event("previous", one))), None)
    return {"previous": previous(detected, event)} if event else {}


def previous(detected: Detected, event: Event) -> Figure:
    """The residuals around two peaks, hour by hour; the event must be in the table `previous`."""
    earlier = detected.of_event("previous", event).iloc[0]
    before = int(milliseconds(earlier.to_frame().T.previous_peak)[0])
    hours = float(np.clip(2 * (event.end - event.start) / HOUR, LEAST_HOURS, MOST_HOURS))
    plot = go.Figure()
    for peak, colour, name, width in (
        (before, NEUTRAL, f"{moment(before)}", 2.0),
        (event.peak, EVENT if event.sigma > 0 else MEASURED, f"{moment(event.peak)}", 2.0),
    ):
        x, y = _around(detected, event.parameter, peak, hours)
        plot.add_scatter(
            x=x, y=y, mode="lines", line={"color": colour, "width": width}, name=name,
            hovertemplate="%{x:+.2f} h: %{y:.1f} σ<extra>" + name + "</extra>",
        )  # fmt: skip
    limit = float(detected.about(event.parameter)["threshold"])
    for value in (limit, -limit):
        plot.add_hline(y=value, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="hours from the peak", range=[-hours, hours])
    plot.update_yaxes(title="residual (σ)")
    plot.update_layout(height=340)
    return Figure(
        title=f"{event.name}, on top of the previous occurrence",
        plot=plot,
        reading=(
            "Two courses of one shape speak for the same cause; a new event that is larger, longer or of another shape than "
            "the grey one deserves its own look."
        ),
        caption=(
            f"Grey: {moment(before)} UTC, peak {signed(float(earlier.previous_sigma))} σ; coloured: {moment(event.peak)} UTC, "
            f"peak {signed(event.sigma)} σ; similarity {float(earlier.similarity):.2f}; dotted: the threshold."
        ),
        alt=(
            f"Residual of {event.parameter} around {moment(event.peak)} UTC over that around {moment(before)} UTC; "
            f"similarity {float(earlier.similarity):.2f}."
        ),
        reference="The earlier stretch over the threshold whose course around its peak is most like this one (cosine)",
    )


def _around(detected: Detected, parameter: str, peak: int, hours: float) -> tuple[np.ndarray, np.ndarray]:
    first = int(np.searchsorted(detected.times, peak - hours * HOUR))
    last = int(np.searchsorted(detected.times, peak + hours * HOUR, side="right"))
    return (detected.times[first:last] - peak) / HOUR, detected.column("residual", parameter)[first:last]
