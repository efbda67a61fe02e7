"""How far each event's explanation can be trusted: the share of it that a model predicts which has not seen it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL
from core.telemetry.explanation.explained_share import NOT_EXPLAINED
from core.telemetry.figures.detected import Detected, Event, moment, share_words, signed
from core.telemetry.figures.drawing import CAUSED, ROW, UNCAUSED, count, name_rows

FLOOR = -0.5  # worse than that is drawn here
MOST_PARAMETERS = 40


def explanation_figures(result: Result) -> dict[str, Figure]:
    """None where no event has an explained share."""
    detected = Detected.of(result)
    known = [event for event in detected.events if event.over and np.isfinite(event.share)]
    return {"explanation": _shares(detected, known)} if known else {}


def _shares(detected: Detected, events: list[Event]) -> Figure:
    strongest = list(dict.fromkeys(event.parameter for event in events))[:MOST_PARAMETERS]
    names = [name for name in detected.targets if name in strongest]
    rows = {name: row for row, name in enumerate(names)}
    plot = go.Figure()
    caused = [event for event in events if event.share >= NOT_EXPLAINED]
    others = [event for event in events if event.share < NOT_EXPLAINED]
    for members, colour, symbol, words in (
        (caused, CAUSED, "circle", "a covariate explains it"),
        (others, UNCAUSED, "diamond-open", "no covariate does, or it can't be checked"),
    ):
        drawn = [event for event in members if event.parameter in rows]
        if drawn:
            _points(plot, drawn, rows, colour, symbol, words)
    plot.add_vline(x=NOT_EXPLAINED, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    name_rows(plot, names)
    low = min(0.0, *(max(event.share, FLOOR) for event in events))
    plot.update_xaxes(title="explained share (cross-fitted)", range=[low - 0.06, 1.03])
    plot.update_yaxes(showgrid=True)
    plot.update_layout(height=120 + ROW * len(names))
    return Figure(
        title="Is there a cause among the covariates?",
        plot=plot,
        reading=(
            "Left of the dotted line no covariate explains the event: look at the sensor itself, or for a cause that was not "
            "recorded. Right of it something that was recorded predicts it, and did so elsewhere too."
        ),
        caption=(
            f"{count(len(events), 'event')}, {len(caused)} of them explained; share = 1 − Σ(residual − prediction)² / "
            "Σ residual² around the peak, predicted by a model that was fitted without the blocks of time of the event; "
            "dotted: 0.1; a share below −0.5 is drawn at −0.5; larger marks: larger events. A cause that occurred once can't "
            "be checked in this way and counts as not explained."
        ),
        alt=f"Explained share of {count(len(events), 'event')}: {len(caused)} explained, {len(others)} not.",
        reference="Cross-fitting by blocks of time; share as in the coefficient of determination with zero as the mean",
    )


def _points(
    plot: go.Figure, events: list[Event], rows: dict[str, int], colour: str, symbol: str, words: str
) -> None:  # fmt: skip
    sizes = np.log10([max(abs(event.sigma), 1.0) for event in events])
    plot.add_scatter(
        x=[max(event.share, FLOOR) for event in events],
        y=[rows[event.parameter] + _aside(event.rank) for event in events],
        mode="markers",
        marker={
            "color": colour,
            "symbol": symbol,
            "size": np.clip(4 + 5 * sizes, 7, 14),
            "line": {"width": 1.5, "color": colour},
        },
        name=words,
        customdata=[
            (event.name, moment(event.peak), f"{signed(event.sigma)} σ", share_words(event.share), event.verdict)
            for event in events
        ],
        hovertemplate=(
            "%{customdata[0]}, %{customdata[1]}: %{customdata[2]}<br>share %{customdata[3]}: %{customdata[4]}<extra></extra>"
        ),
    )


def _aside(rank: int) -> float:
    """How far from the middle of its row a mark stands, so that equal shares do not hide each other."""
    return 0.2 * ((rank - 1) % 3 - 1)
