"""Making room: what nobody has read for longest goes first, what is shared or in use stays."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sql

from core.store.database import jobs, results, runs, shared_results, shares, uploads
from core.store.folders import left_by_the_dead
from core.store.forget import Graves
from core.store.gallery import shipped_keys
from core.store.jobs import LIVE
from core.store.results import record_result
from core.store.shelves import LEFT_OVER_SECONDS, Shelf
from core.store.store import Store

_DAY = 86_400.0
_REMOVED = "This result was removed after nobody had read it for long. Run it again to see it."


@dataclass(frozen=True)
class Evicted:
    """How many of each were removed."""

    results: int
    uploads: int
    steps: int
    leftovers: int


def evict(store: Store) -> Evicted:
    """Removes results past `keep_days` or `result_bytes`, steps past `step_bytes`, orphaned uploads and leftovers.

    Results go by the time when they were last read; one that a valid link shows or a live job will write stays, and so do
    those that come with the workbench.
    """
    graves = Graves(store)
    _adopt(store)
    evicted = Evicted(
        _evict_results(store, graves),
        _evict_uploads(store, graves),
        evict_steps(store.shelves.steps, store.settings.step_bytes),
        _evict_leftovers(store),
    )
    graves.delete()
    store.shelves.tidy()
    return evicted


def _adopt(store: Store) -> None:
    """Enters results whose writer was killed between renaming the folder and writing the row."""
    with store.reading() as connection:
        known = set(connection.execute(sql.select(results.c.key)).scalars())
    for entry in store.shelves.results.entries():
        if entry.key not in known:
            record_result(store, entry.key, entry.bytes)


def _evict_results(store: Store, graves: Graves) -> int:
    now = store.clock()
    valid = sql.and_(shares.c.revoked.is_(None), sql.or_(shares.c.expires.is_(None), shares.c.expires > now))
    pinned = sql.select(shared_results.c.key).join(shares, shares.c.id == shared_results.c.share).where(valid)
    live = sql.select(jobs.c.key).where(jobs.c.state.in_(LIVE))
    asked = sql.select(runs.c.key)
    loose = sql.and_(results.c.key.not_in(pinned), results.c.key.not_in(live), results.c.key.not_in(shipped_keys()))
    in_order = sql.select(
        results.c.key, results.c.bytes, results.c.last_read, results.c.key.in_(asked).label("asked")
    ).where(loose)
    removed = 0
    with store.writing() as connection:
        excess = connection.execute(sql.select(sql.func.coalesce(sql.func.sum(results.c.bytes), 0))).scalar_one()
        excess -= store.settings.result_bytes
        for row in connection.execute(in_order.order_by(results.c.last_read, results.c.key)).all():
            too_old = row.last_read < now - store.settings.keep_days * _DAY
            if excess <= 0 and not too_old and row.asked:
                continue
            connection.execute(sql.delete(results).where(results.c.key == row.key))
            connection.execute(
                sql.update(jobs).where(jobs.c.key == row.key).values(state="failed", error=_REMOVED, finished=now)
            )
            graves.add(store.shelves.results, row.key)
            excess -= row.bytes
            removed += 1
        unasked = sql.and_(jobs.c.state.not_in(LIVE), jobs.c.key.not_in(asked))
        connection.execute(sql.delete(jobs).where(unasked))
    return removed


def _evict_uploads(store: Store, graves: Graves) -> int:
    shelf = store.shelves.uploads
    before, old = len(graves.burials), time.time() - shelf.settles
    there = [entry.key for entry in shelf.entries() if entry.when <= old]
    with store.writing() as connection:
        owned = set(connection.execute(sql.select(uploads.c.digest)).scalars())
        for digest in there:
            if digest not in owned:
                graves.add(shelf, digest)
    return len(graves.burials) - before


def evict_steps(shelf: Shelf, allowed: int) -> int:
    """Removes the oldest finished steps until all together have no more than `allowed` bytes; how many went."""
    steps = sorted(shelf.entries(), key=lambda entry: entry.when)
    excess, removed = sum(entry.bytes for entry in steps) - allowed, 0
    for entry in steps:
        if excess <= 0:
            break
        shelf.discard(entry.key)
        excess -= entry.bytes
        removed += 1
    return removed


def _evict_leftovers(store: Store) -> int:
    shelves = store.shelves
    removed = sum(shelf.sweep() for shelf in (shelves.uploads, shelves.results, shelves.steps))
    for tmp in (store.tmp, store.home / "steps" / "tmp"):
        for left in {*left_by_the_dead(tmp), *_untouched(tmp, store.clock() - LEFT_OVER_SECONDS)}:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
            removed += 1
    return removed


def _untouched(tmp: Path, since: float) -> Iterator[Path]:
    for left in tmp.iterdir() if tmp.is_dir() else ():
        with suppress(FileNotFoundError):  # whoever wrote it has just finished
            if left.lstat().st_mtime < since:
                yield left
