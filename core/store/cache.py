"""Local copies of what an object store holds: bounded in bytes, and never taken from under who is using them."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import Unavailable
from core.store.bundles import Bundles, Entry
from core.store.folders import place_of, size_of, take_away

_log = logging.getLogger(__name__)

GRACE_SECONDS = 60.0  # a copy that was asked for so recently is about to be read
TIDY_EVERY = 600.0  # seconds, on a machine that fetches something now and then
GROWTH = 1 / 16  # of the limit, after which it is looked at again


class Cache:
    """The copies of several kinds, with one limit for all of them.

    Attributes:
        roots: kind -> where its copies lie.
        tmp: where they die; on the same file system.
        limit: bytes that all copies together may have.
        owned: the kinds that people may delete; a copy of what they deleted goes too.
    """

    def __init__(self, roots: dict[str, Path], tmp: Path, limit: int, owned: Sequence[Bundles] = ()) -> None:
        self.roots = roots
        self.tmp = tmp
        self.limit = limit
        self.owned = owned
        self._lock = threading.Lock()
        self._grown = 0
        self._tidied = time.monotonic()

    def grown(self, size: int) -> None:
        """Notes that so many bytes were added; makes room where it is time to."""
        with self._lock:
            self._grown += size
            much, long = self._grown > self.limit * GROWTH, time.monotonic() - self._tidied > TIDY_EVERY
            if much:
                self._grown = 0
            if long:
                self._tidied = time.monotonic()
        if much:
            self.trim()
        if long:
            threading.Thread(target=self._tidy_quietly, name="cache", daemon=True).start()

    def tidy(self) -> int:
        """Removes what was deleted elsewhere and what is too much; how many copies went."""
        return self.forget_deleted() + self.trim()

    def trim(self) -> int:
        """Removes the copies that were used longest ago until the others fit, none that is in use; how many went."""
        copies = sorted(
            ((entry, root) for root in self.roots.values() for entry in folders_below(root)),
            key=lambda copy: copy[0].when,
        )
        excess, removed = sum(entry.bytes for entry, _ in copies) - self.limit, 0
        for entry, root in copies:
            if excess <= 0 or entry.when > time.time() - GRACE_SECONDS:
                break
            if remove_unused(place_of(root, entry.key), self.tmp):
                excess -= entry.bytes
                removed += 1
        return removed

    def forget_deleted(self) -> int:
        """Removes the copies of what people deleted; how many went."""
        removed = 0
        for kind in self.owned:
            root = self.roots[kind.kind]
            there = list(folders_below(root))
            kept = {entry.key for entry in kind.entries()} if there else set()
            for entry in there:
                # One that was written a moment ago is perhaps on its way to the store.
                if entry.key not in kept and entry.when < time.time() - GRACE_SECONDS:
                    removed += remove_unused(place_of(root, entry.key), self.tmp)
        return removed

    def _tidy_quietly(self) -> None:
        try:
            self.tidy()
        except Unavailable as error:
            _log.warning("%s (%s)", error, error.__cause__)


@contextmanager
def held(bring: Callable[[], Path]) -> Iterator[Path]:
    """A local copy that stays while the block runs, also if this process is killed within it.

    Args:
        bring: makes the copy if it is missing, and says where it is.
    """
    while True:
        folder = bring()
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # taken away between the two lines
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat()):
                yield folder
                return
        finally:
            os.close(descriptor)


def remove_unused(folder: Path, tmp: Path) -> bool:
    """Deletes a copy unless somebody holds it; whether it went."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(take_away(folder, tmp), ignore_errors=True)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)


def folders_below(root: Path) -> Iterator[Entry]:
    """The folders that `place_of` makes, each with the time when it was written or used last."""
    for shelf in root.iterdir() if root.is_dir() else ():
        if len(shelf.name) == 2:
            for folder in shelf.iterdir():
                try:
                    yield Entry(folder.name, size_of(folder), folder.stat().st_mtime)
                except FileNotFoundError:  # somebody has just removed it
                    continue
