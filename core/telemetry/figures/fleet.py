"""All parameters over all time: where the residuals leave what is normal, and which parameters do so together."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, translucent
from core.telemetry.figures.detected import Detected, Event, moment, share_words, signed
from core.telemetry.figures.drawing import ABOVE, BELOW, CLOCK, count, name_rows
from core.telemetry.figures.sampling import largest_by_size

CELLS = 20_000
MOST_BINS = 360  # a cell is then some pixels wide: a single one would not be seen
MOST_PARAMETERS = 40
_FADE = (0.0, 0.04, 0.14, 0.45, 1.0)  # opacity at 0, 1/4, 1/2, 3/4 and all of the range: noise stays pale


def fleet_figure(result: Result) -> Figure:
    """The heat strip with events and incidents."""
    detected = Detected.of(result)
    shown = _shown(detected)
    bins = min(MOST_BINS, CELLS // max(len(shown), 1), len(detected.times))
    edges = np.linspace(0, len(detected.times), bins + 1)[:-1].astype(int)
    strip = largest_by_size(np.stack([detected.column("residual", name) for name in shown], axis=1), bins).T
    moments = detected.times[edges].astype(np.float64)
    limit = _limit(detected)
    plot = go.Figure()
    _gaps(plot, moments, strip)
    plot.add_heatmap(
        x=moments,
        y=np.arange(len(shown)),
        z=np.round(strip, 2).astype(np.float32),
        zmin=-limit,
        zmax=limit,
        colorscale=_scale(),
        colorbar={
            "thickness": 8,
            "outlinewidth": 0,
            "tickvals": [-limit, 0, limit],
            "ticktext": [f"≤ −{limit:.0f} σ", "0", f"≥ {limit:.0f} σ"],
            "tickfont": {"size": 11},
        },
        hovertemplate="%{x|" + CLOCK + "}: %{z:.1f} σ<extra></extra>",
        hoverongaps=False,
    )
    _incidents(plot, detected, shown)
    _events(plot, detected, shown)
    name_rows(plot, list(shown), title="")
    plot.update_xaxes(type="date", showgrid=False, title="time (UTC)", nticks=6, tickangle=0)
    plot.update_yaxes(showgrid=False, ticks="")
    plot.update_layout(height=130 + 24 * len(shown), margin={"t": 34})
    return Figure(
        title="All parameters, all the time",
        plot=plot,
        reading=(
            "Each row is a parameter: orange where it ran above its forecast, blue below, pale where it did as expected. A "
            "row that colours alone points at a sensor, several that colour one after the other at something that spreads."
        ),
        caption=_caption(detected, shown, bins),
        alt=f"Residuals of {count(len(shown), 'parameter')} over time. {result.answer}",
        reference="The chain of two models: arXiv:2411.05596; thinned to the value of largest size in each cell, with its sign",
    )


def _shown(detected: Detected) -> tuple[str, ...]:
    """All parameters, or where there are too many those with the largest events, in the order of the file."""
    if len(detected.targets) <= MOST_PARAMETERS:
        return detected.targets
    by_size = dict.fromkeys([*(event.parameter for event in detected.events), *detected.targets])
    chosen = set(list(by_size)[:MOST_PARAMETERS])
    return tuple(name for name in detected.targets if name in chosen)


def _limit(detected: Detected) -> float:
    """Where colour is full: twice the middle threshold, so that what is over the threshold stands out everywhere."""
    thresholds = detected.result.tables["parameters"].threshold.to_numpy(dtype=float)
    known = thresholds[np.isfinite(thresholds)]
    return float(max(2 * np.median(known), 4.0)) if len(known) else 10.0


def _scale() -> list[list[object]]:
    """From blue through nothing to orange: the middle is the page itself, in light and dark."""
    steps = len(_FADE) - 1
    low = [[0.5 * (1 - place / steps), translucent(BELOW, opacity)] for place, opacity in enumerate(_FADE)]
    high = [[0.5 * (1 + place / steps), translucent(ABOVE, opacity)] for place, opacity in enumerate(_FADE)]
    return [*reversed(low), *high[1:]]


def _gaps(plot: go.Figure, moments: np.ndarray, strip: np.ndarray) -> None:
    """Grey cells where no row of the bin has a residual."""
    missing = np.where(np.isfinite(strip), np.nan, 1.0).astype(np.float32)
    if np.isfinite(missing).any():
        grey = translucent(NEUTRAL, 0.35)
        plot.add_heatmap(
            x=moments,
            y=np.arange(len(strip)),
            z=missing,
            colorscale=[[0, grey], [1, grey]],
            showscale=False,
            hovertemplate="%{x|" + CLOCK + "}: no residual<extra></extra>",
        )


def _events(plot: go.Figure, detected: Detected, shown: tuple[str, ...]) -> None:
    rows = {name: row for row, name in enumerate(shown)}
    events = [event for event in detected.events if event.parameter in rows and event.over]
    plot.add_scatter(
        x=[float(event.peak) for event in events],
        y=[rows[event.parameter] for event in events],
        mode="markers",
        marker={"symbol": "circle-open", "size": 13, "color": NEUTRAL, "line": {"width": 1.5, "color": NEUTRAL}},
        customdata=[_facts(event) for event in events],
        hovertemplate="%{customdata[0]}<br>%{x|" + CLOCK + "}: %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        showlegend=False,
    )


def _facts(event: Event) -> tuple[str, str, str]:
    size = f"{signed(event.sigma)} σ, {signed(event.value)} {event.unit}".rstrip()
    return event.name, size, f"explained share {share_words(event.share)}"


def _incidents(plot: go.Figure, detected: Detected, shown: tuple[str, ...]) -> None:
    """A bracket over the rows of each incident with several members, its number on top."""
    rows = {name: row for row, name in enumerate(shown)}
    by_number: dict[int, list[Event]] = {}
    for event in detected.events:
        if event.incident and event.parameter in rows:
            by_number.setdefault(event.incident, []).append(event)
    tick = 0.006 * (detected.span[1] - detected.span[0])
    for number, members in sorted(by_number.items()):
        places = sorted(rows[event.parameter] for event in members)
        if len(places) < 2:
            continue
        left = min(event.start for event in members) - 1.5 * tick
        plot.add_scatter(
            x=[left + tick, left, left, left + tick],
            y=[places[0] - 0.4, places[0] - 0.4, places[-1] + 0.4, places[-1] + 0.4],
            mode="lines",
            line={"color": NEUTRAL, "width": 1.5},
            hovertemplate=f"incident {number}: {count(len(members), 'parameter')}, from {moment(left)}<extra></extra>",
            showlegend=False,
        )
        plot.add_annotation(
            x=left, y=1, yref="paper", yanchor="bottom", text=str(number), showarrow=False, font={"size": 11, "color": NEUTRAL}
        )  # fmt: skip


def _caption(detected: Detected, shown: tuple[str, ...], bins: int) -> str:
    rows = len(detected.times)
    members = [event.incident for event in detected.events if event.incident]
    several = sum(members.count(number) > 1 for number in set(members))
    left_out = len(detected.targets) - len(shown)
    words = [
        f"n = {rows:,} rows of {_step(detected.step)}",
        f"each cell the residual of largest size among {-(-rows // bins)} rows at most"
        if rows > bins
        else "each cell a row",
        f"circles: {count(sum(event.over for event in detected.events), 'event')} over their thresholds",
        *([f"brackets: {count(several, 'incident')} with several parameters, by number"] if several else []),
        "grey: no residual, because values before or at that time are missing",
    ]
    if left_out:
        words.append(f"{left_out:,} parameters with smaller residuals are not shown")
    return "; ".join(words) + "."


def _step(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
