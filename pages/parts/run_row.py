"""One run in a list: its name, what was asked, where it stands, and the way to it."""

from __future__ import annotations

import streamlit as st

from core.store.runs import Run
from pages.parts.clock import local
from pages.parts.html import name_line
from pages.parts.questions import page_of
from pages.parts.text import duration, shorten

STATES = {"queued": "waiting", "running": "running", "done": "done", "failed": "failed", "cancelled": "cancelled"}


def run_row(run: Run) -> None:
    """Name, facts, state and a link."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-{run.id}"
    ):
        name_line(shorten(run.title), run_facts(run))
        st.page_link(page_of(run.slug), label="Open", icon=":material/arrow_forward:", query_params={"run": run.id})


def run_facts(run: Run) -> str:
    """Where a run stands, in one line."""
    state = STATES[run.state]
    if run.state == "running":
        state = f"running, {100 * run.fraction:.0f} %"
    elif run.state == "queued" and run.place:
        state = f"waiting, place {run.place}"
    elif run.state == "done" and run.started is not None and run.finished is not None:
        state = f"done in {duration(run.finished - run.started)}"
    names = ", ".join(shorten(str(held.get("name", "")), 40) for held in run.inputs.values())
    asked = local(run.created)
    return " · ".join(part for part in (state, names, str(run.params.get("mode", "")), asked) if part)
