"""Deleting runs together with what hangs on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql

from core.errors import Unavailable
from core.store.database import jobs, results, runs, shared_results, shares, uploads
from core.store.gallery import shipped_keys
from core.store.jobs import LIVE, withdraw
from core.store.shelves import Shelf
from core.store.store import Store


@dataclass
class Graves:
    """Folders whose rows go. They go themselves after the transaction: one that is cut off takes no file away.

    A folder without a row, which a crash between the two leaves, is removed by the next eviction.
    """

    store: Store
    burials: list[tuple[Shelf, str]] = field(default_factory=list)

    def add(self, shelf: Shelf, key: str) -> None:
        """A folder is to go, unless somebody wants it again by then."""
        self.burials.append((shelf, key))

    def delete(self) -> None:
        """Takes them out of sight and deletes them. What disk, database or object store refuse now is swept away later."""
        hidden: list[Callable[[], None]] = []
        with suppress(Unavailable), self.store.writing() as connection:
            for shelf, key in self.burials:
                if not _is_wanted(self.store, connection, shelf, key):
                    hidden.append(shelf.hide(key))
        for bury in hidden:
            with suppress(Unavailable):
                bury()


def _is_wanted(store: Store, connection: sql.Connection, shelf: Shelf, key: str) -> bool:
    """Whether somebody has brought or asked the same since its rows went."""
    if shelf is store.shelves.uploads:
        owners = sql.select(uploads.c.id).where(uploads.c.digest == key)
    else:
        owners = sql.select(jobs.c.key).where(jobs.c.key == key, jobs.c.state.in_((*LIVE, "done")))
    return connection.execute(owners).first() is not None


def forget_runs(store: Store, connection: sql.Connection, rows: Iterable[sql.Row[Any]]) -> Graves:
    """Deletes runs, the links of their workspace that show them, and results that nobody else refers to.

    Results that come with the workbench stay.
    """
    graves = Graves(store)
    for row in rows:
        connection.execute(sql.delete(runs).where(runs.c.id == row.id))
        showing = sql.select(shared_results.c.share).where(shared_results.c.key == row.key)
        connection.execute(sql.delete(shares).where(shares.c.workspace == row.workspace, shares.c.id.in_(showing)))
        withdraw(connection, row.key, store.clock())
        _forget_result(store, connection, row.key, graves)
    return graves


def _forget_result(store: Store, connection: sql.Connection, key: str, graves: Graves) -> None:
    referring = sql.union_all(
        sql.select(runs.c.key).where(runs.c.key == key),
        sql.select(jobs.c.key).where(jobs.c.key == key, jobs.c.state.in_(LIVE)),
    )
    if connection.execute(referring).first() is not None:
        return
    connection.execute(sql.delete(jobs).where(jobs.c.key == key))
    if key in shipped_keys():
        return
    connection.execute(sql.delete(results).where(results.c.key == key))
    graves.add(store.shelves.results, key)
