"""What was done, written down outside of the product before and after each act, and what must follow from it."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Standing = Literal["there", "going", "gone"]  # "going": somebody has begun to delete it


@dataclass
class RunEntry:
    """A run that was accepted."""

    workspace: str
    key: str
    standing: Standing = "there"


@dataclass
class UploadEntry:
    """A file that was sent: whole, in the middle of being sent ("going"), or not at all."""

    workspace: str
    digest: str
    standing: Standing


@dataclass
class Ledger:
    """The record of a soak.

    Attributes:
        path: where each line is written at once, to be read after a failure.
        runs: by id.
        uploads: by workspace and digest.
        numbers: key of a question -> fingerprint of its summary and tables when it was first seen done.
        acts: how often each act ended how.
        kills: how often each process was killed.
        ends: state and cause -> how many jobs ended so.
        faults: what must never happen, each as a sentence.
    """

    path: Path
    runs: dict[str, RunEntry] = field(default_factory=dict)
    uploads: dict[tuple[str, str], UploadEntry] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[str]] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock, repr=False)

    def note(self, act: str, **facts: Any) -> None:
        """Writes a line; before an act and after it."""
        line = json.dumps({"time": round(time.time(), 3), "act": act, **facts}, default=str)
        with self.lock, self.path.open("a") as stream:
            stream.write(line + "\n")

    def count(self, act: str, outcome: str) -> None:
        with self.lock:
            self.acts[act, outcome] += 1

    def fault(self, kind: str, sentence: str) -> None:
        """What must never happen has happened; the same sentence counts once."""
        with self.lock:
            if sentence not in self.faults.setdefault(kind, []):
                self.faults[kind].append(sentence)
                self.note("FAULT", kind=kind, sentence=sentence)

    def accept(self, run: str, workspace: str, key: str) -> None:
        """A question was taken. Asking it again brings the same run back."""
        with self.lock:
            entry = self.runs.setdefault(run, RunEntry(workspace, key))
            if (entry.workspace, entry.key) != (workspace, key):
                self.fault("duplicated", f"run {run} was handed out for two questions")
            entry.standing = "there"

    def see_numbers(self, key: str, fingerprint: str) -> None:
        """A question is answered: with the same numbers as ever before."""
        with self.lock:
            first = self.numbers.setdefault(key, fingerprint)
        if first != fingerprint:
            self.fault("different", f"{key} was answered with other numbers than the first time")

    def living(self) -> list[tuple[str, RunEntry]]:
        """The runs that must be there."""
        with self.lock:
            return [(run, entry) for run, entry in self.runs.items() if entry.standing == "there"]
