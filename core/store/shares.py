"""Share links: a random token of their own, of which only the digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from core.errors import BadInput, Unavailable
from core.store.database import jobs, runs, shared_results, shares
from core.store.names import shown
from core.store.results import has_result
from core.store.rights import look_up
from core.store.store import Store

_DAY = 86_400.0
_VISIT = 60.0  # a page asks at each of its runs


@dataclass(frozen=True)
class Share:
    """A link as its owner sees it; the token itself can't be shown again.

    Attributes:
        id: of the link, to revoke it.
        label: as the owner calls it.
        keys: of the results that it shows.
        titles: of the runs, as they were when the link was made.
        created: when it was made.
        expires: when it ends, None for never.
        revoked: when it was revoked, None where it was not.
        opened: how often it was opened; what follows within a minute is the same visit.
    """

    id: str
    label: str
    keys: tuple[str, ...]
    titles: tuple[str, ...]
    created: float
    expires: float | None
    revoked: float | None
    opened: int


@dataclass(frozen=True)
class OpenedShare:
    """What whoever holds the link may see: (title, key of the result), and until when."""

    label: str
    results: tuple[tuple[str, str], ...]
    expires: float | None


def create_share(
    store: Store, workspace: str, run_ids: Sequence[str], label: str = "", expires_days: float | None = None
) -> tuple[Share, str]:
    """Makes a link to one result or to a comparison; the results stay as long as it is valid.

    Returns:
        The link, and its token, which is shown this once.

    Raises:
        BadInput: no run, an unfinished one, or a time that is not positive.
        NotFound: a run that this workspace does not have.
    """
    if not run_ids:
        raise BadInput("A link needs a result; choose at least one finished run.")
    if expires_days is not None and not 0 < expires_days <= 36_500:
        raise BadInput(f"Expiry: {expires_days:g} days is not accepted; expected more than 0 and at most 36500 days.")
    now, token, id = store.clock(), secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    expires = None if expires_days is None else now + expires_days * _DAY
    with store.writing() as connection:
        rows = [look_up(connection, runs, now, id=run, workspace=workspace) for run in dict.fromkeys(run_ids)]
        for row in rows:
            state = connection.execute(sql.select(jobs.c.state).where(jobs.c.key == row.key)).scalar_one()
            if state != "done" or not has_result(store, row.key):
                raise BadInput(
                    f"{row.title} is {state}; only a finished run can be shared. Wait for it, or run it again."
                )
        name = shown(label, " and ".join(row.title for row in rows)[:200])
        connection.execute(
            sql.insert(shares).values(
                id=id, workspace=workspace, label=name, token=_digest(token), created=now, expires=expires
            )
        )
        for position, row in enumerate(rows):
            connection.execute(
                sql.insert(shared_results).values(share=id, position=position, key=row.key, title=row.title)
            )
    keys, titles = tuple(row.key for row in rows), tuple(row.title for row in rows)
    return Share(id, name, keys, titles, now, expires, None, 0), token


def list_shares(store: Store, workspace: str) -> list[Share]:
    """All links of a workspace, expired and revoked ones too, the newest first."""
    mine = sql.select(shares).where(shares.c.workspace == workspace).order_by(shares.c.created.desc(), shares.c.id)
    with store.reading() as connection:
        return [_share(connection, row) for row in connection.execute(mine).all()]


def revoke_share(store: Store, workspace: str, id: str) -> None:
    """Ends a link at once and for good."""
    now = store.clock()
    with store.writing() as connection:
        row = look_up(connection, shares, now, id=id, workspace=workspace)
        if row.revoked is None:
            connection.execute(sql.update(shares).where(shares.c.id == id).values(revoked=now))


def open_share(store: Store, token: str) -> OpenedShare:
    """What a link shows.

    Raises:
        NotFound: forged, expired, revoked and deleted all look the same.
    """
    now = store.clock()
    with store.reading() as connection:
        # The token is looked up by its digest, so the time taken tells nothing about the tokens that exist.
        row = look_up(connection, shares, now, token=_digest(token))
        found = _shared(connection, row.id)
    if row.last_opened is None or row.last_opened < now - _VISIT:
        with suppress(Unavailable), store.writing() as connection:  # a full disk can still be read
            counted = {"opened": shares.c.opened + 1, "last_opened": now}
            connection.execute(sql.update(shares).where(shares.c.id == row.id).values(**counted))
    return OpenedShare(row.label, tuple((one.title, one.key) for one in found), row.expires)


def look_up_shared(connection: sql.Connection, now: float, token: str) -> tuple[str, tuple[str, ...]]:
    """The workspace that made a link, and the keys of the results that it shows; opening it is not counted.

    Raises:
        NotFound: forged, expired, revoked and deleted all look the same.
    """
    row = look_up(connection, shares, now, token=_digest(token))
    return row.workspace, tuple(one.key for one in _shared(connection, row.id))


def _shared(connection: sql.Connection, id: str) -> Sequence[sql.Row[Any]]:
    return connection.execute(
        sql.select(shared_results).where(shared_results.c.share == id).order_by(shared_results.c.position)
    ).all()


def _share(connection: sql.Connection, row: sql.Row[Any]) -> Share:
    found = _shared(connection, row.id)
    keys, titles = tuple(one.key for one in found), tuple(one.title for one in found)
    return Share(row.id, row.label, keys, titles, row.created, row.expires, row.revoked, row.opened)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
