"""Who may see what: the one function through which every look-up of a row that belongs to somebody passes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sql

from core.errors import NotFound
from core.store.database import annotation_rows, holdout_links, holdouts, runs, script_tokens, shares, uploads

_OWNED = (runs, uploads, shares, holdouts, holdout_links, annotation_rows, script_tokens)
_LINKS = (shares, holdout_links, script_tokens)


def look_up(
    connection: sql.Connection,
    table: sql.Table,
    now: float,
    *,
    id: str | None = None,
    workspace: str | None = None,
    token: str | None = None,
) -> sql.Row[Any]:
    """The row that a person may see: their workspace's by its id, or a link by the digest of its token.

    Raises:
        NotFound: absent, another workspace's, expired and revoked all look the same.
    """
    if table in _OWNED and id is not None and workspace is not None and token is None:
        proof = sql.and_(table.c.id == id, table.c.workspace == workspace)
    elif table in _LINKS and token is not None and id is None and workspace is None:
        unexpired = sql.or_(table.c.expires.is_(None), table.c.expires > now)
        proof = sql.and_(table.c.token == token, table.c.revoked.is_(None), unexpired)
    else:
        raise TypeError("a look-up needs an id with its workspace, or the token of a link")
    if id is not None and not id.isprintable():  # PostgreSQL takes no NUL, and no id holds one
        raise NotFound()
    row = connection.execute(sql.select(table).where(proof)).one_or_none()
    if row is None:
        raise NotFound()
    return row
