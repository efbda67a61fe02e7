"""Accounts: who has logged in through the provider, the workspace that is theirs, and the browsers they are in with.

A login is a random token in a cookie, of which only the digest is kept: it ends when it expires, when its owner logs
out, or when the administrator blocks the account. The workspace of an account is named by no cookie.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from core.errors import BadInput
from core.settings import Settings
from core.store.allowances import allowance_of, check_open
from core.store.database import (
    accounts,
    annotation_rows,
    holdout_links,
    holdouts,
    jobs,
    logins,
    runs,
    shares,
    uploads,
    workspaces,
)
from core.store.names import shown
from core.store.store import Store
from core.store.tokens import digest_of, new_token

_DAY = 86_400.0
_LONGEST = 400  # characters of an issuer or a subject
_MOVED = (uploads, runs, jobs, shares, annotation_rows, holdouts, holdout_links)


@dataclass(frozen=True)
class Identity:
    """What the provider says of somebody; issuer and subject together name them for good, nothing else does."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""


@dataclass(frozen=True)
class Account:
    """Somebody who has logged in.

    Attributes:
        id: of the row.
        workspace: theirs alone.
        identity: what the provider said at the last login.
        created: when they first logged in.
        last_login: when they last did.
    """

    id: str
    workspace: str
    identity: Identity
    created: float
    last_login: float

    @property
    def label(self) -> str:
        """What the pages call them."""
        return self.identity.email or self.identity.name or self.identity.subject


def log_in(store: Store, identity: Identity, visitor: str | None = None) -> tuple[Account, str]:
    """Takes in somebody whom the provider vouches for.

    At their first login what the browser's workspace without an account holds becomes theirs; the cookie of that
    workspace opens an empty one from then on.

    Args:
        store: where accounts are kept.
        identity: what the provider says.
        visitor: the workspace that this browser had without a login, if any.

    Returns:
        The account, and the token of this login, which is kept nowhere.

    Raises:
        BadInput: the account is blocked, or the provider names nobody.
    """
    if not 0 < len(identity.issuer) <= _LONGEST or not 0 < len(identity.subject) <= _LONGEST:
        raise BadInput(
            f"The provider names nobody: an issuer and a subject of 1 to {_LONGEST} characters are expected."
        )
    now, token = store.clock(), new_token()
    said = {
        "email": shown(identity.email) if identity.email else "",
        "email_verified": identity.email_verified,
        "name": shown(identity.name) if identity.name else "",
        "last_login": now,
    }
    with store.writing() as connection:
        who = sql.and_(accounts.c.issuer == identity.issuer, accounts.c.subject == identity.subject)
        row = connection.execute(sql.select(accounts).where(who)).one_or_none()
        if row is None:
            workspace = _workspace_for(store, connection, visitor)
            named = {"id": secrets.token_urlsafe(16), "workspace": workspace, "created": now}
            connection.execute(
                sql.insert(accounts).values(**named, issuer=identity.issuer, subject=identity.subject, **said)
            )
        else:
            check_open(allowance_of(connection, store.settings, row.workspace))
            connection.execute(sql.update(accounts).where(accounts.c.id == row.id).values(**said))
        account = _account(connection.execute(sql.select(accounts).where(who)).one())
        connection.execute(sql.delete(logins).where(logins.c.expires <= now))
        connection.execute(
            sql.insert(logins).values(
                token=digest_of(token), account=account.id, created=now, expires=now + store.settings.login_days * _DAY
            )
        )
    return account, token


def account_of_login(store: Store, token: str | None) -> Account | None:
    """Who is logged in with a token; None for one that is forged, expired or ended."""
    if not token:
        return None
    valid = sql.and_(logins.c.token == digest_of(token), logins.c.expires > store.clock())
    with store.reading() as connection:
        found = sql.select(accounts).join(logins, logins.c.account == accounts.c.id).where(valid)
        row = connection.execute(found).one_or_none()
        return None if row is None else _account(row)


def log_out(store: Store, token: str | None) -> None:
    """Ends a login; its token opens nothing any more, wherever it was copied to."""
    if token:
        with store.writing() as connection:
            connection.execute(sql.delete(logins).where(logins.c.token == digest_of(token)))


def log_out_everywhere(store: Store, account: Account) -> None:
    """Ends every login of an account."""
    with store.writing() as connection:
        end_logins(connection, account.workspace)


def end_logins(connection: sql.Connection, workspace: str) -> None:
    """Ends every login of the account whose workspace it is."""
    owner = sql.select(accounts.c.id).where(accounts.c.workspace == workspace).scalar_subquery()
    connection.execute(sql.delete(logins).where(logins.c.account == owner))


def is_administrator(settings: Settings, account: Account | None) -> bool:
    """Whether the settings name an account, by its subject or by an address that the provider has verified."""
    if account is None:
        return False
    named = {name.strip() for name in settings.administrators.split(",") if name.strip()}
    who = account.identity
    verified = who.email.casefold() if who.email_verified and who.email else None
    return who.subject in named or verified in {name.casefold() for name in named}


def _workspace_for(store: Store, connection: sql.Connection, visitor: str | None) -> str:
    """A new workspace, with what the visitor's has; no cookie that is out there names it."""
    workspace = secrets.token_urlsafe(32)
    connection.execute(sql.insert(workspaces).values(id=workspace, created=store.clock()))
    owned = sql.select(accounts.c.id).where(accounts.c.workspace == visitor)
    if visitor is not None and connection.execute(owned).first() is None:
        for table in _MOVED:
            connection.execute(sql.update(table).where(table.c.workspace == visitor).values(workspace=workspace))
    return workspace


def _account(row: sql.Row[Any]) -> Account:
    identity = Identity(row.issuer, row.subject, row.email, row.email_verified, row.name)
    return Account(row.id, row.workspace, identity, row.created, row.last_login)
