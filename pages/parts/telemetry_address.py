"""Which part of a telemetry result is on the screen: the address says it, so that a link shows the same.

`parameter=` and `event=` name what is looked at, `from=` and `to=` the stretch of time, as ISO moments in UTC. What the
address says wrongly is as if it were not said. `look=`, one of the looks at an event, is read where these are drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import streamlit as st

from core.telemetry.figures.detected import HOUR, Detected, Event

AROUND = 6 * HOUR  # shown on each side of an event
LEAST_ROWS = 4  # a view is never narrower
NAMES = ("parameter", "event", "from", "to")


@dataclass(frozen=True)
class View:
    """What is on the screen.

    Attributes:
        parameter: a target.
        event: one of its events; None where it has none.
        start: left edge of the timeline in milliseconds since 1970-01-01 UTC.
        end: right edge.
        whole: whether that is the whole record.
    """

    parameter: str
    event: Event | None
    start: int
    end: int
    whole: bool


def view_of(detected: Detected) -> View:
    """The view that the address asks for; the strongest event over the whole record where it asks for nothing."""
    query = st.query_params
    named = query.get("parameter", "")
    strongest = detected.events[0].parameter if detected.events else detected.targets[0]
    parameter = named if named in detected.targets else strongest
    rank = query.get("event", "")
    event = detected.event(parameter, int(rank)) if re.fullmatch("[0-9]{1,6}", rank) else None
    if event is None:
        event = next(iter(detected.events_of(parameter)), None)
    first, last = detected.span
    start, end = read_moment(query.get("from", "")), read_moment(query.get("to", ""))
    return _within(
        detected, View(parameter, event, first if start is None else start, last if end is None else end, True)
    )


def show(detected: Detected, view: View) -> None:
    """Puts a view into the address."""
    view = _within(detected, view)
    said = {"parameter": view.parameter}
    if view.event is not None:
        said["event"] = str(view.event.rank)
    if not view.whole:
        said |= {"from": write_moment(view.start), "to": write_moment(view.end)}
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in NAMES}
    st.query_params.from_dict({**others, **said})  # at once: one step of the browser's way back


def on_event(view: View, event: Event) -> View:
    """The view with another event; the timeline follows where the event lies outside it."""
    seen = view.start <= event.peak <= view.end
    chosen = replace(view, parameter=event.parameter, event=event)
    return chosen if seen else around(chosen)


def on_parameter(detected: Detected, view: View, parameter: str) -> View:
    """The same stretch of time of another parameter."""
    return replace(view, parameter=parameter, event=next(iter(detected.events_of(parameter)), None))


def around(view: View) -> View:
    """The event and six hours on each side of it."""
    if view.event is None:
        return view
    return replace(view, start=view.event.start - AROUND, end=view.event.end + AROUND)


def whole(detected: Detected, view: View) -> View:
    """The whole record."""
    return replace(view, start=detected.span[0], end=detected.span[1])


def between(view: View, start: int, end: int) -> View:
    """The stretch between two moments."""
    return replace(view, start=start, end=end)


def wider(view: View) -> View:
    """Three times as much time."""
    more = view.end - view.start
    return replace(view, start=view.start - more, end=view.end + more)


def moved(view: View, direction: int) -> View:
    """Two thirds of a screen earlier (-1) or later (+1)."""
    step = direction * 2 * (view.end - view.start) // 3
    return replace(view, start=view.start + step, end=view.end + step)


def read_moment(text: str) -> int | None:
    """Milliseconds of an ISO moment, UTC where it names no zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def write_moment(milliseconds: int) -> str:
    """A moment as the address has it, without parts that are zero.

    >>> write_moment(1_710_000_000_000), write_moment(1_710_000_001_500)
    ('2024-03-09T16:00', '2024-03-09T16:00:01.500')
    """
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
    if milliseconds % 60_000 == 0:
        return moment.isoformat(timespec="minutes")
    return moment.isoformat(timespec="seconds" if milliseconds % 1000 == 0 else "milliseconds")


def _within(detected: Detected, view: View) -> View:
    """The view moved onto rows of the record and made no narrower than a few; one that runs backwards is turned."""
    first, last = detected.span
    start, end = (_on_row(detected, at) for at in sorted((view.start, view.end)))
    least = min(LEAST_ROWS * detected.step, last - first)
    length = min(max(end - start, least), last - first)
    start = min(max(start, first), last - length)
    return replace(view, start=start, end=start + length, whole=length == last - first)


def _on_row(detected: Detected, at: int) -> int:
    """The nearest moment that a row begins at, in or beyond the record."""
    step = max(detected.step, 1)
    return detected.span[0] + round((at - detected.span[0]) / step) * step
