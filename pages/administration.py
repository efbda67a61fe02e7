"""Jobs, runners, storage, workspaces and limits of the whole installation; never what is in anybody's files."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput, NotFound
from core.settings import MIB
from core.store.administration import (
    JobLine,
    Tenant,
    all_jobs,
    all_runners,
    all_workspaces,
    block,
    check_administrator,
    make_room,
    set_limits,
    settings_in_force,
    step_bytes,
    stop_job,
    storage,
    unblock,
)
from core.store.jobs import LIVE, RunnerRow
from pages.parts.clock import local
from pages.parts.html import definitions, name_line
from pages.parts.questions import question_of
from pages.parts.text import duration, markdown, plural, size
from pages.parts.workspace import this_account, this_store

PAGE = 20  # rows at a time
TABS = ("Jobs", "Runners", "Storage", "Workspaces", "Limits")

store, account = this_store(), this_account()


def rows(count: int, key: str) -> slice:
    """Which rows of a long list stand on the page."""
    page = st.pagination(-(-count // PAGE), key=key) if count > PAGE else 1
    return slice((page - 1) * PAGE, page * PAGE)


def row(id: str) -> st.delta_generator.DeltaGenerator:
    """A line with words at its left and buttons at its right."""
    return st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-{id}"
    )


def show_jobs() -> None:
    """Every job, and the way to stop one."""
    found = all_jobs(store, account)
    live = sum(job.state in LIVE for job in found)
    st.caption(f"{plural(live, 'job')} waiting or running. What was asked about is not shown, only which question.")
    for job in found[rows(len(found), "jobs")]:
        with row(job.key):
            analysis = question_of(job.slug)
            name_line(f"{analysis.title if analysis else job.slug}: {job.mode.replace('_', ' ')}", job_facts(job))
            if job.state in LIVE and not job.cancelling and st.button("Cancel", key=f"stop.{job.key}"):
                stop_job(store, account, job.key)
                st.rerun()


def job_facts(job: JobLine) -> str:
    """Where a job stands and whose it is."""
    state = job.state
    if job.state == "running":
        state = "being cancelled" if job.cancelling else f"running, {100 * job.fraction:.0f} %"
    elif job.state == "done" and job.started is not None and job.finished is not None:
        state = f"done in {duration(job.finished - job.started)}"
    log = f"log id {job.error}" if job.error else ""
    return " · ".join(part for part in (state, job.owner, local(job.created), job.device, log) if part)


def show_runners() -> None:
    """Every runner and its workers."""
    found = all_runners(store, account)
    if not found:
        st.warning("No runner has been heard of within a day; the log of the runner says why it can't start.")
    for runner in found:
        with row(runner.runner):
            name_line(f"{runner.host}, process {runner.pid}", heard(runner), *map(worker_facts, runner.workers))


def heard(runner: RunnerRow) -> str:
    """Whether a runner is alive."""
    silent = max(store.clock() - runner.seen, 0.0)
    alive = silent < 2 * store.settings.lease_seconds
    return f"alive, {plural(len(runner.workers), 'worker')}" if alive else f"silent for {duration(silent)}"


def worker_facts(worker: dict[str, object]) -> str:
    """Device, name and memory of a worker."""
    memory = int(str(worker.get("memory") or 0))
    return f"{worker.get('device')}: {worker.get('name')}, " + (f"{size(memory)} a step" if memory else "no limit")


def show_storage() -> None:
    """What is kept, and the way to make room."""
    kept = storage(store, account)
    results = f"{size(kept.result_bytes)} of {size(kept.most_result_bytes)}"
    steps = f"at most {size(kept.most_step_bytes)}"
    if st.session_state.get("count-steps"):
        steps = f"{size(step_bytes(store, account))} of {size(kept.most_step_bytes)}"
    definitions(
        "Kept",
        {
            "Uploads": f"{plural(kept.uploads, 'file')}, {size(kept.upload_bytes)}, each content counted once",
            "Results": f"{plural(kept.results, 'result')}, {results}",
            "Finished steps": steps,
        },
    )
    with st.container(horizontal=True):
        st.button("Count the steps", key="count-steps")
        clean = st.button("Make room now", key="make-room")
    st.caption("Making room removes results and steps past the limits of age and size; shared results stay.")
    if clean:
        gone = make_room(store, account)
        removed = (plural(gone.results, "result"), plural(gone.uploads, "upload"), plural(gone.steps, "step"))
        st.success(f"Removed: {', '.join(removed)} and {plural(gone.leftovers, 'leftover')}.")


def show_workspaces() -> None:
    """Everybody, what they use and what they may."""
    found = all_workspaces(store, account)
    st.caption("Workspaces with an account, and others that hold anything; the fullest first.")
    for one in found[rows(len(found), "workspaces")]:
        with row(one.workspace):
            name_line(one.label, *tenant_facts(one))
            with st.popover("Change", type="tertiary"):
                change(one)


def tenant_facts(one: Tenant) -> tuple[str, ...]:
    """What a workspace holds and may do."""
    held = f"{plural(one.files, 'file')}, {size(one.bytes)} of {size(one.allowance.workspace_bytes)}"
    kept = f"{plural(one.results, 'result')}, {size(one.result_bytes)}"
    login = f"last login {local(one.last_login)}" if one.last_login is not None else f"made {local(one.created)}"
    own = "own limits" if one.own_limits else ""
    state = "blocked" if one.allowance.blocked else ""
    return " · ".join(part for part in (state, held, kept) if part), " · ".join(part for part in (login, own) if part)


def change(one: Tenant) -> None:
    """Other limits, or none of its own; blocking."""
    key, may = one.workspace, one.allowance
    mib = st.number_input("Uploads together (MiB)", 1, None, max(may.workspace_bytes // MIB, 1), key=f"bytes.{key}")
    at_once = st.number_input("Jobs at once", 1, None, may.jobs_at_once, key=f"once.{key}")
    queued = st.number_input("Jobs waiting", 1, None, may.jobs_queued, key=f"queued.{key}")
    a_day = st.number_input("Jobs a day", 1, None, may.jobs_a_day, key=f"day.{key}")
    asked = {"workspace_bytes": mib * MIB, "jobs_at_once": at_once, "jobs_queued": queued, "jobs_a_day": a_day}
    try:
        if st.button("Set limits", type="primary", key=f"set.{key}"):
            set_limits(
                store, account, key, {name: value for name, value in asked.items() if value != getattr(may, name)}
            )
            st.rerun()
        if one.own_limits and st.button("Usual limits", key=f"usual.{key}"):
            set_limits(store, account, key, dict.fromkeys(one.own_limits))
            st.rerun()
        if may.blocked:
            if st.button("Unblock", key=f"unblock.{key}"):
                unblock(store, account, key)
                st.rerun()
            return
        st.caption("Blocking logs the owner out and cancels their runs; what they have stays, and so do their links.")
        if st.button("Block", key=f"block.{key}"):
            block(store, account, key)
            st.rerun()
    except BadInput as error:
        st.error(markdown(error))


def show_limits() -> None:
    """The settings in force."""
    st.caption("Set as environment variables when the server starts; secrets and passwords are not shown here.")
    for line in settings_in_force(store, account):
        with row(line.variable):
            value = line.value or "empty"
            name_line(f"{line.variable} = {value}", line.description, "default" if line.is_default else "set here")


SHOW = dict(zip(TABS, (show_jobs, show_runners, show_storage, show_workspaces, show_limits), strict=True))


def choose() -> str:
    """The part of the page; it stands in the address."""
    wanted = st.query_params.get("part", TABS[0])
    chosen = st.segmented_control(
        "Part",
        TABS,
        default=wanted if wanted in TABS else TABS[0],
        required=True,
        key="part",
        label_visibility="collapsed",
    )
    st.query_params["part"] = str(chosen)
    return str(chosen)


try:
    check_administrator(store, account)
    st.title("Administration", anchor=False)
    SHOW[choose()]()
except NotFound as error:
    st.error(markdown(error))
