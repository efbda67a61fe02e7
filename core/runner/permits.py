"""Permits: files by which the runner and the workers agree on who runs a step, and whether it is still wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Permit:
    """A file that exists while a step is wanted, and holds the address of the worker that began it.

    A worker writes its address and then looks whether the file is still there; who withdraws the permit deletes the
    file and then reads it. So of a withdrawn permit either the address is known, or the step does not begin: no
    moment lies between. No worker has to answer for this, so it also works while a step blocks its interpreter.
    """

    path: Path

    @property
    def name(self) -> str:
        """Of the permit."""
        return self.path.name

    def issue(self) -> None:
        """Makes the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    def begin(self, worker: str) -> bool:
        """Notes who runs the step; False where it is no longer wanted."""
        try:
            with self.path.open("r+") as stream:
                stream.truncate()
                stream.write(worker)
        except FileNotFoundError:
            return False
        return self.path.exists()

    def worker(self) -> str:
        """Address of the worker that began the step last; empty where none did."""
        try:
            return self.path.read_text()
        except FileNotFoundError:
            return ""

    def withdraw(self) -> str:
        """Takes the permit back; returns the address of the worker that may be running the step, or nothing."""
        try:
            with self.path.open() as stream:
                self.path.unlink(missing_ok=True)
                return stream.read()
        except FileNotFoundError:
            return ""
