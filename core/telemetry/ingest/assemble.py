"""Brings the columns of a file, one after the other, to a regular grid, and reports on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from core.data.table import check_names
from core.data.telemetry_file import Columns
from core.errors import BadInput
from core.telemetry.grid import Grid
from core.telemetry.ingest.assignment import check_count, role_of, wanted_columns
from core.telemetry.ingest.facts import Column, Facts, read_column
from core.telemetry.ingest.labels import read_labels
from core.telemetry.ingest.quality import ColumnReport, columns_table, gap_notes, gaps_table, lasting, report_column
from core.telemetry.ingest.regular_grid import (
    Bins,
    any_of_bins,
    fill_short_gaps,
    hold_short_gaps,
    last_of_bins,
    make_bins,
    mean_of_bins,
)
from core.telemetry.ingest.roles import Role, called_like_time, find_time_column
from core.telemetry.ingest.settings import IngestSettings
from core.telemetry.ingest.telemetry import Telemetry
from core.telemetry.ingest.time_axis import TimeAxis, axis_of_column, counted_axis


def read_telemetry(
    columns: Columns,
    settings: IngestSettings,
    proposals: Mapping[str, Role] | None = None,
    units: Mapping[str, str] | None = None,
) -> Telemetry:
    """Brings columns to a regular grid.

    Args:
        columns: of a file, or in memory.
        settings: what a person chose.
        proposals: parts of columns that are known beforehand; None: from their names and values.
        units: of columns, where headers do not name them.

    Raises:
        BadInput: no usable times, unknown columns, no target, more columns than are held at once.
    """
    reader = _reader(columns, settings, proposals or {}, units or {})
    check_count(columns, len(reader.wanted))
    for name, column in columns.each(reader.wanted):
        reader.take(name, column)
    return reader.telemetry()


def survey_telemetry(columns: Columns, settings: IngestSettings) -> Telemetry:
    """What `read_telemetry` finds out about a file of any number of columns, without their values: those of one column
    are held at a time, and the grid has none.

    Args:
        columns: of a file.
        settings: what a person chose.

    Raises:
        BadInput: no usable times, unknown columns, no target.
    """
    reader = _reader(columns, settings, {}, {})
    for name, column in columns.each(reader.wanted):
        reader.take(name, column)
        reader.forget(name)
    return reader.telemetry()


def _reader(
    columns: Columns, settings: IngestSettings, proposals: Mapping[str, Role], units: Mapping[str, str]
) -> _Reader:
    settings.check_names(columns)
    check_names(columns.filename, list(columns.names))
    time, axis = _axis(columns, settings)
    bins = make_bins(axis, settings.resample, columns.filename)
    return _Reader(columns, settings, time, axis, bins, proposals, units)


def _axis(columns: Columns, settings: IngestSettings) -> tuple[str | None, TimeAxis]:
    """The time column in force, and the times of the rows."""
    name = columns.filename
    if settings.time and settings.row_seconds is not None:
        raise BadInput(f"{name}: time={settings.time} and row_seconds are both set; keep one of the two.")
    proposed = settings.time or find_time_column(columns) or called_like_time(columns)
    proposed = None if proposed in (*settings.ignore, *settings.targets, *settings.covariates) else proposed
    if settings.row_seconds is not None:
        axis = counted_axis(columns.rows, settings.row_seconds, name)
        if proposed:
            note = f"Rows were taken as {settings.row_seconds:g} s apart, as row_seconds says; column {proposed!r} was left out."
            axis = replace(axis, notes=(note,))
        return proposed, axis
    if proposed is None:
        raise BadInput(
            f"{name} has no column of times; choose one with time=COLUMN, or say how far its rows are apart with "
            "row_seconds=SECONDS, such as row_seconds=60."
        )
    return proposed, axis_of_column(columns, proposed, settings.timezone)


class _Reader:
    """Takes one column after the other, so that never more than one is held at the file's own rate.

    Attributes:
        wanted: the columns to take.
    """

    def __init__(
        self,
        columns: Columns,
        settings: IngestSettings,
        time: str | None,
        axis: TimeAxis,
        bins: Bins,
        proposals: Mapping[str, Role],
        units: Mapping[str, str],
    ) -> None:
        self.columns, self.settings, self.time, self.axis, self.bins = columns, settings, time, axis, bins
        self.proposals, self.units = proposals, units
        self.reports: dict[str, ColumnReport] = {}
        self.values: dict[str, np.ndarray] = {}
        self.counts: dict[str, np.ndarray] = {}
        self.words: dict[str, tuple[str, ...]] = {}
        self.labels: np.ndarray | None = None
        self.notes: list[str] = []
        self.wanted = wanted_columns(columns, settings, time)
        self.sparse: list[str] = []
        self._busy = np.unique(bins.of_time)

    def take(self, name: str, cells: pa.ChunkedArray) -> None:
        """Reads a column, finds its part and brings it to the grid."""
        filename = self.columns.filename
        column = read_column(name, self.columns.types[name], cells)
        if name in self.units:
            column = replace(column, facts=replace(column.facts, unit=self.units[name]))
        role, why = role_of(column.facts, self.settings, self.proposals, filename)
        if role == "label" and self.labels is not None and name != self.settings.labels:
            role, why = "ignore", "another column holds the labels"
        if column.facts.type == "text":
            self._refuse_long_table(column)
        self.reports[name] = report_column(column.facts, column.values, self.axis, role, why)
        if role == "label":
            self._take_labels(column)
        elif role in ("target", "covariate"):
            means, self.counts[name] = mean_of_bins(column.values, self.axis, self.bins)
            self.values[name] = fill_short_gaps(means)
        elif role == "state":
            last, self.counts[name] = last_of_bins(column.values, self.axis, self.bins)
            self.values[name] = hold_short_gaps(last)
            if column.words:
                self.words[name] = column.words
        if name in self.values and np.isnan(self.values[name][self._busy]).mean() > 0.5:
            self.sparse.append(name)

    def forget(self, name: str) -> None:
        """Drops the values of a column; its report stays."""
        self.values.pop(name, None)
        self.counts.pop(name, None)

    def _refuse_long_table(self, column: Column) -> None:
        """A table of one row a parameter and time would be averaged over its parameters."""
        axis = self.axis
        if 2 * axis.duplicates <= axis.rows or not column.words or column.facts.missing:
            return
        pairs = axis.distinct * len(column.words) + column.values[axis.order].astype(np.int64)
        if len(np.unique(pairs)) == len(pairs):
            raise BadInput(
                f"{self.columns.filename} has one row for each time and each {column.facts.name!r}; one row a time with a "
                f"column for each is expected: table.pivot(index=TIME, columns={column.facts.name!r}, values=VALUE)."
            )

    def _take_labels(self, column: Column) -> None:
        name = column.facts.name
        flags = read_labels(column, f"{self.columns.filename}, column {name!r}")
        self.labels = any_of_bins(flags, self.axis, self.bins)
        if name != self.settings.labels:
            self.notes.append(
                f"Column {name!r} was taken as the labels; name it under ignore if it holds something else."
            )

    def telemetry(self) -> Telemetry:
        """All columns that were taken, together; on the grid those that were not forgotten."""
        filename, bins, axis = self.columns.filename, self.bins, self.axis
        role_by_name = {name: one.role for name, one in self.reports.items()}
        targets = tuple(name for name, role in role_by_name.items() if role == "target")
        covariates = tuple(name for name, role in role_by_name.items() if role in ("covariate", "state"))
        if not targets:
            raise BadInput(_no_target(filename, self.settings, list(self.reports.values())))
        names = tuple(name for name in (*targets, *covariates) if name in self.values)
        grid = Grid(
            times=bins.times,
            step=bins.step,
            names=names,
            values=_beside([self.values[name] for name in names], len(bins.times)),
            units={
                name: self.reports[name].facts.unit for name in (*targets, *covariates) if self.reports[name].facts.unit
            },
            states=frozenset(name for name in covariates if role_by_name[name] == "state"),
            categories={name: self.words[name] for name in covariates if name in self.words},
            labels=self.labels,
        )
        counts = _beside([self.counts[name] for name in names], len(bins.times))
        roles: dict[str, Role] = {}
        for name in self.columns.names:
            roles[name] = (
                "time" if name == self.time and self.settings.row_seconds is None else role_by_name.get(name, "ignore")
            )
        unread = [self._unread(name, roles[name]) for name in self.columns.names if name not in self.reports]
        by_name = self.reports | {one.facts.name: one for one in unread}
        ordered = [by_name[name] for name in self.columns.names]
        file_rows = np.full(axis.rows, -1, np.int32)
        file_rows[axis.order] = bins.of_time[axis.distinct]
        return Telemetry(
            name=filename,
            grid=grid,
            targets=targets,
            covariates=covariates,
            roles=roles,
            columns=columns_table(ordered),
            gaps=gaps_table(axis),
            missing=np.clip(1 - counts / bins.expected, 0, 1).astype(np.float32),
            file_rows=file_rows,
            file_step=axis.step,
            notes=(*axis.notes, *gap_notes(axis, ordered), *self._grid_notes(grid), *self.notes),
        )

    def _unread(self, name: str, role: Role) -> ColumnReport:
        """A column whose values nobody looked at: the time column, an ignored one, one that was not chosen."""
        if role == "time":
            facts = Facts(name, "time", "", self.axis.rows, self.axis.missing, 0, len(self.axis.ns))
            first, last = int(self.axis.ns[0]), int(self.axis.ns[-1])
            starts, ends = self.axis.gaps()
            longest = int(np.argmax(ends - starts)) if len(starts) else -1
            silence = int((ends - starts)[longest]) if len(starts) else int(np.diff(self.axis.ns).max())
            return ColumnReport(facts, role, first, last, silence, first if longest < 0 else int(starts[longest]))
        facts = Facts(name, self.columns.types[name], "", self.axis.rows, 0, 0, 0)
        return ColumnReport(facts, role, None, None, 0, 0, "not read")

    def _grid_notes(self, grid: Grid) -> list[str]:
        """Sentences on the step of the grid and on columns that are sparser than it."""
        notes = []
        if grid.step >= 1.5 * self.axis.step:
            notes.append(
                f"Rows every {lasting(self.axis.step)} were averaged to a step of {lasting(grid.step)} (states: the last value)."
            )
        if self.sparse:
            more = f" and {len(self.sparse) - 6:,} more" if len(self.sparse) > 6 else ""
            notes.append(
                f"{', '.join(self.sparse[:6])}{more}: no value in more than half of the steps of {lasting(grid.step)}; a "
                "longer step, resample=SECONDS, would keep more of them."
            )
        return notes


def _beside(columns: list[np.ndarray], rows: int) -> np.ndarray:
    """[rows, columns]; there may be none."""
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def _no_target(filename: str, settings: IngestSettings, reports: list[ColumnReport]) -> str:
    if settings.targets:
        why = {one.facts.name: one.note for one in reports if one.facts.name in settings.targets}
        told = ", ".join(f"{name} ({reason})" for name, reason in list(why.items())[:5])
        return f"{filename}: no target is left: {told}; choose others with targets=A,B."
    states = [one.facts.name for one in reports if one.role == "state"]
    more = f" ({', '.join(states[:5])} {'count' if len(states) > 1 else 'counts'} as states)" if states else ""
    return (
        f"{filename} has no column that can be a target, which is one of numbers that is no state and not constant{more}; "
        "choose some with targets=A,B."
    )
