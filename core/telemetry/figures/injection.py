"""Would I have found it? The share of injected events that was found and rightly explained, by size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES, translucent
from core.telemetry.figures.drawing import CLOCK, with_unit

FOUND, EXPLAINED = ACCENT, SERIES[2]
OUTCOMES = ("missed", "found", "found and rightly explained")
OUTCOME_COLOURS = (translucent(NEUTRAL, 0.25), translucent(ACCENT, 0.55), SERIES[2])
WANTED = 0.9
MOST_TICKS = 8
MOST_PLACES = 60  # columns of the map


def injection_figures(result: Result) -> dict[str, Figure]:
    """The figures of mode `inject` in the order in which they are read."""
    drawn = {"power": _power(result), "outcomes": _outcomes(result)}
    injections = result.tables["injections"]
    if injections.detected.any():
        drawn["delay"] = _delay(result)
    return drawn


def _unit(result: Result) -> str:
    return str(result.tables["injections"].unit.iloc[0])


def _target(result: Result) -> str:
    return str(result.tables["injections"].parameter.iloc[0])


def _power(result: Result) -> Figure:
    table = result.tables["power"].sort_values("size")
    unit = _unit(result)
    plot = go.Figure()
    for column, colour, name in (("detected", FOUND, "found"), ("explained", EXPLAINED, "found and rightly explained")):
        low, high = table[f"{column}_low"], table[f"{column}_high"]
        plot.add_scatter(
            x=np.concatenate([table["size"], table["size"][::-1]]),
            y=100 * np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=translucent(colour, 0.16),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
        plot.add_scatter(
            x=table["size"],
            y=100 * table[column],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 8},
            name=name,
            customdata=np.column_stack([100 * low, 100 * high, table.size_sigma, table.injections]),
            hovertemplate="%{x:.3g}"
            + (f" {unit}" if unit else "")
            + " (%{customdata[2]:.1f} σ): %{y:.0f} % of %{customdata[3]} (%{customdata[0]:.0f} to %{customdata[1]:.0f} %)<extra>"
            + name
            + "</extra>",
        )
    plot.add_hline(y=100 * WANTED, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    _size_axis(plot, table["size"], unit)
    plot.update_yaxes(title="share of the injections (%)", range=[-3, 103])
    plot.update_layout(height=420)
    last = table.iloc[-1]
    return Figure(
        title="Would I have found it?",
        plot=plot,
        reading=(
            "Where the curve crosses the dotted line, nine of ten such events are found. A green curve that stays low means: found, "
            "but blamed on the wrong covariate, or explained away although the sensor alone was at fault."
        ),
        caption=(
            f"{_words(result)} in {_target(result)}, {int(table.injections.min())} injections of each size, one at a time at random "
            "places without events; bands: 95 % Wilson intervals."
        ),
        alt=(
            f"Share found by size: {100 * table.detected.iloc[0]:.0f} % at {table['size'].iloc[0]:.3g} {unit} to "
            f"{100 * last.detected:.0f} % at {last['size']:.3g} {unit}; rightly explained {100 * last.explained:.0f} % there."
        ),
        reference="Wilson 1927, J. Am. Stat. Assoc. 22:209",
    )


def _size_axis(plot: go.Figure, sizes: pd.Series, unit: str) -> None:
    """A logarithmic axis with a tick at each size, or at every other of many."""
    shown = list(sizes)[:: 1 + len(sizes) // MOST_TICKS]
    plot.update_xaxes(
        title=f"size of the injected event{with_unit(unit)}",
        type="log" if len(sizes) > 1 else "linear",
        tickvals=shown,
        ticktext=[f"{size:.2g}" for size in shown],
    )


def _words(result: Result) -> str:
    row = result.tables["injections"].iloc[0]
    cause = f"caused by {row.cause}" if row.cause else "of the sensor alone"
    return f"Events of kind {row.kind} {cause}"


def _outcomes(result: Result) -> Figure:
    table = result.tables["injections"].sort_values(["place", "size"])
    sizes, places = sorted(table["size"].unique()), list(dict.fromkeys(table.place))[:MOST_PLACES]
    kept = table[table.place.isin(places)]
    outcome = kept.detected.astype(int) + (kept.detected & kept.explained).astype(int)
    grid = kept.assign(outcome=outcome).pivot(index="size", columns="place", values="outcome").loc[sizes, places]
    starts = kept.drop_duplicates("place").set_index("place").loc[places].start
    clock = [f"{start:%Y-%m-%d %H:%M}" for start in pd.DatetimeIndex(starts)]
    plot = go.Figure()
    plot.add_heatmap(
        z=grid.to_numpy(),
        x=list(range(1, len(places) + 1)),
        y=[f"{size:.3g}" for size in sizes],
        zmin=-0.5,
        zmax=2.5,
        colorscale=[
            edge for k, colour in enumerate(OUTCOME_COLOURS) for edge in ([k / 3, colour], [(k + 1) / 3, colour])
        ],
        xgap=2,
        ygap=2,
        showscale=False,
        customdata=np.array(
            [[f"{when}: {OUTCOMES[int(z)]}" for z, when in zip(row, clock, strict=True)] for row in grid.to_numpy()]
        ),
        hovertemplate="%{customdata}<extra></extra>",
    )
    for name, colour in zip(OUTCOMES, OUTCOME_COLOURS, strict=True):
        plot.add_scatter(
            x=[None], y=[None], mode="markers", marker={"symbol": "square", "size": 12, "color": colour}, name=name
        )
    plot.update_xaxes(title="place, in the order of time", dtick=max(1, len(places) // 10), showgrid=False)
    plot.update_yaxes(title=f"size{with_unit(_unit(result))}", type="category", showgrid=False)
    plot.update_layout(height=200 + 28 * len(sizes))
    return Figure(
        title="Where it would have been missed",
        plot=plot,
        reading=(
            "Each column is a place in your series. Columns that stay pale while their neighbours fill up are times at which events hide: "
            "look at what the spacecraft did then."
        ),
        caption=f"{len(places)} places, hover for the time (UTC)"
        + (" (the first ones)." if len(places) < table.place.nunique() else "."),
        alt=(
            f"Map of {len(sizes)} sizes by {len(places)} places: {int((outcome == 0).sum())} missed, {int((outcome == 1).sum())} found, "
            f"{int((outcome == 2).sum())} found and rightly explained."
        ),
        reference="",
    )


def _delay(result: Result) -> Figure:
    table = result.tables["injections"]
    found = table[table.detected]
    plot = go.Figure()
    plot.add_scatter(
        x=found["size"],
        y=found.delay_minutes,
        mode="markers",
        marker={"size": 7, "color": translucent(FOUND, 0.5)},
        customdata=found.start,
        hovertemplate="%{customdata|" + CLOCK + "}: %{y:.0f} min<extra></extra>",
        name="one injection",
    )
    power = result.tables["power"].sort_values("size")
    plot.add_scatter(
        x=power["size"],
        y=power.median_delay_minutes,
        mode="lines+markers",
        line={"color": FOUND, "width": 2},
        name="median",
        hovertemplate="%{y:.0f} min<extra>median</extra>",
    )
    plot.add_hline(y=0, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    _size_axis(plot, power["size"], _unit(result))
    plot.update_yaxes(title="first alarm after the start (min)")
    plot.update_layout(height=360)
    return Figure(
        title="How soon",
        plot=plot,
        reading=(
            "Zero is the moment when the event starts; a little below zero is the centred smoothing, which looks half an hour around. "
            "Delays near the event's own length mean that only its end was noticed."
        ),
        caption=f"{len(found):,} of {len(table):,} injections that were found; the others have no delay.",
        alt=f"Delay of the first alarm, median {found.delay_minutes.median():.0f} minutes over all that were found.",
        reference="",
    )
