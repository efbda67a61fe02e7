"""One parameter over time: what was measured, what was forecast, and where the two part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, translucent
from core.telemetry.figures.detected import HOUR, Detected, Event, moment, signed
from core.telemetry.figures.drawing import (
    CLOCK,
    EVENT,
    MEASURED,
    NOTED,
    PREDICTED,
    axis_title,
    count,
    level,
    runs,
    span,
)
from core.telemetry.figures.sampling import Line, sampled, stretches_of
from core.telemetry.remarks import Remark

NAMED_EVENTS = 12  # at most so many carry their rank
MOST_REMARKS, NAMED_REMARKS = 60, 6  # so many annotations are drawn, and so many of them with their words
_TEXT = 28  # characters of an annotation that are shown; hovering shows all


def timeline_figures(result: Result) -> dict[str, Figure]:
    """The parameter with the strongest event; none where no parameter has a row."""
    detected = Detected.of(result)
    if not detected.targets:
        return {}
    parameter = detected.events[0].parameter if detected.events else detected.targets[0]
    return {"timeline": timeline(detected, parameter)}


def timeline(
    detected: Detected,
    parameter: str,
    start: int | None = None,
    end: int | None = None,
    chosen: Event | None = None,
    remarks: Sequence[Remark] = (),
) -> Figure:
    """Measured and forecast values above, the robust residual below, between two moments.

    Args:
        detected: the result.
        parameter: one of its targets.
        start: left edge in milliseconds; None: the first row.
        end: right edge; None: the last row.
        chosen: the event that stands out.
        remarks: drawn along the upper edge.
    """
    start, end = detected.span[0] if start is None else start, detected.span[1] if end is None else end
    about = detected.about(parameter)
    unit, limit = str(about.get("unit") or ""), float(about["threshold"])
    predicted = sampled(detected.times, detected.column("predicted", parameter), start, end)
    measured = sampled(detected.times, detected.column("values", parameter), start, end)
    residual = sampled(detected.times, detected.column("residual", parameter), start, end)
    events = [one for one in detected.events_of(parameter) if one.end >= start and one.start <= end]
    seen = [one for one in remarks if one.end >= start and one.start <= end]
    traces = [
        *_band(predicted, limit * float(about["scale"])),
        _line(predicted, PREDICTED, "forecast", unit, 1.2),
        _line(measured, MEASURED, "measured", unit, 1.6),
        _residual(residual),
        *_peaks(events, chosen),
    ]
    shapes = [level(limit, "x2", "y2"), level(-limit, "x2", "y2"), *_nominal(detected, start, end)]
    shapes += [
        span(one.start, one.end + detected.step, EVENT, 0.22 if one == chosen else 0.1)
        for one in events
        if one.over or one == chosen
    ]
    shapes += [span(one.start, one.end, NOTED, 0.9, y0=1.005, y1=1.025, layer="above") for one in seen]
    time = {"type": "date", "range": [start, end], "nticks": 6, "tickangle": 0}
    # one layout, given at once: a hundred milliseconds less than by make_subplots and updates, at each zoom
    layout = {
        "xaxis": {**time, "anchor": "y", "matches": "x2", "showticklabels": False},
        "xaxis2": {**time, "anchor": "y2", "title": {"text": "time (UTC)"}},
        "yaxis": {"anchor": "x", "domain": [0.42, 1.0], "title": {"text": axis_title(parameter, unit)}},
        "yaxis2": {"anchor": "x2", "domain": [0.0, 0.36], "title": {"text": "residual (σ)"}, "rangemode": "tozero"},
        "shapes": shapes,
        "annotations": _remark_words(seen, start, end),
        "height": 480,
        "legend": {"y": 1.06 if seen else 1.02},
        "margin": {"t": 64 if seen else 40},
    }
    return Figure(
        title=f"{parameter} over time",
        plot=go.Figure(traces, layout),
        reading=(
            "Blue is what was measured, grey what its own past let expect; orange stretches are events. A residual that "
            "stays outside the dotted lines is what the forecast can't account for; one that only touches them may be chance."
        ),
        caption=_caption(detected, parameter, events, about, start, end),
        alt=_alt(parameter, events),
        reference="Forecast from its own past: arXiv:2411.05596; thinned by MinMaxLTTB, arXiv:2305.00332",
    )


def _band(predicted: Line, half: float) -> list[go.Scatter]:
    """Forecast plus and minus the threshold, piece by piece, so that gaps stay open."""
    pieces = stretches_of(predicted)
    if not pieces or not np.isfinite(half):
        return []
    stop = np.array([np.nan])
    x = np.concatenate([part for one in pieces for part in (one.x, one.x[::-1], stop)])
    y = np.concatenate([part for one in pieces for part in (one.y + half, one.y[::-1] - half, stop)])
    return [
        go.Scatter(
            x=x, y=y, fill="toself", fillcolor=translucent(NEUTRAL, 0.16), line={"width": 0}, mode="lines",
            hoverinfo="skip", name="forecast ± threshold", xaxis="x", yaxis="y",
        )
    ]  # fmt: skip


def _line(line: Line, colour: str, name: str, unit: str, width: float) -> go.Scatter:
    return go.Scatter(
        x=line.x, y=line.y, mode="lines", line={"color": colour, "width": width}, name=name, xaxis="x", yaxis="y",
        hovertemplate="%{x|" + CLOCK + "}: %{y:.5g} " + plain(unit) + "<extra>" + name + "</extra>",
    )  # fmt: skip


def _residual(line: Line) -> go.Scatter:
    return go.Scatter(
        x=line.x, y=line.y, mode="lines", line={"color": MEASURED, "width": 1.2}, showlegend=False,
        xaxis="x2", yaxis="y2", hovertemplate="%{x|" + CLOCK + "}: %{y:.1f} σ<extra></extra>",
    )  # fmt: skip


def _peaks(events: Sequence[Event], chosen: Event | None) -> list[go.Scatter]:
    """A point at each peak, with the rank of the event."""
    if not events:
        return []
    named = set(sorted(events, key=lambda one: one.rank)[:NAMED_EVENTS])
    return [
        go.Scatter(
            x=[float(one.peak) for one in events],
            y=[one.sigma for one in events],
            mode="markers+text",
            marker={
                "color": EVENT,
                "size": [11 if one == chosen else 8 for one in events],
                "symbol": ["circle" if one.over else "circle-open" for one in events],
                "line": {"width": [0 if one.over else 2 for one in events], "color": EVENT},
            },
            text=[str(one.rank) if one in named else "" for one in events],
            textposition=["top center" if one.sigma > 0 else "bottom center" for one in events],
            textfont={"color": EVENT},
            cliponaxis=False,
            customdata=[(one.rank, signed(one.sigma), f"{signed(one.value)} {plain(one.unit)}") for one in events],
            hovertemplate=(
                "event %{customdata[0]}, %{x|" + CLOCK + "}: %{customdata[1]} σ, %{customdata[2]}<extra></extra>"
            ),
            showlegend=False,
            xaxis="x2",
            yaxis="y2",
        )
    ]


def _nominal(detected: Detected, start: int, end: int) -> list[dict[str, object]]:
    """A thin grey bar along the foot of the upper panel, where the forecast was learned."""
    left, right = np.searchsorted(detected.times, [start, end + 1])
    found = runs(detected.result.arrays["nominal"][left:right])
    wide = max((end - start) // 2_000, 1)  # what is narrower than a pixel is joined, or there would be thousands
    joined: list[tuple[int, int]] = []
    for first, last in ((int(detected.times[left + a]), int(detected.times[left + b])) for a, b in found):
        if joined and first - joined[-1][1] <= max(wide, 2 * detected.step):
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return [span(a, b, NEUTRAL, 0.45, y="y domain", y1=0.02, layer="above") for a, b in joined]


def _remark_words(remarks: Sequence[Remark], start: int, end: int) -> list[dict[str, object]]:
    """Each remark's words over its stretch; the whole of it when the pointer is there."""
    return [
        {
            "x": (max(one.start, start) + min(one.end, end)) / 2,
            "y": 1.025,
            "xref": "x",
            "yref": "paper",
            "yanchor": "bottom",
            "showarrow": False,
            "text": plain(one.text, _TEXT) if place < NAMED_REMARKS else "•",
            "hovertext": plain(one.text),
            "font": {"size": 11, "color": NOTED},
        }
        for place, one in enumerate(remarks[:MOST_REMARKS])
    ]


def plain(text: str, length: int = 200) -> str:
    """A remark as Plotly may show it: no markup, one line."""
    cleaned = " ".join(text.replace("<", "‹").replace(">", "›").split())
    return cleaned if len(cleaned) <= length else f"{cleaned[: length - 1]}…"


def _caption(
    detected: Detected, parameter: str, events: Sequence[Event], about: dict[str, object], start: int, end: int
) -> str:
    rows = int(np.searchsorted(detected.times, end, side="right") - np.searchsorted(detected.times, start))
    hours = (end - start) / HOUR
    length = f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.3g} h"
    rule = f" (rule: {about['threshold_rule']})" if about.get("threshold_rule") else ""
    below = sum(not one.over for one in events)
    rings = f", {below} of them below the threshold (rings)" if below else ""
    return (
        f"{moment(start)} to {moment(end)} UTC, {length}, {count(rows, 'row')}; {count(len(events), 'event')} of {parameter} "
        f"listed{rings}; threshold ±{float(str(about['threshold'])):.3g} σ{rule}; grey bar: the nominal range that the forecast "
        "learned from; lines are broken where values are missing."
    )


def _alt(parameter: str, events: Sequence[Event]) -> str:
    if not events:
        return f"Measured and forecast values of {parameter}; no event in this range."
    first = max(events, key=lambda one: abs(one.sigma))
    return (
        f"Measured and forecast values of {parameter} with {count(len(events), 'event')}; the largest peaks at "
        f"{moment(first.peak)} UTC with {signed(first.sigma)} sigma."
    )
