"""Who may ask a holdout: its owner, and whoever holds a link to it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from core.errors import BadInput
from core.store.database import holdout_links, holdouts
from core.store.names import shown
from core.store.rights import look_up
from core.store.store import Store

_DAY = 86_400.0


@dataclass(frozen=True)
class HoldoutKey:
    """The right to ask: the id with the workspace that owns it, or the token of a link. Made by one of the two."""

    workspace: str | None = None
    id: str | None = None
    token: str | None = None

    @classmethod
    def of_owner(cls, workspace: str, id: str) -> HoldoutKey:
        """The owner's."""
        return cls(workspace=workspace, id=id)

    @classmethod
    def of_link(cls, token: str) -> HoldoutKey:
        """Of whoever holds a link."""
        return cls(token=token)


@dataclass(frozen=True)
class HoldoutLink:
    """A link as the owner sees it; the token itself can't be shown again.

    Attributes:
        id: to revoke it.
        holdout: id of the holdout.
        label: as the owner calls it; stands in the ledger beside what was asked through it.
        created: when it was made.
        expires: when it ends, None for never.
        revoked: when it was revoked, None where it was not.
    """

    id: str
    holdout: str
    label: str
    created: float
    expires: float | None
    revoked: float | None


def find_holdout(connection: sql.Connection, key: HoldoutKey, now: float) -> tuple[sql.Row[Any], str]:
    """The holdout that a key opens, and the label of the link (empty for the owner).

    Raises:
        NotFound: absent, foreign, expired and revoked all look the same.
    """
    if key.token is None:
        return look_up(connection, holdouts, now, id=key.id, workspace=key.workspace), ""
    link = look_up(connection, holdout_links, now, token=_digest(key.token))
    return look_up(connection, holdouts, now, id=link.holdout, workspace=link.workspace), link.label


def link_holdout(
    store: Store, workspace: str, id: str, label: str = "", expires_days: float | None = None
) -> tuple[HoldoutLink, str]:
    """Makes a link through which others may ask a holdout and see its ledger, within the same budget.

    Returns:
        The link, and its token, which is shown this once.

    Raises:
        BadInput: a time that is not positive.
        NotFound: a holdout that this workspace does not have.
    """
    if expires_days is not None and not 0 < expires_days <= 36_500:
        raise BadInput(f"Expiry: {expires_days:g} days is not accepted; expected more than 0 and at most 36500 days.")
    now, token = store.clock(), secrets.token_urlsafe(32)
    expires = None if expires_days is None else now + expires_days * _DAY
    with store.writing() as connection:
        row = look_up(connection, holdouts, now, id=id, workspace=workspace)
        link = HoldoutLink(secrets.token_urlsafe(16), row.id, shown(label, "Link"), now, expires, None)
        connection.execute(
            sql.insert(holdout_links).values(
                id=link.id,
                workspace=workspace,
                holdout=row.id,
                label=link.label,
                token=_digest(token),
                created=now,
                expires=expires,
            )
        )
    return link, token


def list_holdout_links(store: Store, workspace: str, id: str) -> list[HoldoutLink]:
    """All links to a holdout, expired and revoked ones too, the newest first.

    Raises:
        NotFound: a holdout that this workspace does not have.
    """
    with store.reading() as connection:
        row = look_up(connection, holdouts, store.clock(), id=id, workspace=workspace)
        found = sql.select(holdout_links).where(holdout_links.c.holdout == row.id)
        ordered = found.order_by(holdout_links.c.created.desc(), holdout_links.c.id)
        return [
            HoldoutLink(link.id, link.holdout, link.label, link.created, link.expires, link.revoked)
            for link in connection.execute(ordered)
        ]


def revoke_holdout_link(store: Store, workspace: str, link: str) -> None:
    """Ends a link at once and for good; what was asked through it stays in the ledger.

    Raises:
        NotFound: a link that this workspace does not have.
    """
    now = store.clock()
    with store.writing() as connection:
        row = look_up(connection, holdout_links, now, id=link, workspace=workspace)
        if row.revoked is None:
            connection.execute(sql.update(holdout_links).where(holdout_links.c.id == row.id).values(revoked=now))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
