"""Queue and history of the workspace, and the links that it has given out."""

from __future__ import annotations

import time

import streamlit as st

from core.catalog import CATALOG
from core.store.runs import Run, cancel_run, delete_run, list_runs, rename_run
from core.store.shares import Share, list_shares, revoke_share
from pages.parts.clock import local
from pages.parts.html import name_line
from pages.parts.job_status import ACTIVE, progress_line
from pages.parts.questions import page_of
from pages.parts.run_row import run_facts
from pages.parts.text import plural, shorten
from pages.parts.usage import show_runs_used
from pages.parts.workspace import this_pulse, this_store, this_workspace

TICK = 2.0
PAGE = 20  # runs at a time

store, workspace = this_store(), this_workspace()


def show_queue() -> None:
    """The active runs; the page runs again when one of them has ended."""
    this_workspace()  # a login may have ended while the page stood open
    active = [run for run in list_runs(store, workspace) if run.state in ACTIVE]
    if {run.id for run in active} != known:
        st.rerun()
    reading = this_pulse().reading()
    for run in active:
        name_line(shorten(run.title), progress_line(run, reading, store.clock()))
        st.progress(min(max(run.fraction, 0.0), 1.0))
        with st.container(horizontal=True):
            st.page_link(page_of(run.slug), label="Open", icon=":material/arrow_forward:", query_params={"run": run.id})
            if st.button("Cancel", key=f"cancel.{run.id}"):
                cancel_run(store, workspace, run.id)
                st.rerun()


def show_past(run: Run) -> None:
    """One finished, failed or cancelled run with what may be done to it."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-{run.id}"
    ):
        name_line(shorten(run.title), run_facts(run))
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            st.page_link(page_of(run.slug), label="Open", icon=":material/arrow_forward:", query_params={"run": run.id})
            with st.popover("Edit", type="tertiary"):
                title = st.text_input("Name", run.title, max_chars=200, key=f"title.{run.id}")
                if st.button("Rename", key=f"rename.{run.id}"):
                    rename_run(store, workspace, run.id, title)
                    st.rerun()
                st.caption("Deleting takes the run out of your history and revokes links that show it.")
                if st.button("Delete", key=f"delete.{run.id}"):
                    delete_run(store, workspace, run.id)
                    st.rerun()


def show_link(share: Share) -> None:
    """One link that was given out."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-{share.id}"
    ):
        name_line(shorten(share.label), link_facts(share))
        if share.revoked is None and st.button("Revoke", key=f"revoke.{share.id}"):
            revoke_share(store, workspace, share.id)
            st.rerun()


def link_facts(share: Share) -> str:
    """What a link shows, how often it was opened, and until when it works."""
    if share.revoked is not None:
        state = f"revoked {local(share.revoked)}"
    elif share.expires is None:
        state = "valid until revoked"
    else:
        state = f"{'expired' if share.expires <= time.time() else 'valid until'} {local(share.expires)}"
    return " · ".join(
        (
            plural(len(share.keys), "result"),
            state,
            f"opened {plural(share.opened, 'time')}",
            f"made {local(share.created)}",
        )
    )


st.title("Runs", anchor=False)
show_runs_used(store, workspace)
runs = list_runs(store, workspace)
known = {run.id for run in runs if run.state in ACTIVE}
past = [run for run in runs if run.state not in ACTIVE]

if not runs:
    st.markdown("Nothing has run in this workspace yet. Ask a question, or try its example:")
    for analysis in CATALOG:
        st.page_link(page_of(analysis.slug), label=analysis.title, icon=":material/arrow_forward:")
if known:
    st.header("Now", anchor=False)
    st.fragment(show_queue, run_every=TICK)()
if past:
    st.header("History", anchor=False)
    page = 1
    if len(past) > PAGE:
        page = st.pagination(-(-len(past) // PAGE), key="history")
    for run in past[(page - 1) * PAGE : page * PAGE]:
        show_past(run)

links = list_shares(store, workspace)
if links:
    st.header("My links", anchor=False)
    for share in links:
        show_link(share)
