"""The handle that every function of the store takes."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sql

from core.settings import Settings
from core.settings import settings as settings_of_process
from core.store import database
from core.store.faults import writing_files
from core.store.shelves import Shelves, open_shelves


@dataclass(frozen=True)
class Store:
    """A data base, shelves of files, and the limits.

    Attributes:
        engine: connections to the tables of `database`.
        home: the folder of temporary files and of uploads, results and steps or copies of them, all on one file system.
        shelves: uploads, results and steps.
        settings: limits and times.
        secret: signs the workspace cookie.
        clock: seconds since the epoch (UTC).
    """

    engine: sql.Engine
    home: Path
    shelves: Shelves
    settings: Settings
    secret: bytes = field(repr=False)
    clock: Callable[[], float] = time.time

    @property
    def tmp(self) -> Path:
        """Where files and folders are written before they are renamed to their place."""
        return self.home / "tmp"

    def reading(self) -> AbstractContextManager[sql.Connection]:
        """A snapshot for selects."""
        return database.reading(self.engine)

    def writing(self) -> AbstractContextManager[sql.Connection]:
        """The only writing transaction at this moment."""
        return database.writing(self.engine)


def open_store(
    settings: Settings | None = None, clock: Callable[[], float] = time.time, patience: float = 0.0
) -> Store:
    """Opens the store of an installation; makes folders, tables and the secret where they are missing.

    Args:
        settings: of the installation; those of this process unless given.
        clock: seconds since the epoch.
        patience: seconds during which an object store that does not answer is asked again.

    Raises:
        BadInput: ASSAY_STORE is no address, or its package is not installed.
        Unavailable: the folder can't be written, or the database does not answer.
    """
    settings = settings or settings_of_process()
    with writing_files():
        for folder in ("uploads", "results", "steps", "tmp"):
            (settings.home / folder).mkdir(parents=True, exist_ok=True)
        settings.home.chmod(0o700)
    shelves = open_shelves(settings, patience)
    engine = database.connect(settings.database, settings.database_patience)
    secret = settings.secret.get_secret_value().encode() or _kept_secret(settings.home)
    return Store(engine, settings.home, shelves, settings, secret, clock)


def _kept_secret(home: Path) -> bytes:
    path = home / "secret"
    if not path.exists():
        # Written aside and linked, so that two processes that start together agree on one.
        draft = home / "tmp" / secrets.token_hex(16)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(32))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
