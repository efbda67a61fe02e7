"""What must hold at every moment, and at the end; read from the database and the disk, past the product where it can."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core.errors import NotFound
from core.export.verify import verify
from core.keys import canonical_json, digest_of_bytes, digest_of_file
from core.store import Run, get_run, result_path
from tests.soak.installation import Installation
from tests.soak.ledger import Ledger, RunEntry

FINAL = ("done", "failed", "cancelled")
PAUSE = 5.0  # seconds between two looks
AGAIN = 0.05  # of the results that have passed are read again at each look


class Checks:
    """The ledger against what is there."""

    def __init__(self, place: Installation, ledger: Ledger) -> None:
        self.place, self.ledger = place, ledger
        self.chance = random.Random(0)
        self.checked: set[str] = set()  # keys whose result has passed the product's own check
        self.ends: Counter[str] = Counter()  # how the runs that are there ended

    def watch(self, ended: threading.Event) -> None:
        """Looks again and again."""
        while not ended.wait(PAUSE):
            self.look()

    def look(self) -> None:
        """What must hold in the middle of everything."""
        for run, entry in self.ledger.living():
            self._look_at(run, entry)
        self._rows()
        for sentence in self._torn():
            self.ledger.fault("torn", sentence)

    def look_at_the_end(self) -> None:
        """What must hold when nobody acts any more: each job has ended, and every result passes the check again."""
        self.checked.clear()
        self.look()
        for run, entry in self.ledger.living():
            found = self._run(run, entry)
            if found is None:
                continue
            self.ends[found.state + (f": {cause_of(found.error)}" if found.state == "failed" else "")] += 1
            if found.state not in FINAL:
                self.ledger.fault("lost", f"run {run} is still {found.state} at the end")
            if found.state == "failed" and not found.error:
                self.ledger.fault("lost", f"run {run} failed without a cause")
        for (workspace, digest), upload in list(self.ledger.uploads.items()):
            there = self._select("select count(*) from uploads where workspace=? and digest=?", workspace, digest)[0][0]
            if upload.standing != "going" and there != (upload.standing == "there"):
                self.ledger.fault("lost", f"the upload {digest} is {upload.standing}, and has {there} rows")

    def leftovers(self) -> None:
        """What is left of files that were being written when their process was killed, after a fresh start."""
        for folder in (self.place.home / "tmp", self.place.home / "steps" / "tmp"):
            for left in folder.iterdir() if folder.is_dir() else ():
                self.ledger.fault("left over", f"{left.relative_to(self.place.home)} is left over")

    def _look_at(self, run: str, entry: RunEntry) -> None:
        found = self._run(run, entry)
        if found is None or found.state != "done":
            return
        if entry.key in self.checked and self.chance.random() > AGAIN:
            return
        folder = result_path(self.place.store, entry.key)
        try:
            outcome = None if entry.key in self.checked else verify(folder)
            fingerprint = fingerprint_of(folder)
        except Exception as error:
            if entry.standing == "there":
                self.ledger.fault("lost", f"the result {entry.key} of run {run} can't be read: {error}")
            return
        if outcome is not None and not outcome.ok:
            self.ledger.fault("torn", f"the result {entry.key} does not pass: {outcome.sentence}")
        self.checked.add(entry.key)
        self.ledger.see_numbers(entry.key, fingerprint)

    def _run(self, run: str, entry: RunEntry) -> Run | None:
        """The run as the product has it; None where its owner deletes it just now."""
        try:
            found = get_run(self.place.store, entry.workspace, run)
        except NotFound:
            if entry.standing == "there":
                self.ledger.fault("lost", f"run {run} was accepted and is gone")
            return None
        if found.key != entry.key:
            self.ledger.fault("different", f"run {run} answers another question than it was accepted for")
        return found if entry.standing == "there" else None

    def _rows(self) -> None:
        for table, columns in (("jobs", "key"), ("runs", "workspace, key"), ("uploads", "workspace, digest")):
            for row in self._select(f"select {columns}, count(*) from {table} group by {columns} having count(*) > 1"):
                self.ledger.fault("duplicated", f"{table} has {row[-1]} rows of {row[:-1]}")
        for (key,) in self._select("select key from runs where key not in (select key from jobs)"):
            self.ledger.fault("lost", f"{key} is asked and has no job")

    def _torn(self) -> Iterator[str]:
        for folder in shelves(self.place.home / "results"):
            if folder.is_dir() and not (folder / "result.json").exists() and folder.is_dir():
                yield f"the result {folder.name} has no result.json"
        for folder in shelves(self.place.home / "steps"):
            if folder.is_dir() and not (folder / "value.json").exists() and folder.is_dir():
                yield f"the step {folder.name} has no value.json"
        for folder in shelves(self.place.home / "uploads"):
            for file in folder.glob("content.*") if folder.is_dir() else ():
                if file.suffix in (".csv", ".npz") and _digest(file) not in (None, folder.name):
                    yield f"the upload {folder.name} has other content than its name says"

    def _select(self, query: str, *values: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(f"file:{self.place.home / 'assay.sqlite'}?mode=ro", uri=True, timeout=60)) as read:
            return read.execute(query, values).fetchall()


def fingerprint_of(folder: Path) -> str:
    """Digest of the summary and of the bytes of every table."""
    summary = json.loads((folder / "result.json").read_text("utf-8"))["summary"]
    tables = {path.name: digest_of_file(path) for path in sorted((folder / "tables").glob("*.parquet"))}
    return digest_of_bytes(canonical_json([summary, tables]).encode())


def cause_of(sentence: str) -> str:
    """A failure without its names and numbers, so that alike ones are counted together."""
    return " ".join("…" if any(sign in word for sign in '"0123456789') else word for word in sentence.split())[:90]


def shelves(root: Path) -> Iterator[Path]:
    """The folders that are named by a key."""
    for shelf in root.glob("??"):
        yield from shelf.iterdir()


def _digest(path: Path) -> str | None:
    try:
        return digest_of_file(path)
    except FileNotFoundError:  # deleted meanwhile
        return None
