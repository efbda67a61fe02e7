"""Incidents: which parameter moved first, and how many minutes later the others followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import NEUTRAL, translucent
from core.telemetry.figures.detected import milliseconds, moment, signed
from core.telemetry.figures.drawing import ABOVE, BELOW, count, short

MOST_INCIDENTS = 5
MOST_MEMBERS = 15
MINUTE = 60_000


def incident_figures(result: Result) -> dict[str, Figure]:
    """The incidents with the most parameters; none where every event stands alone."""
    table = result.tables["incidents"]
    sizes = table.groupby("incident").size() if len(table) else pd.Series(dtype=int)
    several = sizes[sizes > 1]
    if several.empty:
        return {}
    strength = table.groupby("incident").peak_sigma.apply(lambda values: values.abs().max())
    order = pd.DataFrame({"size": several, "strength": strength[several.index]}).sort_values(
        ["size", "strength"], ascending=False
    )
    return {"incidents": _onsets(table, list(order.index[:MOST_INCIDENTS]), len(several), len(sizes))}


def _onsets(table: pd.DataFrame, chosen: list[int], several: int, of: int) -> Figure:
    parts = [table[table.incident == number].sort_values("order").head(MOST_MEMBERS) for number in chosen]
    heights = [len(part) + 1.0 for part in parts]
    plot = make_subplots(
        rows=len(parts),
        cols=1,
        row_heights=heights,
        vertical_spacing=min(64 / (80 + 26 * sum(heights)), 0.9 / max(len(parts) - 1, 1)),
        subplot_titles=[_title(number, part) for number, part in zip(chosen, parts, strict=True)],
    )
    for row, part in enumerate(parts, start=1):
        _panel(plot, part, row)
    plot.update_annotations(font={"size": 12}, x=0, xanchor="left")
    plot.update_xaxes(rangemode="tozero", ticksuffix=" min")
    plot.update_layout(height=int(80 + 26 * sum(heights) + 40 * len(parts)), margin={"t": 36})
    widest = parts[0]
    return Figure(
        title="What moved first",
        plot=plot,
        reading=(
            "Each bar is an event, from its onset to its end, in minutes after the first one of its incident. The cause is "
            "likely near the parameter on top; two that start within a row of each other can't be put in order."
        ),
        caption=(
            f"{len(chosen)} of {count(several, 'incident')} with several parameters ({of} in all), those with the most "
            "parameters first; point: onset; colour: the residual at the peak, orange above the forecast, blue below."
        ),
        alt=(
            f"Onsets within {count(len(chosen), 'incident')}; in the one with the most parameters "
            f"{widest.parameter.iloc[0]} moved first and {widest.parameter.iloc[-1]} last, "
            f"{widest.lag_minutes.iloc[-1]:.0f} minutes later."
        ),
        reference="Events whose intervals overlap within a tolerance are one incident; ordered by onset",
    )


def _title(number: int, part: pd.DataFrame) -> str:
    return f"Incident {number}, {moment(int(milliseconds(part.onset)[0]))} UTC"


def _panel(plot: go.Figure, part: pd.DataFrame, row: int) -> None:
    onset, end = milliseconds(part.onset), milliseconds(part.end)
    lag, length = part.lag_minutes.to_numpy(dtype=float), (end - onset) / MINUTE
    colours = [ABOVE if sigma > 0 else BELOW for sigma in part.peak_sigma]
    names = list(range(len(part)))
    facts = np.column_stack(
        [part.parameter.map(short), [f"{signed(sigma)} σ" for sigma in part.peak_sigma], [f"{m:.0f}" for m in length]]
    )
    hover = "%{customdata[0]}: %{x:.0f} min after the first, %{customdata[1]}, for %{customdata[2]} min<extra></extra>"
    plot.add_bar(
        x=length, base=lag, y=names, orientation="h", width=0.34, showlegend=False, hoverinfo="skip",
        marker={"color": [translucent(colour, 0.35) for colour in colours], "line": {"width": 0}}, row=row, col=1,
    )  # fmt: skip
    plot.add_scatter(
        x=lag, y=names, mode="markers", marker={"color": colours, "size": 9, "line": {"width": 0}}, customdata=facts, hovertemplate=hover,
        cliponaxis=False, showlegend=False, row=row, col=1,
    )  # fmt: skip
    plot.update_yaxes(
        tickvals=names, ticktext=[short(name) for name in part.parameter], range=[len(part) - 0.5, -0.5],
        showgrid=False, row=row, col=1,
    )  # fmt: skip
    plot.update_xaxes(zeroline=True, zerolinecolor=translucent(NEUTRAL, 0.6), row=row, col=1)
