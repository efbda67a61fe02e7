"""What the administrator sees and does: jobs, runners, storage, workspaces and limits, never what is in anybody's files.

Each function takes the account that asks and checks it itself: to everybody else there is nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sql
from pydantic import SecretStr

from core.errors import BadInput, NotFound
from core.settings import Settings
from core.store.accounts import Account, end_logins, is_administrator
from core.store.allowances import LIMITS, Allowance, allowance_in
from core.store.database import accounts, allowances, jobs, results, runs, uploads, workspaces
from core.store.eviction import Evicted, evict
from core.store.jobs import LIVE, RunnerRow, list_runners, withdraw
from core.store.store import Store

_ADMINISTRATOR_ONLY = "There is no such page."


@dataclass(frozen=True)
class JobLine:
    """A job without what it was asked about: whose it is, which question in which mode, and how far it is."""

    key: str
    owner: str
    slug: str
    mode: str
    state: str
    fraction: float
    created: float
    started: float | None
    finished: float | None
    device: str
    error: str
    cancelling: bool


@dataclass(frozen=True)
class Tenant:
    """A workspace as the administrator sees it.

    Attributes:
        workspace: its id, which opens nothing by itself.
        label: its account, or the beginning of its id where it has none.
        has_account: whether somebody logs in to it.
        created: when it was made.
        last_login: of its account.
        files: how many uploads it has.
        bytes: of all its uploads.
        results: how many results its runs refer to.
        result_bytes: of these; what two workspaces asked counts for both.
        allowance: what it may do.
        own_limits: the limits that differ from the settings.
    """

    workspace: str
    label: str
    has_account: bool
    created: float
    last_login: float | None
    files: int
    bytes: int
    results: int
    result_bytes: int
    allowance: Allowance
    own_limits: Mapping[str, int]


@dataclass(frozen=True)
class Storage:
    """Bytes and numbers of what is kept, each content counted once, and the most that may be."""

    uploads: int
    upload_bytes: int
    results: int
    result_bytes: int
    most_result_bytes: int
    most_step_bytes: int


@dataclass(frozen=True)
class SettingLine:
    """A setting in force: its variable, its value (secrets hidden), its meaning, and whether it is the default."""

    variable: str
    value: str
    description: str
    is_default: bool


def check_administrator(store: Store, account: Account | None) -> None:
    """Refuses everybody whom the settings don't name.

    Raises:
        NotFound: as if there were no such page.
    """
    if not is_administrator(store.settings, account):
        raise NotFound(_ADMINISTRATOR_ONLY)


def all_jobs(store: Store, account: Account | None, most: int = 200) -> list[JobLine]:
    """The jobs of everybody, live ones first, then the latest."""
    check_administrator(store, account)
    live = sql.case((jobs.c.state.in_(LIVE), 0), else_=1)
    latest = sql.select(jobs).order_by(live, jobs.c.created.desc(), jobs.c.key).limit(most)
    with store.reading() as connection:
        owners = _labels(connection)
        return [
            _job_line(row, owners.get(row.workspace) or _short(row.workspace)) for row in connection.execute(latest)
        ]


def stop_job(store: Store, account: Account | None, key: str) -> None:
    """Cancels a job for everybody who waits for it.

    Raises:
        NotFound: no such job is waiting or running.
    """
    check_administrator(store, account)
    with store.writing() as connection:
        live = sql.select(jobs.c.key).where(jobs.c.key == key, jobs.c.state.in_(LIVE))
        if connection.execute(live).first() is None:
            raise NotFound("This job has ended already.")
        _cancel(connection, runs.c.key == key, [key], store.clock())


def all_runners(store: Store, account: Account | None) -> list[RunnerRow]:
    """Every runner that was heard of within a day, with its workers."""
    check_administrator(store, account)
    return list_runners(store)


def storage(store: Store, account: Account | None) -> Storage:
    """How much is kept."""
    check_administrator(store, account)
    once = sql.select(uploads.c.digest, sql.func.max(uploads.c.bytes).label("bytes")).group_by(uploads.c.digest)
    with store.reading() as connection:
        files, file_bytes = _count_and_sum(connection, once.subquery().c.bytes)
        kept, kept_bytes = _count_and_sum(connection, results.c.bytes)
    return Storage(files, file_bytes, kept, kept_bytes, store.settings.result_bytes, store.settings.step_bytes)


def step_bytes(store: Store, account: Account | None) -> int:
    """Bytes of all finished steps; they are counted one by one, so it takes its time."""
    check_administrator(store, account)
    return sum(entry.bytes for entry in store.shelves.steps.entries())


def make_room(store: Store, account: Account | None) -> Evicted:
    """Does at once what is done every now and then: removes what is past the limits of age and size."""
    check_administrator(store, account)
    return evict(store)


def all_workspaces(store: Store, account: Account | None) -> list[Tenant]:
    """Every workspace with an account, and every other one that holds anything, the fullest first."""
    check_administrator(store, account)
    with store.reading() as connection:
        labels, files, kept = _labels(connection), _files(connection), _results(connection)
        set_for = {row.workspace: row for row in connection.execute(sql.select(allowances))}
        rows = connection.execute(
            sql.select(workspaces, accounts.c.last_login)
            .outerjoin(accounts, accounts.c.workspace == workspaces.c.id)
            .where(
                sql.or_(
                    accounts.c.id.is_not(None),
                    workspaces.c.id.in_(sql.select(uploads.c.workspace)),
                    workspaces.c.id.in_(sql.select(runs.c.workspace)),
                    workspaces.c.id.in_(sql.select(allowances.c.workspace)),
                )
            )
        ).all()
    found = []
    for row in rows:
        own = set_for.get(row.id)
        found.append(
            Tenant(
                row.id,
                labels.get(row.id) or _short(row.id),
                row.id in labels,
                row.created,
                row.last_login,
                *files.get(row.id, (0, 0)),
                *kept.get(row.id, (0, 0)),
                allowance_in(own, store.settings),
                {name: getattr(own, name) for name in LIMITS if own is not None and getattr(own, name) is not None},
            )
        )
    return sorted(found, key=lambda one: (-one.bytes, -one.result_bytes, one.created))


def set_limits(store: Store, account: Account | None, workspace: str, limits: Mapping[str, int | None]) -> None:
    """Sets limits of one workspace; None gives it the settings' again.

    Raises:
        BadInput: a limit that is not known, or below one.
        NotFound: no such workspace.
    """
    check_administrator(store, account)
    for name, value in limits.items():
        if name not in LIMITS:
            raise BadInput(f"{name} is no limit of a workspace; expected {', '.join(LIMITS)}.")
        if value is not None and value < 1:
            raise BadInput(f"{name.replace('_', ' ').capitalize()}: {value} is not accepted; expected 1 or more.")
    with store.writing() as connection:
        _set(connection, workspace, dict(limits))


def block(store: Store, account: Account | None, workspace: str) -> None:
    """Lets a workspace begin nothing more: its work is cancelled, its logins and its scripts' tokens open nothing.

    What it has stays, and so do the links that it has given out.

    Raises:
        BadInput: the administrator's own.
        NotFound: no such workspace.
    """
    check_administrator(store, account)
    if account is not None and account.workspace == workspace:
        raise BadInput("This is your own workspace; another administrator has to block it.")
    with store.writing() as connection:
        _set(connection, workspace, {"blocked": True})
        end_logins(connection, workspace)
        live = sql.select(jobs.c.key).where(jobs.c.state.in_(LIVE)).scalar_subquery()
        mine = sql.and_(runs.c.workspace == workspace, runs.c.key.in_(live))
        keys = list(connection.execute(sql.select(runs.c.key).where(mine)).scalars())
        _cancel(connection, mine, keys, store.clock())


def unblock(store: Store, account: Account | None, workspace: str) -> None:
    """Opens a workspace again; its owner logs in anew.

    Raises:
        NotFound: no such workspace.
    """
    check_administrator(store, account)
    with store.writing() as connection:
        _set(connection, workspace, {"blocked": False})


def settings_in_force(store: Store, account: Account | None) -> list[SettingLine]:
    """Every setting of this installation; secrets and passwords are not shown."""
    check_administrator(store, account)
    settings = store.settings
    return [
        SettingLine(
            f"ASSAY_{name.upper()}",
            _shown_value(getattr(settings, name)),
            field.description or "",
            getattr(settings, name) == field.default,
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown_value(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "set, not shown" if value.get_secret_value() else "not set"
    text = "" if value is None else str(value)
    try:
        address = urlsplit(text)
        password, query = address.password, address.query
    except ValueError:
        return "set, not shown"
    if "://" in text and (password or query):  # a password may stand in either
        host = address.netloc.rpartition("@")[2]
        who = f"{address.username}:***@" if password else ""
        return urlunsplit((address.scheme, who + host, address.path, "***" if query else "", ""))
    return text


def _job_line(row: sql.Row[Any], owner: str) -> JobLine:
    mode = row.params.get("mode", "") if isinstance(row.params, dict) else ""
    return JobLine(
        row.key,
        owner,
        row.slug,
        str(mode),
        row.state,
        row.fraction,
        row.created,
        row.started,
        row.finished,
        row.device,
        row.error_id,
        row.cancel,
    )


def _cancel(connection: sql.Connection, which: sql.ColumnElement[bool], keys: Iterable[str], now: float) -> None:
    connection.execute(sql.update(runs).where(which, runs.c.cancelled.is_(None)).values(cancelled=now))
    for key in keys:
        withdraw(connection, key, now)


def _set(connection: sql.Connection, workspace: str, values: dict[str, Any]) -> None:
    if connection.execute(sql.select(workspaces.c.id).where(workspaces.c.id == workspace)).first() is None:
        raise NotFound("There is no such workspace.")
    here = allowances.c.workspace == workspace
    if connection.execute(sql.select(allowances.c.workspace).where(here)).first() is None:
        connection.execute(sql.insert(allowances).values(workspace=workspace, **({"blocked": False} | values)))
    else:
        connection.execute(sql.update(allowances).where(here).values(**values))


def _labels(connection: sql.Connection) -> dict[str, str]:
    named = sql.select(accounts.c.workspace, accounts.c.email, accounts.c.name, accounts.c.subject)
    return {row.workspace: row.email or row.name or row.subject for row in connection.execute(named)}


def _short(workspace: str) -> str:
    return f"no account, {workspace[:8]}"


def _files(connection: sql.Connection) -> dict[str, tuple[int, int]]:
    counted = sql.select(
        uploads.c.workspace, sql.func.count().label("number"), sql.func.sum(uploads.c.bytes).label("bytes")
    )
    return {
        row.workspace: (row.number, int(row.bytes)) for row in connection.execute(counted.group_by(uploads.c.workspace))
    }


def _results(connection: sql.Connection) -> dict[str, tuple[int, int]]:
    counted = sql.select(
        runs.c.workspace, sql.func.count().label("number"), sql.func.sum(results.c.bytes).label("bytes")
    ).join(results, results.c.key == runs.c.key)
    return {
        row.workspace: (row.number, int(row.bytes)) for row in connection.execute(counted.group_by(runs.c.workspace))
    }


def _count_and_sum(connection: sql.Connection, column: sql.ColumnElement[Any]) -> tuple[int, int]:
    row = connection.execute(sql.select(sql.func.count(column), sql.func.coalesce(sql.func.sum(column), 0))).one()
    return int(row[0]), int(row[1])
