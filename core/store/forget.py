"""Deleting runs together with what hangs on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql

from core.errors import Unavailable
from core.store.database import jobs, results, runs, shared_results, shares
from core.store.gallery import shipped_keys
from core.store.jobs import LIVE, withdraw
from core.store.shelves import Shelf
from core.store.store import Store


@dataclass
class Graves:
    """Folders that are out of sight already; they are deleted after the transaction, which they would hold up."""

    burials: list[Callable[[], None]] = field(default_factory=list)

    def add(self, shelf: Shelf, key: str) -> None:
        """Takes a folder out of sight."""
        self.burials.append(shelf.hide(key))

    def delete(self) -> None:
        """Deletes them. What an object store keeps of them, since it does not answer now, is swept away later."""
        for bury in self.burials:
            with suppress(Unavailable):
                bury()


def forget_runs(store: Store, connection: sql.Connection, rows: Iterable[sql.Row[Any]]) -> Graves:
    """Deletes runs, the links of their workspace that show them, and results that nobody else refers to.

    Results that come with the workbench stay.
    """
    graves = Graves()
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
