"""Runs: a workspace's questions. Many runs, each of another workspace, may wait for one job."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sql

from core.analysis import Analysis, Inputs, Params, result_key
from core.errors import NotFound
from core.store.allowances import allowance_of, check_open, count_job
from core.store.database import jobs, runs, uploads, workspaces
from core.store.forget import forget_runs
from core.store.jobs import LIVE, withdraw
from core.store.names import shown
from core.store.results import has_result
from core.store.rights import look_up
from core.store.sources import as_row, from_row, neutral
from core.store.store import Store


@dataclass(frozen=True)
class Run:
    """An entry of a workspace's history, with the state of the job behind it.

    Attributes:
        id: of the entry.
        workspace: whose it is.
        key: of the result.
        slug: of the analysis.
        title: as the person calls it.
        params: all parameters, as plain JSON values.
        inputs: slot -> {"kind", "name", "digest", "location", "details"}.
        created: when it was asked (last).
        state: "queued", "running", "done", "failed" or "cancelled".
        fraction: done, from 0 to 1.
        message: what is being done now.
        eta: seconds that are left, None where unknown.
        error: why it failed, as a sentence.
        error_id: what the log calls an unexpected failure.
        started: when work began.
        finished: when it ended.
        device: what it was computed on.
        place: in the queue, from 1; None where it does not wait.
    """

    id: str
    workspace: str
    key: str
    slug: str
    title: str
    params: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    created: float
    state: str
    fraction: float
    message: str
    eta: float | None
    error: str
    error_id: str
    started: float | None
    finished: float | None
    device: str
    place: int | None


def submit(store: Store, workspace: str, analysis: Analysis, params: Params, inputs: Inputs, title: str = "") -> Run:
    """Asks a question. A workspace has one run a question: asking again brings that one to the top.

    A stored result answers at once; a job that is on its way is shared; one that failed or was cancelled
    is queued anew.

    Raises:
        BadInput: inputs that do not fit, or more jobs than the workspace may have waiting or start in a day.
        NotFound: an input that this workspace does not have.
    """
    analysis.check_inputs(params, inputs)
    key, now = result_key(analysis, params, inputs), store.clock()
    plain = params.model_dump(mode="json")
    with store.writing() as connection:
        _check_rights(connection, workspace, inputs)
        check_open(allowance_of(connection, store.settings, workspace))
        job = {"slug": analysis.slug, "params": plain, "inputs": as_row(_anonymous(inputs)), "workspace": workspace}
        _ensure_job(store, connection, key, job, now)
        run = connection.execute(sql.select(runs).where(runs.c.workspace == workspace, runs.c.key == key)).one_or_none()
        if run is None:
            id, chosen = secrets.token_urlsafe(16), title or _title(analysis, inputs)
            connection.execute(
                sql.insert(runs).values(
                    id=id,
                    workspace=workspace,
                    key=key,
                    slug=analysis.slug,
                    title=shown(chosen, analysis.title),
                    params=plain,
                    inputs=as_row(inputs),
                    created=now,
                )
            )
        else:
            id, chosen = run.id, shown(title, run.title)
            connection.execute(
                sql.update(runs).where(runs.c.id == id).values(created=now, cancelled=None, title=chosen)
            )
    return get_run(store, workspace, id)


def list_runs(store: Store, workspace: str, slug: str | None = None) -> list[Run]:
    """A workspace's runs, the newest first."""
    mine = _with_jobs().where(runs.c.workspace == workspace).order_by(runs.c.created.desc(), runs.c.id)
    with store.reading() as connection:
        rows = connection.execute(mine if slug is None else mine.where(runs.c.slug == slug)).all()
    return [_run(row, store.clock()) for row in rows]


def list_live_runs(store: Store) -> list[Run]:
    """The runs of all workspaces that are waited for: not cancelled, and their jobs wait or run."""
    live = _with_jobs().where(jobs.c.state.in_(LIVE), runs.c.cancelled.is_(None))
    with store.reading() as connection:
        rows = connection.execute(live).all()
    return [_run(row, store.clock()) for row in rows]


def get_run(store: Store, workspace: str, id: str) -> Run:
    """One run.

    Raises:
        NotFound: this workspace has none of that id.
    """
    with store.reading() as connection:
        look_up(connection, runs, store.clock(), id=id, workspace=workspace)
        return _run(connection.execute(_with_jobs().where(runs.c.id == id)).one(), store.clock())


def rename_run(store: Store, workspace: str, id: str, title: str) -> None:
    """Gives a run another title; links that were made before keep theirs."""
    with store.writing() as connection:
        row = look_up(connection, runs, store.clock(), id=id, workspace=workspace)
        connection.execute(sql.update(runs).where(runs.c.id == id).values(title=shown(title, row.title)))


def cancel_run(store: Store, workspace: str, id: str) -> None:
    """This workspace wants it no more. The job itself stops only when no other workspace's run wants it."""
    now = store.clock()
    with store.writing() as connection:
        row = look_up(connection, runs, now, id=id, workspace=workspace)
        live = sql.select(jobs.c.key).where(jobs.c.key == row.key, jobs.c.state.in_(LIVE))
        if connection.execute(live).first() is not None:
            connection.execute(sql.update(runs).where(runs.c.id == id).values(cancelled=now))
            withdraw(connection, row.key, now)


def delete_run(store: Store, workspace: str, id: str) -> None:
    """Removes a run, the links that show it, and its result where nobody else refers to it."""
    with store.writing() as connection:
        row = look_up(connection, runs, store.clock(), id=id, workspace=workspace)
        graves = forget_runs(store, connection, [row])
    graves.delete()


def _check_rights(connection: sql.Connection, workspace: str, inputs: Inputs) -> None:
    if connection.execute(sql.select(workspaces.c.id).where(workspaces.c.id == workspace)).first() is None:
        raise NotFound()
    for source in inputs.values():
        if source.builtin:
            continue
        own = sql.select(uploads.c.id).where(uploads.c.workspace == workspace, uploads.c.digest == source.digest)
        look_up(connection, uploads, 0.0, id=connection.execute(own).scalar() or "", workspace=workspace)


def _ensure_job(store: Store, connection: sql.Connection, key: str, job: dict[str, Any], now: float) -> None:
    row = connection.execute(sql.select(jobs).where(jobs.c.key == key)).one_or_none()
    if row is not None and row.state in LIVE:
        connection.execute(sql.update(jobs).where(jobs.c.key == key).values(cancel=False))
        return
    fresh: dict[str, Any] = {
        **job,
        "created": now,
        "attempts": 0,
        "fraction": 0.0,
        "message": "",
        "due": None,
        "error": "",
        "error_id": "",
        "started": None,
        "finished": None,
        "runner": None,
        "lease": None,
        "cancel": False,
    }
    if has_result(store, key):
        if row is not None and row.state == "done":
            return
        fresh |= {"state": "done", "fraction": 1.0, "finished": now}
    else:
        count_job(store, connection, job["workspace"])
        fresh |= {"state": "queued"}
    if row is None:
        connection.execute(sql.insert(jobs).values(key=key, **fresh))
    else:
        connection.execute(sql.update(jobs).where(jobs.c.key == key).values(**fresh))


def _anonymous(inputs: Inputs) -> Inputs:
    return {slot: neutral(source) for slot, source in inputs.items()}


def _title(analysis: Analysis, inputs: Inputs) -> str:
    names = ", ".join(source.name for source in inputs.values())
    return f"{analysis.title}: {names}" if names else analysis.title


@cache  # putting it together costs more than running it, and a tick asks each second
def _with_jobs() -> sql.Select[Any]:
    before = jobs.alias("before")
    earlier = sql.or_(
        before.c.created < jobs.c.created, sql.and_(before.c.created == jobs.c.created, before.c.key < jobs.c.key)
    )
    ahead = sql.select(sql.func.count()).where(before.c.state == "queued", earlier).scalar_subquery()
    place = sql.case((jobs.c.state == "queued", ahead + 1))
    shown_of_job = ("state", "fraction", "message", "due", "error", "error_id", "started", "finished", "device")
    return sql.select(runs, *(jobs.c[name] for name in shown_of_job), place.label("place")).join(
        jobs, jobs.c.key == runs.c.key
    )


def _run(row: sql.Row[Any], now: float) -> Run:
    cancelled = row.cancelled is not None and row.state != "done"
    state = "cancelled" if cancelled else row.state
    return Run(
        id=row.id,
        workspace=row.workspace,
        key=row.key,
        slug=row.slug,
        title=row.title,
        params=row.params,
        inputs=row.inputs,
        created=row.created,
        state=state,
        fraction=row.fraction,
        message="" if cancelled else _own_names(row.message, row.inputs),
        eta=max(0.0, row.due - now) if row.due is not None and state == "running" else None,
        error="" if cancelled else _own_names(row.error, row.inputs),
        error_id="" if cancelled else row.error_id,
        started=row.started,
        finished=row.cancelled if cancelled else row.finished,
        device=row.device,
        place=row.place if state == "queued" else None,
    )


def _own_names(text: str, inputs: dict[str, dict[str, Any]]) -> str:
    """The job speaks of an upload by its digest; its owner reads the name that they gave it."""
    for source in from_row(inputs).values():
        text = text.replace(neutral(source).name, source.name)
    return text
