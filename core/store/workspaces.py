"""Workspaces: an unguessable id, carried by a signed cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets

import sqlalchemy as sql

from core.store.database import workspaces
from core.store.store import Store


def new_workspace(store: Store) -> str:
    """Makes a workspace and returns its id (256 random bits)."""
    workspace = secrets.token_urlsafe(32)
    with store.writing() as connection:
        connection.execute(sql.insert(workspaces).values(id=workspace, created=store.clock()))
    return workspace


def workspace_exists(store: Store, workspace: str) -> bool:
    """Whether this installation made such a workspace."""
    with store.reading() as connection:
        return connection.execute(sql.select(workspaces.c.id).where(workspaces.c.id == workspace)).first() is not None


def sign_workspace(store: Store, workspace: str) -> str:
    """The text of the cookie: the id and its HMAC-SHA256."""
    return f"{workspace}.{_signature(store, workspace)}"


def read_cookie(store: Store, text: str | None) -> str | None:
    """The workspace of a cookie that this installation signed; None of any other text."""
    workspace, _, signature = (text or "").rpartition(".")
    if not workspace or not hmac.compare_digest(_encoded(signature), _encoded(_signature(store, workspace))):
        return None
    return workspace


def _signature(store: Store, workspace: str) -> str:
    return hmac.new(store.secret, _encoded(workspace), hashlib.sha256).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
