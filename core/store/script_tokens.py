"""Tokens with which scripts reach a workspace that its owner opens by a login: made, listed and revoked by the owner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sql

from core.errors import BadInput, NotFound
from core.store.allowances import allowance_of
from core.store.database import script_tokens
from core.store.names import shown
from core.store.rights import look_up
from core.store.store import Store
from core.store.tokens import digest_of, new_token

PREFIX = "assay_"  # by which people, and scanners for secrets, know what it is
MOST = 20  # of one workspace
_DAY = 86_400.0
_VISIT = 60.0  # a script may ask often


@dataclass(frozen=True)
class ScriptToken:
    """A token as its owner sees it; the token itself can't be shown again.

    Attributes:
        id: to revoke it.
        label: what it is for.
        created: when it was made.
        expires: when it ends, None for never.
        last_used: when a script last came with it, to the minute; None if never.
    """

    id: str
    label: str
    created: float
    expires: float | None
    last_used: float | None


def make_script_token(
    store: Store, workspace: str, label: str = "", expires_days: float | None = None
) -> tuple[ScriptToken, str]:
    """Makes a token that opens a workspace to a script.

    Returns:
        What is known of it, and the token, which is shown this once.

    Raises:
        BadInput: too many of them, or a time that is not positive.
    """
    if expires_days is not None and not 0 < expires_days <= 36_500:
        raise BadInput(f"Expiry: {expires_days:g} days is not accepted; expected more than 0 and at most 36500 days.")
    now, token = store.clock(), PREFIX + new_token()
    expires = None if expires_days is None else now + expires_days * _DAY
    made = ScriptToken(secrets.token_urlsafe(16), shown(label, "script"), now, expires, None)
    with store.writing() as connection:
        mine = sql.and_(script_tokens.c.workspace == workspace, script_tokens.c.revoked.is_(None))
        count = connection.execute(sql.select(sql.func.count()).select_from(script_tokens).where(mine)).scalar_one()
        if count >= MOST:
            raise BadInput(f"You have {MOST} tokens, as many as are kept; revoke one that no script needs any more.")
        connection.execute(
            sql.insert(script_tokens).values(
                id=made.id, workspace=workspace, label=made.label, token=digest_of(token), created=now, expires=expires
            )
        )
    return made, token


def list_script_tokens(store: Store, workspace: str) -> list[ScriptToken]:
    """The tokens of a workspace that are not revoked, the newest first."""
    mine = sql.select(script_tokens).where(script_tokens.c.workspace == workspace, script_tokens.c.revoked.is_(None))
    with store.reading() as connection:
        rows = connection.execute(mine.order_by(script_tokens.c.created.desc(), script_tokens.c.id)).all()
    return [ScriptToken(row.id, row.label, row.created, row.expires, row.last_used) for row in rows]


def revoke_script_token(store: Store, workspace: str, id: str) -> None:
    """Ends a token at once and for good.

    Raises:
        NotFound: this workspace has none of that id.
    """
    now = store.clock()
    with store.writing() as connection:
        row = look_up(connection, script_tokens, now, id=id, workspace=workspace)
        if row.revoked is None:
            connection.execute(sql.update(script_tokens).where(script_tokens.c.id == row.id).values(revoked=now))


def workspace_of_token(store: Store, token: str) -> str | None:
    """The workspace that a token opens; None for one that is forged, expired, revoked, or of a blocked workspace."""
    now = store.clock()
    with store.reading() as connection:
        try:
            row = look_up(connection, script_tokens, now, token=digest_of(token))
        except NotFound:
            return None
        if allowance_of(connection, store.settings, row.workspace).blocked:
            return None
    if row.last_used is None or row.last_used < now - _VISIT:
        with store.writing() as connection:
            connection.execute(sql.update(script_tokens).where(script_tokens.c.id == row.id).values(last_used=now))
    return str(row.workspace)
