"""Annotations beside a timeline: reading them, writing and deleting one's own, and taking the list of events along."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput, NotFound
from core.export.csv import table_csv
from core.store.annotations import (
    LONGEST_TEXT,
    Annotation,
    add_annotation,
    delete_annotation,
    list_annotations,
    list_shared_annotations,
)
from core.telemetry.figures.detected import Detected, moment
from core.telemetry.remarks import Remark, event_list
from pages.parts.clock import local
from pages.parts.html import name_line
from pages.parts.place import OwnRun, Place, SharedResult
from pages.parts.telemetry_address import View
from pages.parts.text import markdown, plural
from pages.parts.workspace import this_store, this_workspace

AUTHOR = "annotation.author"  # stays filled in on all pages of a session
OF_EVENT, IN_VIEW = "This event", "What is in view"


def annotations_of(place: Place) -> list[Annotation]:
    """The annotations that a visitor may read: of the own run, or of the run behind a link."""
    try:
        if isinstance(place.held, OwnRun):
            return list_annotations(this_store(), this_workspace(), place.held.run)
        if isinstance(place.held, SharedResult):
            return list_shared_annotations(this_store(), place.held.token, place.held.place)
    except NotFound:  # deleted or revoked in another tab: the next run of the page says so
        return []
    return []


def remarks_of(place: Place) -> list[Remark]:
    """The annotations as figures and exports take them."""
    return [Remark(one.parameter, one.start, one.end, one.text, one.author) for one in annotations_of(place)]


def annotation_box(detected: Detected, view: View, place: Place) -> None:
    """The annotations of what is looked at, the form for another one, and the list of events to take away."""
    found = annotations_of(place)
    shown = [one for one in found if one.parameter in ("", view.parameter)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if isinstance(place.held, OwnRun):
            with st.popover("Annotate", icon=":material/edit_note:"):
                _form(place.held, view, place.element)
        st.download_button(
            "Event list (CSV)",
            lambda: table_csv(event_list(detected.result.tables["events"], remarks_of(place))),
            file_name="events.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{place.element}.events",
        )
        if len(found) > len(shown):
            st.caption(f"{plural(len(found) - len(shown), 'annotation')} on other parameters.")
    for one in shown:
        _show(one, place)


def _show(one: Annotation, place: Place) -> None:
    about = one.parameter or "all parameters"
    facts = f"{moment(one.start)} to {moment(one.end)} UTC · {about} · {one.author}, {local(one.created)}"
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-note-{one.id}"
    ):
        name_line(one.text, facts)
        if isinstance(place.held, OwnRun):
            st.button("Delete", key=f"note.delete.{one.id}", type="tertiary", on_click=_delete, args=(one.id,))


def _delete(id: str) -> None:
    try:
        delete_annotation(this_store(), this_workspace(), id)
    except NotFound:  # deleted in another tab
        return


def _form(own: OwnRun, view: View, element: str) -> None:
    keys = {name: f"{element}.note.{name}" for name in ("text", "author", "when", "everywhere", "refused")}

    def add() -> None:
        """Before the page draws itself again, so that it shows the new one."""
        given = {name: st.session_state.get(key) for name, key in keys.items()}
        st.session_state[AUTHOR] = given["author"]
        of_event = view.event if given["when"] == OF_EVENT else None
        start, end = (view.start, view.end) if of_event is None else (of_event.start, of_event.end)
        parameter = "" if given["everywhere"] else view.parameter
        try:
            add_annotation(
                this_store(), this_workspace(), own.run, parameter, start, end, str(given["text"]), str(given["author"])
            )
        except (BadInput, NotFound) as error:
            st.session_state[keys["refused"]] = str(error)

    with st.form(f"{element}.annotate", clear_on_submit=True, border=False):
        st.text_input("What happened", max_chars=LONGEST_TEXT, placeholder="heater test, planned", key=keys["text"])
        author = st.session_state.get(AUTHOR, "")
        st.text_input("Your name", author, max_chars=100, placeholder="someone", key=keys["author"])
        stretches = [OF_EVENT, IN_VIEW] if view.event is not None else [IN_VIEW]
        st.radio("When", stretches, horizontal=True, key=keys["when"])
        st.checkbox("On all parameters", key=keys["everywhere"])
        st.caption("It is stored with this run. Whoever has a link to the result reads it too.")
        st.form_submit_button("Add", type="primary", on_click=add)
    if keys["refused"] in st.session_state:
        st.error(markdown(st.session_state.pop(keys["refused"])))
