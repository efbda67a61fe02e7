"""The live line of a run: how far it is, what is being done, when it will be ready, and the way to stop it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import NotFound
from core.store.pulse import Reading
from core.store.runs import Run, cancel_run
from pages.parts.component_key import component_key
from pages.parts.live_curve import curve_html
from pages.parts.text import duration, escape
from pages.parts.workspace import this_pulse, this_store, this_workspace

ACTIVE = ("queued", "running")
SELDOM = 15.0  # seconds
SOURCE = Path(__file__).with_name("live_status")
_SILENT = "no word from the runner; it is being started again, or its log says what it waits for"
_status = st.components.v2.component(
    "assay_live_status",
    html=(SOURCE / "status.html").read_text(),
    css=(SOURCE / "status.css").read_text(),
    js=(SOURCE / "status.js").read_text(),
)


def watch(run: Run) -> None:
    """Shows an active run until it ends; then the page runs again.

    The browser asks `/api/live/RUN` once a second (`live_socket`): that costs a tenth of running a fragment of the page.
    """
    told = {"run": run.id, "html": status_html(run, this_pulse().reading(), this_store().clock())}
    _status(key=component_key("live", run.id), data=told, on_ended_change=lambda: None)
    if st.button("Cancel", key=f"cancel.{run.id}"):
        cancel_run(this_store(), run.workspace, run.id)
        st.rerun()
    st.fragment(_look_again, run_every=SELDOM)(run)


def _look_again(run: Run) -> None:
    """Ends the waiting where the browser has lost the component: a wire was cut just while it was loading."""
    try:
        ended = this_pulse().run(this_workspace(), run.id).state not in ACTIVE
    except NotFound:  # deleted in another tab: the page says so
        ended = True
    if ended:
        st.rerun()


def status_html(run: Run, reading: Reading, now: float) -> str:
    """An active run as a bar, a line of words, and the curve of what it has reported so far."""
    percent = round(100 * min(max(run.fraction, 0.0), 1.0), 1)
    curve = reading.curves.get(run.key)
    return (
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent:g}"><div style="width: {percent:g}%"></div></div>'
        + sentence_html(progress_line(run, reading, now))
        + (curve_html(curve) if curve is not None and len(curve.points) > 1 else "")
    )


def sentence_html(text: str) -> str:
    """A line of words."""
    return f'<p class="words">{escape(text)}</p>'


def progress_line(run: Run, reading: Reading, now: float) -> str:
    """What an active run is doing, in one line.

    Args:
        run: that waits or runs.
        reading: says whether a runner is alive.
        now: seconds since the epoch.
    """
    if run.state == "queued":
        if not reading.runner_heard:
            return "Waiting: no runner is alive. It is being started, or its log says why it can't."
        return "Waiting for a free worker" + (f": place {run.place} in the queue." if run.place else ".")
    parts = [f"{100 * run.fraction:.0f} %", run.message or "starting"]
    if run.eta is not None:
        parts.append(f"about {duration(run.eta)} left")
    elif run.started is not None:
        parts.append(f"running for {duration(now - run.started)}")
    if not reading.runner_heard:
        parts.append(_SILENT)
    return " · ".join(parts)
