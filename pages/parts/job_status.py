"""The live line of a run: how far it is, what is being done, when it will be ready, and the way to stop it."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from core.store.curves import read_curve
from core.store.jobs import is_heard, list_runners
from core.store.runs import Run, cancel_run, get_run
from core.store.store import Store
from pages.parts.live_curve import live_curve
from pages.parts.text import duration
from pages.parts.workspace import this_store, this_workspace

ACTIVE = ("queued", "running")
TICK = 1.0  # seconds between two looks at the job table
_SILENT = "no word from the runner; it is being started again, or its log says what it waits for"


def watch(run: Run) -> None:
    """Shows an active run until it ends; then the page runs again and the ticking stops."""
    st.fragment(_tick, run_every=TICK)(run.id)


def _tick(run_id: str) -> None:
    store, workspace = this_store(), this_workspace()
    try:
        run = get_run(store, workspace, run_id)
    except NotFound:  # deleted in another tab: the page says so
        st.rerun()
    if run.state not in ACTIVE:
        st.rerun()
    st.progress(min(max(run.fraction, 0.0), 1.0), text=None)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(progress_line(store, run))
        if st.button("Cancel", key=f"cancel.{run.id}"):
            cancel_run(store, workspace, run.id)
            st.rerun()
    curve = read_curve(store, run.key)
    if curve is not None:
        live_curve(curve)


def progress_line(store: Store, run: Run) -> str:
    """What an active run is doing, in one line."""
    if run.state == "queued":
        if not _runner_is_alive(store):
            return "Waiting: no runner is alive. It is being started, or its log says why it can't."
        return "Waiting for a free worker" + (f": place {run.place} in the queue." if run.place else ".")
    parts = [f"{100 * run.fraction:.0f} %", run.message or "starting"]
    if run.eta is not None:
        parts.append(f"about {duration(run.eta)} left")
    elif run.started is not None:
        parts.append(f"running for {duration(store.clock() - run.started)}")
    if not _runner_is_alive(store):
        parts.append(_SILENT)
    return " · ".join(parts)


def _runner_is_alive(store: Store) -> bool:
    return any(is_heard(store, runner) for runner in list_runners(store))
