"""What a check of a result says: one outcome for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was checked: `ok` is None where it could not be."""

    name: str
    ok: bool | None
    sentence: str

    @property
    def mark(self) -> str:
        """ok, FAILED or skipped."""
        return {True: "ok", False: "FAILED", None: "skipped"}[self.ok]


@dataclass(frozen=True)
class Verification:
    """All checks of a result."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """No check failed."""
        return all(check.ok is not False for check in self.checks)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        failed = [check.name for check in self.checks if check.ok is False]
        skipped = [check.name for check in self.checks if check.ok is None]
        if failed:
            return f"This result does not pass: {', '.join(failed)}."
        return (
            "Everything agrees." if not skipped else f"What could be checked agrees; not checked: {', '.join(skipped)}."
        )
