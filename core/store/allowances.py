"""How much a workspace may bring and start: the settings' limits, unless the administrator has set others for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from core.errors import BadInput
from core.settings import Settings
from core.store.database import allowances, jobs, jobs_started, uploads
from core.store.store import Store

_DAY = 86_400.0
LIMITS = ("workspace_bytes", "jobs_at_once", "jobs_queued", "jobs_a_day")
_BLOCKED = "This workspace is blocked by the administrator of this installation; write to them to have it opened."


@dataclass(frozen=True)
class Allowance:
    """What one workspace may do.

    Attributes:
        workspace_bytes: of all its uploads.
        jobs_at_once: of its jobs that run at the same time.
        jobs_queued: of its jobs that wait.
        jobs_a_day: jobs that it may start from midnight to midnight, UTC.
        blocked: it may start and bring nothing at all.
    """

    workspace_bytes: int
    jobs_at_once: int
    jobs_queued: int
    jobs_a_day: int
    blocked: bool = False


@dataclass(frozen=True)
class Usage:
    """How much of its allowance a workspace uses now: bytes of uploads, jobs that run, that wait, started today."""

    allowance: Allowance
    bytes: int
    running: int
    queued: int
    today: int


def allowance_of(connection: sql.Connection, settings: Settings, workspace: str) -> Allowance:
    """What a workspace may do, the administrator's word before the settings'."""
    row = connection.execute(sql.select(allowances).where(allowances.c.workspace == workspace)).one_or_none()
    return allowance_in(row, settings)


def allowance_in(row: sql.Row[Any] | None, settings: Settings) -> Allowance:
    """The allowance that a row of the table, or its absence, means."""
    held: dict[str, Any] = {} if row is None else row._asdict()
    limits = {name: getattr(settings, name) if held.get(name) is None else held[name] for name in LIMITS}
    return Allowance(**limits, blocked=bool(held.get("blocked")))


def usage_of(store: Store, workspace: str) -> Usage:
    """How much of its allowance a workspace uses."""
    with store.reading() as connection:
        states = _jobs_by_state(connection, workspace)
        return Usage(
            allowance_of(connection, store.settings, workspace),
            bytes_of(connection, workspace),
            states.get("running", 0),
            states.get("queued", 0),
            _started_today(connection, workspace, store.clock()),
        )


def bytes_of(connection: sql.Connection, workspace: str) -> int:
    """All uploads of a workspace together."""
    total = sql.select(sql.func.coalesce(sql.func.sum(uploads.c.bytes), 0)).where(uploads.c.workspace == workspace)
    return int(connection.execute(total).scalar_one())


def check_open(allowance: Allowance) -> None:
    """Refuses whatever a blocked workspace wants to begin.

    Raises:
        BadInput: it is blocked.
    """
    if allowance.blocked:
        raise BadInput(_BLOCKED)


def count_job(store: Store, connection: sql.Connection, workspace: str) -> None:
    """Counts a job that a workspace is about to queue, in the transaction that queues it.

    Raises:
        BadInput: the workspace has as many waiting, or has started as many today, as it may; or is blocked.
    """
    now = store.clock()
    allowance = allowance_of(connection, store.settings, workspace)
    check_open(allowance)
    waiting = _jobs_by_state(connection, workspace).get("queued", 0)
    if waiting >= allowance.jobs_queued:
        raise BadInput(
            f"{waiting} runs are waiting already and {allowance.jobs_queued} may; "
            "wait for one to start, or cancel some on the Runs page."
        )
    today = _started_today(connection, workspace, now)
    if today >= allowance.jobs_a_day:
        raise BadInput(
            f"{today} runs were started today and {allowance.jobs_a_day} may be; "
            "go on after midnight UTC, or ask the administrator of this installation for more."
        )
    connection.execute(sql.delete(jobs_started).where(jobs_started.c.workspace == workspace))
    connection.execute(sql.insert(jobs_started).values(workspace=workspace, day=int(now // _DAY), jobs=today + 1))


def _jobs_by_state(connection: sql.Connection, workspace: str) -> dict[str, int]:
    counted = sql.select(jobs.c.state, sql.func.count().label("number")).where(jobs.c.workspace == workspace)
    return {row.state: row.number for row in connection.execute(counted.group_by(jobs.c.state))}


def _started_today(connection: sql.Connection, workspace: str, now: float) -> int:
    counted = sql.select(jobs_started.c.jobs).where(
        jobs_started.c.workspace == workspace, jobs_started.c.day == int(now // _DAY)
    )
    return int(connection.execute(counted).scalar() or 0)
