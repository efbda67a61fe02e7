"""The event browser of a telemetry result: choose a parameter and an event, zoom, see what explains it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import streamlit as st

from core.store.results import StoredResult
from core.telemetry.figures.detected import Detected, Event, moment, share_words, signed
from core.telemetry.figures.timeline import timeline
from pages.parts import telemetry_address as address
from pages.parts.html import figure_caption, figure_words
from pages.parts.place import Place
from pages.parts.plot import draw, fresh
from pages.parts.telemetry_address import View, view_of
from pages.parts.telemetry_annotations import annotation_box, remarks_of
from pages.parts.telemetry_explanation import explanation_box
from pages.parts.text import duration, markdown

SCROLLED = 6  # more events than that stand in a list that scrolls
LIST_HEIGHT = 320  # pixels of it


def event_browser(stored: StoredResult, place: Place) -> None:
    """The whole part. A choice draws this part again, a zoom the timeline alone."""
    detected = Detected.of(stored.result)
    if not detected.targets:
        return
    st.header("Look closer", anchor=False)
    st.fragment(_browse)(detected, place)


def _browse(detected: Detected, place: Place) -> None:
    view = view_of(detected)
    left, right = st.columns([1, 2], gap="large")
    with left:
        _pick_parameter(detected, view, f"{place.element}.parameter")
    with right:
        _pick_event(detected, view, f"{place.element}.event")
    st.fragment(_look)(detected, place)
    if view.event is not None:
        st.fragment(explanation_box)(detected, view.event, place)


def _pick_parameter(detected: Detected, view: View, key: str) -> None:
    strongest = dict.fromkeys(detected.targets, 0.0)
    for event in reversed(detected.events):  # the largest last
        strongest[event.parameter] = event.sigma
    st.session_state[key] = view.parameter
    st.selectbox(
        "Parameter",
        sorted(detected.targets, key=lambda name: -abs(strongest[name])),
        key=key,
        format_func=lambda name: f"{name} ({signed(strongest[name])} σ)" if strongest[name] else f"{name} (no event)",
        on_change=lambda: address.show(
            detected, address.on_parameter(detected, view_of(detected), st.session_state[key])
        ),
        help="The one with the largest event first.",
    )


def _pick_event(detected: Detected, view: View, key: str) -> None:
    events = detected.events_of(view.parameter)
    if view.event is None:
        st.caption(f"No residual of {markdown(view.parameter)} is over its threshold.")
        return
    by_rank = {event.rank: event for event in events}
    key = f"{key}.{view.parameter}"  # another parameter, another list
    st.session_state[key] = view.event.rank
    with st.container(height=LIST_HEIGHT if len(events) > SCROLLED else "content", border=False):
        st.radio(
            "Event",
            list(by_rank),
            key=key,
            format_func=lambda rank: _label(by_rank[rank]),
            captions=[_verdict(event) for event in events],
            on_change=lambda: address.show(
                detected, address.on_event(view_of(detected), by_rank[st.session_state[key]])
            ),
        )


def _label(event: Event) -> str:
    size = f"{signed(event.value)} {markdown(event.unit)}".rstrip()
    return f"{event.rank} · {moment(event.peak)} UTC · {signed(event.sigma)} σ · {size}"


def _verdict(event: Event) -> str:
    share = f"explained share {share_words(event.share)}: " if np.isfinite(event.share) else ""
    if not event.over:
        return f"below the threshold, so perhaps chance; {share}{markdown(event.verdict)}"
    lasts = duration(max(event.end - event.start, 0) / 1000) if event.end > event.start else "one row"
    of = f" · incident {event.incident}" if event.incident else ""
    return f"{share}{markdown(event.verdict)} · over the threshold for {lasts}{of}"


# The timeline --------------------------------------------------------------------------------------------------------


def _look(detected: Detected, place: Place) -> None:
    view = view_of(detected)
    remarks = remarks_of(place)
    own = [one for one in remarks if one.about(view.parameter)]
    drawn = fresh(timeline(detected, view.parameter, view.start, view.end, view.event, own))
    # another view, another chart: a box that was drawn in the old one would stay on top of the new one
    chart = f"{place.element}.timeline.{view.parameter}.{view.start}.{view.end}"
    figure_words(drawn["title"], f"{drawn['reading']} Draw a box over a stretch of time to zoom in.")
    _zoom_buttons(detected, view, place.element)
    drawn["plot"].update_layout(dragmode="select", selectdirection="h")
    drawn["plot"].update_xaxes(fixedrange=True)
    drawn["plot"].update_yaxes(fixedrange=True)
    draw(drawn, "timeline", chart, on_box=lambda: _on_box(detected, chart))
    figure_caption(drawn["caption"], drawn["reference"])
    annotation_box(detected, view, place)


def _zoom_buttons(detected: Detected, view: View, element: str) -> None:
    def button(words: str, icon: str, to: str, disabled: bool = False) -> None:
        st.button(
            words,
            icon=f":material/{icon}:",
            key=f"{element}.zoom.{to}",
            disabled=disabled,
            on_click=lambda: address.show(detected, _moves(detected)[to]),
        )

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        button("Whole record", "width_full", "whole", view.whole)
        if view.event is not None:
            button("This event ± 6 h", "center_focus_strong", "event")
        button("Wider", "zoom_out_map", "wider", view.whole)
        button("Earlier", "arrow_back", "earlier", view.start <= detected.span[0])
        button("Later", "arrow_forward", "later", view.end >= detected.span[1])
        with st.popover("From, to"):
            _range(detected, view, element)


def _moves(detected: Detected) -> dict[str, View]:
    """Where each button leads from what is on the screen now."""
    view = view_of(detected)
    return {
        "whole": address.whole(detected, view),
        "event": address.around(view),
        "wider": address.wider(view),
        "earlier": address.moved(view, -1),
        "later": address.moved(view, 1),
    }


def _range(detected: Detected, view: View, element: str) -> None:
    """Both edges to type, in UTC."""
    first, last = (_clock(at) for at in detected.span)
    keys = {name: f"{element}.{name}.{view.start}.{view.end}" for name in ("from", "to")}

    def typed() -> None:
        edges = [st.session_state[keys[name]].replace(tzinfo=UTC).timestamp() * 1000 for name in ("from", "to")]
        address.show(detected, address.between(view_of(detected), round(edges[0]), round(edges[1])))

    for name, words, at in (("from", "From (UTC)", view.start), ("to", "To (UTC)", view.end)):
        st.datetime_input(
            words, _clock(at), min_value=first, max_value=last, key=keys[name], step=300, format="YYYY-MM-DD",
            on_change=typed, required=True,
        )  # fmt: skip


def _clock(milliseconds: int) -> datetime:
    """The minute of a moment in UTC, as the input takes it."""
    return datetime.fromtimestamp(milliseconds // 60_000 * 60, UTC).replace(tzinfo=None)


def _on_box(detected: Detected, chart: str) -> None:
    """Zooms to the box that was drawn."""
    boxes = st.session_state[chart]["selection"]["box"]
    if not boxes:
        return
    edges = [_edge(at) for at in boxes[-1]["x"]]
    known = [at for at in edges if at is not None]
    if len(known) == 2 and known[0] != known[1]:
        address.show(detected, address.between(view_of(detected), min(known), max(known)))


def _edge(value: object) -> int | None:
    """A side of a box: Plotly writes the moments of a time axis as text, those of a number axis as numbers."""
    return round(value) if isinstance(value, int | float) else address.read_moment(str(value))
