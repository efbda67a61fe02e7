"""What the library shows of a telemetry file, what forms offer and what estimates need."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.predictions_reading import kind_of_columns
from core.data.telemetry_copy import columns_of_file, holds_csv, telemetry_format
from core.data.telemetry_file import Columns, ColumnTable, open_columns
from core.errors import BadInput
from core.telemetry.ingest.facts import FEW, Facts, read_column
from core.telemetry.ingest.quality import gap_notes
from core.telemetry.ingest.regular_grid import automatic_step
from core.telemetry.ingest.roles import HEAD_ROWS, Role, called_like_time, find_time_column, proposed_role
from core.telemetry.ingest.time_axis import TimeAxis, axis_of_column

if TYPE_CHECKING:
    from core.analysis import Source
    from core.telemetry.ingest_params import IngestParams

LISTED_COLUMNS = 500
PREVIEW_ROWS, PREVIEW_COLUMNS = 8, 12


def inspect_telemetry(path: Path, filename: str, copy: Path) -> dict[str, Any]:
    """Describes a file in plain JSON values, and makes its Parquet copy where that is missing.

    Args:
        path: the file.
        filename: what the person calls it.
        copy: where the copy lies or will lie.

    Returns:
        format; kind ("telemetry"); rows; column_count; columns (the first 500: name, type, role (proposed), unit,
        missing, distinct values where these are few, min, max); unlisted (names of the others); time (column with
        the times, or None); first and last (UTC); step (median, in seconds); gaps (how many); longest_gap (in
        seconds); labels (proposed column, or None); preview; notes; problems (why the times can't be read).

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    columns = columns_of_file(path, filename, copy)
    time = find_time_column(columns) or called_like_time(columns)
    axis, problems = None, []
    if time is None:
        problems.append(
            f"{columns.filename} has no column of times: choose one as time, or say how far its rows are apart (row_seconds)."
        )
    else:
        try:
            axis = axis_of_column(columns, time, "UTC")
        except BadInput as refusal:
            problems.append(str(refusal))
    listed = columns.names[:LISTED_COLUMNS]
    described = [_described(_facts(columns, name, cells), time) for name, cells in columns.each(listed)]
    labels = [one["name"] for one in described if one["role"] == "label"]
    for one in described:
        if one["role"] == "label" and one["name"] != labels[0]:
            one["role"] = "ignore"
    if not any(one["role"] == "target" for one in described) and len(listed) == len(columns.names):
        problems.append(f"{columns.filename} has no column of numbers that is neither constant nor a state.")
    return {
        "format": telemetry_format(path, filename).name,
        "kind": "telemetry",
        "rows": columns.rows,
        "column_count": len(columns.names),
        "columns": described,
        "unlisted": list(columns.names[LISTED_COLUMNS:]),
        "time": time,
        **_period(axis),
        "labels": labels[0] if labels else None,
        "missing": sum(one["missing"] for one in described),
        "preview": _preview(columns),
        "notes": [*(axis.notes if axis else ()), *(gap_notes(axis, []) if axis else ())],
        "problems": problems,
    }


def holds_telemetry(path: Path, filename: str) -> bool:
    """Is this a table with a column of times, or a zip file around csv? A file that can't be read is neither."""
    try:
        format_ = telemetry_format(path, filename)
        if format_.name == "zip":
            return holds_csv(path, filename)
        columns: Columns
        if format_.name == "csv":
            from core.data.csv_file import csv_head

            columns = ColumnTable(filename, csv_head(path, filename, HEAD_ROWS).columns)
        else:
            columns = open_columns(path, filename)
        return kind_of_columns(list(columns.names)) is None and find_time_column(columns) is not None
    except BadInput:
        return False


def _facts(columns: Columns, name: str, cells: pa.ChunkedArray) -> Facts:
    return read_column(name, columns.types[name], cells).facts


def _described(facts: Facts, time: str | None) -> dict[str, Any]:
    role: Role = "time" if facts.name == time else proposed_role(facts)
    found: dict[str, Any] = {"name": facts.name, "type": facts.type, "role": role, "unit": facts.unit}
    found["missing"] = facts.missing
    if facts.distinct <= FEW:
        found["distinct"] = facts.distinct
    if facts.low is not None:
        found |= {"min": facts.low, "max": facts.high}
    return found


def _period(axis: TimeAxis | None) -> dict[str, Any]:
    if axis is None:
        return {"first": None, "last": None, "step": None, "gaps": None, "longest_gap": None}
    starts, ends = axis.gaps()
    return {
        "first": _iso(int(axis.ns[0])),
        "last": _iso(int(axis.ns[-1])),
        "step": axis.step,
        "gaps": len(starts),
        "longest_gap": float((ends - starts).max()) / 1e9 if len(starts) else None,
    }


def _iso(ns: int) -> str:
    return pd.Timestamp(ns, tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ")


def _preview(columns: Columns) -> dict[str, Any]:
    shown = list(columns.names[:PREVIEW_COLUMNS])
    try:
        rows = columns.head(PREVIEW_ROWS).select(shown).to_pylist()
    except (OverflowError, ValueError):  # of Python's dates
        raise BadInput(f"{columns.filename} holds a moment beyond the years 1 to 9999; correct it.") from None
    return {"columns": shown, "rows": [[_plain(row[name]) for name in shown] for row in rows]}


def _plain(value: Any) -> float | int | str | None:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)[:200]


@dataclass(frozen=True)
class ExpectedSize:
    """How much a series will be, from its inspection alone.

    Attributes:
        rows: of the grid.
        targets: how many columns may misbehave.
        covariates: how many may explain it.
    """

    rows: int
    targets: int
    covariates: int


def expected_size(source: Source, params: IngestParams) -> ExpectedSize:
    """What `core.telemetry.reading.load` will return, for estimates: nothing is read.

    Args:
        source: with the details of its inspection; without, a middling size is assumed.
        params: what was chosen.
    """
    details = source.details
    step, span = _step_and_span(details, params)
    own = step if source.builtin else automatic_step(step, span)
    rows = math.ceil(span / (params.resample or own)) + 1
    columns = details.get("columns") or ()
    roles = [str(one.get("role") or ("target" if one.get("type") == "number" else "ignore")) for one in columns]
    roles += ["target"] * len(details.get("unlisted") or ())
    quantities, others = roles.count("target"), roles.count("state") + roles.count("covariate")
    targets, covariates = len(params.targets), len({*params.covariates, *params.states})
    if not targets:
        targets = max(quantities - (len(params.covariates) if params.covariates else 0), 1)
    if not params.covariates:
        covariates = others + (quantities - targets if params.targets and not source.builtin else 0)
    return ExpectedSize(max(rows, 3), targets, max(covariates, 0))


def _step_and_span(details: Mapping[str, Any], params: IngestParams) -> tuple[float, float]:
    rows = int(details.get("rows") or 10_000)
    if params.row_seconds is not None:
        return params.row_seconds, rows * params.row_seconds
    step = float(details.get("step") or 60.0)
    first, last = details.get("first"), details.get("last")
    if not (first and last):
        return step, rows * step
    return step, float((np.datetime64(last[:19]) - np.datetime64(first[:19])) / np.timedelta64(1, "s"))
