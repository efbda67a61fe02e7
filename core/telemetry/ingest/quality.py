"""The gap and quality report: what is in each column, where time itself is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.telemetry.ingest.facts import Facts
from core.telemetry.ingest.roles import Role
from core.telemetry.ingest.time_axis import GAP_STEPS, TimeAxis

COLUMNS = (
    "column",
    "role",
    "unit",
    "type",
    "missing_share",
    "constant",
    "first",
    "last",
    "longest_silence_minutes",
    "note",
)


@dataclass(frozen=True)
class ColumnReport:
    """One row of the table of columns.

    Attributes:
        facts: of the column.
        role: its part.
        first: nanoseconds of its first known value; None without.
        last: of its last.
        silence: nanoseconds of the longest stretch between two known values, the ends of the file included.
        silence_start: where that begins.
        note: one remark, "" without.
    """

    facts: Facts
    role: Role
    first: int | None
    last: int | None
    silence: int
    silence_start: int
    note: str = ""


def report_column(facts: Facts, values: np.ndarray, axis: TimeAxis, role: Role, note: str) -> ColumnReport:
    """Looks for the longest stretch without a value.

    Args:
        facts: of the column.
        values: [file rows] float64, NaN where missing.
        axis: of the file.
        role: its part.
        note: why it plays that part.
    """
    known = axis.ns[axis.distinct[~np.isnan(values[axis.order])]]
    if not len(known):
        return ColumnReport(facts, role, None, None, int(axis.ns[-1] - axis.ns[0]), int(axis.ns[0]), note)
    edges = np.concatenate([axis.ns[:1], known, axis.ns[-1:]])
    steps = np.diff(edges)
    longest = int(np.argmax(steps))
    return ColumnReport(facts, role, int(known[0]), int(known[-1]), int(steps[longest]), int(edges[longest]), note)


def columns_table(reports: Sequence[ColumnReport]) -> pd.DataFrame:
    """The table `columns`: column, role, unit, type, missing_share (of the file's rows), constant, first and last (times
    of its first and last known value), longest_silence_minutes (between two known values) and note."""
    rows = [
        (
            one.facts.name,
            one.role,
            one.facts.unit,
            one.facts.type,
            one.facts.missing / one.facts.rows,
            one.facts.constant,
            one.first,
            one.last,
            one.silence / 60e9,
            one.note,
        )
        for one in reports
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("first", "last"):
        table[name] = as_times(table[name])
    return table


def gaps_table(axis: TimeAxis) -> pd.DataFrame:
    """The table `gaps`: start (last time before it), end (first time after it) and minutes, in the order of time."""
    starts, ends = axis.gaps()
    return pd.DataFrame({"start": as_times(starts), "end": as_times(ends), "minutes": (ends - starts) / 60e9})


def gap_notes(axis: TimeAxis, reports: Sequence[ColumnReport]) -> list[str]:
    """Sentences on the gaps of the file, on columns that are silent much longer than these, and on columns left out."""
    notes = []
    starts, ends = axis.gaps()
    longest_gap = int((ends - starts).max()) if len(starts) else 0
    if len(starts):
        notes.append(
            f"{len(starts):,} {'gap' if len(starts) == 1 else 'gaps'} of more than {GAP_STEPS} usual steps; the longest is "
            f"{lasting(longest_gap / 1e9)}, from {_shown(int(starts[np.argmax(ends - starts)]))}. Nothing is computed across "
            "gaps."
        )
    limit = max(longest_gap, int(20 * axis.step * 1e9))
    used = [one for one in reports if one.role in ("target", "covariate", "state")]
    for one in used:
        if one.silence > limit and one.silence > 0.01 * axis.span * 1e9:
            notes.append(
                f"{one.facts.name} has no value for {lasting(one.silence / 1e9)} from {_shown(one.silence_start)}; it gets no "
                "score there."
            )
    infinite = sum(one.facts.infinite for one in reports)
    if infinite:
        notes.append(f"{infinite:,} infinite {'value counts' if infinite == 1 else 'values count'} as missing.")
    for note, words in (("constant", "constant"), ("no value at all", "without any value")):
        names = [one.facts.name for one in reports if one.role == "ignore" and one.note == note]
        if names:
            notes.append(f"Left out, as {words}: {_listed(names)}.")
    return notes


def as_times(ns: object) -> pd.Series:
    """Nanoseconds as UTC times to the millisecond, as results keep them."""
    return pd.to_datetime(pd.Series(ns, dtype="Int64"), unit="ns", utc=True).dt.as_unit("ms")


def lasting(seconds: float) -> str:
    """A duration in its natural unit.

    >>> lasting(247), lasting(43200), lasting(5.0)
    ('4.1 min', '12 h', '5 s')
    """
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _shown(ns: int) -> str:
    return pd.Timestamp(ns, tz="UTC").strftime("%Y-%m-%d %H:%M UTC")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6:,} more" if len(names) > 6 else "")
