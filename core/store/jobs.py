"""Jobs: one for each key that is to be answered. Runners claim them by lease; whoever is silent loses them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from core.analysis import Source
from core.store.database import allowances, job_curves, jobs, runners, runs
from core.store.sources import from_row
from core.store.store import Store

MOST_ATTEMPTS = 3
LIVE = ("queued", "running")
_GAVE_UP = (
    f"The work stopped without a word {MOST_ATTEMPTS} times at the same place, most likely for want of memory. "
    "Run it again with smaller settings, or on a machine with more memory."
)
_FORGET_RUNNER_SECONDS = 86_400.0


@dataclass(frozen=True)
class Job:
    """What a runner needs to answer a question."""

    key: str
    slug: str
    params: dict[str, Any]
    inputs: dict[str, Source]
    attempts: int
    workspace: str  # of the first asker who still wants it
    created: float


@dataclass(frozen=True)
class RunnerRow:
    """A runner and its workers: [{"device", "name", "memory", "threads"}]."""

    runner: str
    host: str
    pid: int
    seen: float
    workers: list[dict[str, Any]]


def claim_job(store: Store, runner: str) -> Job | None:
    """Takes the next job for a runner, or None where nothing waits.

    The workspace with the fewest running jobs comes first, then the oldest job; no workspace has more than
    its `jobs_at_once` running, and a blocked one starts none. A job whose lease ran out is taken again,
    `MOST_ATTEMPTS` times without progress.
    """
    now = store.clock()
    running = (
        sql.select(jobs.c.workspace, sql.func.count().label("running"))
        .where(jobs.c.state == "running")
        .group_by(jobs.c.workspace)
        .subquery()
    )
    busy = sql.func.coalesce(running.c.running, 0)
    most = sql.func.coalesce(allowances.c.jobs_at_once, store.settings.jobs_at_once)
    blocked = sql.func.coalesce(allowances.c.blocked, sql.false())
    next_job = (
        sql.select(jobs)
        .outerjoin(running, running.c.workspace == jobs.c.workspace)
        .outerjoin(allowances, allowances.c.workspace == jobs.c.workspace)
        .where(jobs.c.state == "queued", busy < most, sql.not_(blocked))
        .order_by(busy, jobs.c.created, jobs.c.key)
        .limit(1)
    )
    with store.writing() as connection:
        # Longer than a lease nobody can have one: the clock was set back, so what is left of it is cut.
        longest = now + store.settings.lease_seconds
        connection.execute(sql.update(jobs).where(jobs.c.lease > longest).values(lease=longest))
        _free(connection, jobs.c.lease < now, now)
        row = connection.execute(next_job).one_or_none()
        if row is None:
            return None
        connection.execute(
            sql.update(jobs)
            .where(jobs.c.key == row.key, jobs.c.state == "queued")
            .values(
                state="running",
                runner=runner,
                lease=now + store.settings.lease_seconds,
                attempts=row.attempts + 1,
                started=row.started or now,
                message="",
                due=None,
            )
        )
    return Job(row.key, row.slug, row.params, from_row(row.inputs), row.attempts + 1, row.workspace, row.created)


def renew_leases(store: Store, runner: str, keys: Collection[str]) -> None:
    """Says that the runner is alive: the jobs that it works on stay its own for another `lease_seconds`.

    One that is down as the runner's, but that it does not know of, is not among them: the answer to its claim was
    lost on the way.
    """
    now = store.clock()
    with store.writing() as connection:
        worked_on = sql.update(jobs).where(*_held(runner), jobs.c.key.in_(list(keys)))
        connection.execute(worked_on.values(lease=now + store.settings.lease_seconds))
        connection.execute(sql.update(runners).where(runners.c.runner == runner).values(seen=now))


def record_progress(
    store: Store, runner: str, key: str, fraction: float, message: str, eta: float | None = None
) -> bool:
    """Notes how far a job is. The fraction never goes back; new progress clears the attempts before it.

    Args:
        store: the store.
        runner: who holds the lease.
        key: of the job.
        fraction: done, from 0 to 1.
        message: what is being done now.
        eta: seconds that are left, where that is known.

    Returns:
        False where the runner has lost the job and must let it go.
    """
    now = store.clock()
    further = jobs.c.fraction < fraction
    progress = {
        "fraction": sql.case((further, fraction), else_=jobs.c.fraction),
        "attempts": sql.case((further, 1), else_=jobs.c.attempts),
        "message": message,
        "due": None if eta is None else now + eta,
        "lease": now + store.settings.lease_seconds,
    }
    return _update_held(store, runner, key, progress)


def finish_job(store: Store, runner: str, key: str, device: str) -> bool:
    """The result is stored: the job is done. False where the runner had lost it."""
    done = {"state": "done", "fraction": 1.0, "device": device, "cancel": False}
    with store.writing() as connection:
        mine = sql.update(jobs).where(jobs.c.key == key, *_held(runner))
        finished = connection.execute(mine.values(**done, **_ended(store.clock()))).rowcount == 1
        if finished:  # there is nothing to watch any more
            connection.execute(sql.delete(job_curves).where(job_curves.c.key == key))
    return finished


def fail_job(store: Store, runner: str, key: str, sentence: str, error_id: str = "") -> bool:
    """The job failed, for a reason that people can read. False where the runner had lost it."""
    failed = {"state": "failed", "error": sentence, "error_id": error_id, "cancel": False}
    return _update_held(store, runner, key, {**failed, **_ended(store.clock())})


def release_jobs(store: Store, runner: str) -> None:
    """An orderly stop: the runner's jobs wait for the next one, and the attempt does not count."""
    with store.writing() as connection:
        connection.execute(sql.update(jobs).where(*_held(runner)).values(attempts=jobs.c.attempts - 1))
        _free(connection, jobs.c.runner == runner, store.clock())
        connection.execute(sql.delete(runners).where(runners.c.runner == runner))


def cancel_requests(store: Store, runner: str) -> list[str]:
    """Keys of the runner's jobs that nobody wants any more."""
    with store.reading() as connection:
        wanted = sql.select(jobs.c.key).where(*_held(runner), jobs.c.cancel.is_(True)).order_by(jobs.c.created)
        return list(connection.execute(wanted).scalars())


def mark_cancelled(store: Store, runner: str, key: str) -> None:
    """The runner stopped a job. Where somebody asked for it in the meantime it waits again."""
    now = store.clock()
    with store.writing() as connection:
        if connection.execute(sql.select(jobs.c.key).where(*_held(runner), jobs.c.key == key)).first() is None:
            return
        again = {"state": "queued", "attempts": 0, "started": None, "runner": None, "lease": None, "cancel": False}
        stopped = {"state": "cancelled", "cancel": False, **_ended(now)}
        values = again if _wanted_by(connection, key) else stopped
        connection.execute(sql.update(jobs).where(jobs.c.key == key).values(**values))


def take_over_dead(store: Store, host: str, alive: Callable[[int], bool]) -> None:
    """At start: frees the jobs of runners on this host whose process is gone, without waiting for their leases."""
    with store.writing() as connection:
        for row in connection.execute(sql.select(runners).where(runners.c.host == host)).all():
            if not alive(row.pid):
                _free(connection, jobs.c.runner == row.runner, store.clock())
                connection.execute(sql.delete(runners).where(runners.c.runner == row.runner))


def register_runner(store: Store, runner: str, host: str, pid: int, workers: list[dict[str, Any]]) -> None:
    """Enters a runner, or what has changed about it. Runners that were silent for a day are forgotten."""
    now = store.clock()
    with store.writing() as connection:
        silent = sql.or_(runners.c.seen < now - _FORGET_RUNNER_SECONDS, runners.c.seen > now + _FORGET_RUNNER_SECONDS)
        connection.execute(sql.delete(runners).where(sql.or_(silent, runners.c.runner == runner)))
        connection.execute(sql.insert(runners).values(runner=runner, host=host, pid=pid, seen=now, workers=workers))


def list_runners(store: Store) -> list[RunnerRow]:
    """All runners, the one heard of last first."""
    with store.reading() as connection:
        rows = connection.execute(sql.select(runners).order_by(runners.c.seen.desc())).all()
    return [RunnerRow(row.runner, row.host, row.pid, row.seen, row.workers) for row in rows]


def is_heard(store: Store, runner: RunnerRow) -> bool:
    """Whether a runner was heard of within two leases; from a moment to come nothing was heard, the clock was set back."""
    return abs(store.clock() - runner.seen) <= 2 * store.settings.lease_seconds


def withdraw(connection: sql.Connection, key: str, now: float) -> None:
    """After a run was cancelled or deleted: stops its job where no run wants it, else gives it to one that does."""
    job = connection.execute(sql.select(jobs).where(jobs.c.key == key, jobs.c.state.in_(LIVE))).one_or_none()
    if job is None:
        return
    wanted_by = _wanted_by(connection, key)
    if job.workspace in wanted_by:
        return
    if wanted_by:
        values: dict[str, Any] = {"workspace": wanted_by[0]}
    elif job.state == "queued":
        values = {"state": "cancelled", **_ended(now)}
    else:
        values = {"cancel": True}
    connection.execute(sql.update(jobs).where(jobs.c.key == key).values(**values))


def _wanted_by(connection: sql.Connection, key: str) -> list[str]:
    wanted = sql.select(runs.c.workspace).where(runs.c.key == key, runs.c.cancelled.is_(None)).order_by(runs.c.created)
    return list(connection.execute(wanted).scalars())


def _free(connection: sql.Connection, lost: sql.ColumnElement[bool], now: float) -> None:
    """Takes running jobs from their runners: cancelled ones end, those tried too often fail, the others wait."""
    running = sql.and_(jobs.c.state == "running", lost)
    connection.execute(
        sql.update(jobs).where(running, jobs.c.cancel.is_(True)).values(state="cancelled", cancel=False, **_ended(now))
    )
    connection.execute(
        sql.update(jobs)
        .where(running, jobs.c.attempts >= MOST_ATTEMPTS)
        .values(state="failed", error=_GAVE_UP, **_ended(now))
    )
    connection.execute(sql.update(jobs).where(running).values(state="queued", runner=None, lease=None, due=None))


def _held(runner: str) -> tuple[sql.ColumnElement[bool], ...]:
    return jobs.c.runner == runner, jobs.c.state == "running"


def _update_held(store: Store, runner: str, key: str, values: dict[str, Any]) -> bool:
    with store.writing() as connection:
        return (
            connection.execute(sql.update(jobs).where(jobs.c.key == key, *_held(runner)).values(**values)).rowcount == 1
        )


def _ended(now: float) -> dict[str, Any]:
    return {"runner": None, "lease": None, "due": None, "message": "", "finished": now}
