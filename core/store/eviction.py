"""Making room: what nobody has read for longest goes first, what is shared or in use stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sql

from core.store.database import jobs, results, runs, shared_results, shares, uploads
from core.store.folders import discard, size_of
from core.store.forget import Graves
from core.store.jobs import LIVE
from core.store.results import record_result, result_path
from core.store.store import Store

_DAY = 86_400.0
_LEFT_OVER_SECONDS = _DAY  # nothing is written for so long
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

    Results go by the time when they were last read; one that a valid link shows or a live job will write stays.
    """
    graves = Graves()
    _adopt(store)
    evicted = Evicted(
        _evict_results(store, graves),
        _evict_uploads(store, graves),
        evict_steps(store.home / "steps", store.settings.step_bytes),
        _evict_leftovers(store),
    )
    graves.delete()
    return evicted


def _adopt(store: Store) -> None:
    """Enters results whose writer was killed between renaming the folder and writing the row."""
    with store.reading() as connection:
        known = set(connection.execute(sql.select(results.c.key)).scalars())
    for folder in _folders(store.home / "results"):
        if folder.name not in known:
            record_result(store, folder.name)


def _evict_results(store: Store, graves: Graves) -> int:
    now = store.clock()
    valid = sql.and_(shares.c.revoked.is_(None), sql.or_(shares.c.expires.is_(None), shares.c.expires > now))
    pinned = sql.select(shared_results.c.key).join(shares, shares.c.id == shared_results.c.share).where(valid)
    live = sql.select(jobs.c.key).where(jobs.c.state.in_(LIVE))
    asked = sql.select(runs.c.key)
    loose = sql.and_(results.c.key.not_in(pinned), results.c.key.not_in(live))
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
            graves.add(result_path(store, row.key), store.tmp)
            excess -= row.bytes
            removed += 1
        unasked = sql.and_(jobs.c.state.not_in(LIVE), jobs.c.key.not_in(asked))
        connection.execute(sql.delete(jobs).where(unasked))
    return removed


def _evict_uploads(store: Store, graves: Graves) -> int:
    before = len(graves.folders)
    with store.writing() as connection:
        owned = set(connection.execute(sql.select(uploads.c.digest)).scalars())
        for folder in _folders(store.home / "uploads"):
            if folder.name not in owned:
                graves.add(folder, store.tmp)
    return len(graves.folders) - before


def evict_steps(root: Path, allowed: int) -> int:
    """Removes the oldest finished steps until all together have no more than `allowed` bytes; how many went."""
    steps = []
    for folder in _folders(root):
        with suppress(FileNotFoundError):  # a reader may have found it damaged, and removed it
            steps.append((folder.stat().st_mtime, size_of(folder), folder))
    steps.sort()
    excess, removed = sum(size for _, size, _ in steps) - allowed, 0
    for _, size, folder in steps:
        if excess <= 0:
            break
        discard(folder, root / "tmp")
        excess -= size
        removed += 1
    return removed


def _evict_leftovers(store: Store) -> int:
    removed = 0
    for tmp in (store.tmp, store.home / "steps" / "tmp"):
        for left in os.scandir(tmp) if tmp.is_dir() else ():
            if left.stat(follow_symlinks=False).st_mtime < store.clock() - _LEFT_OVER_SECONDS:
                shutil.rmtree(left.path, ignore_errors=True) if left.is_dir() else Path(left.path).unlink(
                    missing_ok=True
                )
                removed += 1
    return removed


def _folders(root: Path) -> Iterator[Path]:
    """The folders that `place_of` makes."""
    for shelf in root.iterdir() if root.is_dir() else ():
        if len(shelf.name) == 2:
            yield from shelf.iterdir()
