"""Time stamps as files write them, as nanoseconds since 1970-01-01 UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.table import is_text
from core.errors import BadInput
from core.telemetry.ingest.stamp_cells import ISO, SECOND, Cells, in_zone, integers, zone_note
from core.telemetry.ingest.stamp_forms import FORMS, read_forms, zones_note

_EPOCH_UNITS = (  # name, nanoseconds, smallest and largest stamp: from 1973 to 2262, without overlap
    ("seconds", SECOND, 1e8, 9.3e9),
    ("milliseconds", 1_000_000, 1e11, 9.3e12),
    ("microseconds", 1_000, 1e14, 9.3e15),
    ("nanoseconds", 1, 1e17, 9.223e18),
)


@dataclass(frozen=True, eq=False)
class Stamps:
    """The time stamps of a column.

    Attributes:
        ns: [rows] int64, nanoseconds since 1970-01-01 UTC; 0 where missing.
        missing: [rows] bool, cells without a stamp.
        notes: how they were read, where that is worth a sentence.
    """

    ns: np.ndarray
    missing: np.ndarray
    notes: tuple[str, ...] = ()


def read_stamps(column: pa.ChunkedArray | pa.Array, zone: str, what: str) -> Stamps:
    """Reads a column of time stamps.

    ISO 8601 in its usual spellings (also day of year, 2024-046T10:30:00, and without separators), day first or month
    first where the column itself tells which, epoch numbers in s, ms, us or ns by their size, and stored times.
    Stamps that name no zone are of `zone`; stamps of several zones are brought to UTC each by its own.

    Args:
        column: text, numbers or times.
        zone: IANA name.
        what: file and column, as messages show them.

    Raises:
        BadInput: the first stamp that can't be read, with its row; day and month that can't be told apart; stamps
            with and without a zone side by side; local times that do not exist or occur twice.
    """
    cells = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(cells.type):
        return _of_distinct(cells, zone, what)
    return _read(Cells(cells, np.arange(len(cells)), what), zone)


def _of_distinct(cells: pa.DictionaryArray, zone: str, what: str) -> Stamps:
    """Reads each different text once."""
    codes = cells.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    missing = codes < 0
    first = np.full(len(cells.dictionary), len(cells))  # row in which a text stands first
    stamped = np.flatnonzero(~missing)[::-1]
    first[codes[stamped]] = stamped
    used = np.flatnonzero(first < len(cells))
    texts = Cells(cells.dictionary.take(pa.array(used)), first[used], what)
    found = _read(texts, zone)
    ns, blank = np.zeros(len(first), np.int64), np.zeros(len(first), bool)
    ns[used], blank[used] = found.ns, found.missing
    missing |= blank[codes]
    return Stamps(np.where(missing, 0, ns[codes]), missing, found.notes)


def _read(cells: Cells, zone: str) -> Stamps:
    kind = cells.values.type
    if is_text(kind):
        text = pc.utf8_trim_whitespace(cells.values)
        cells = replace(cells, values=pc.if_else(pc.is_in(text, pa.array(["", "NaT"], kind)), None, text))
    missing = cells.missing
    if missing.all():
        raise _empty(cells)
    notes: tuple[str, ...] = ()
    if pa.types.is_timestamp(kind):
        ns = _as_ns(cells)
        if kind.tz is None:
            ns, notes = in_zone(cells, ns, zone), (zone_note(cells, zone),)
    elif pa.types.is_date(kind):
        ns = in_zone(cells, _as_ns(replace(cells, values=cells.values.cast(pa.timestamp("ms")))), zone)
        notes = (zone_note(cells, zone),)
    elif is_text(kind):
        ns, notes = _text(cells, zone)
    elif pa.types.is_boolean(kind) or pa.types.is_null(kind):
        raise BadInput(f"{cells.what} holds no time stamps; choose another column with time=COLUMN.")
    else:
        ns, missing = _numbers(cells)
    ns[missing] = 0
    return Stamps(ns, missing, notes)


def _empty(cells: Cells) -> BadInput:
    return BadInput(f"{cells.what} holds no time stamp: it is empty; choose another column with time=COLUMN.")


def look_like_stamps(column: pa.ChunkedArray) -> bool:
    """Do most of these cells have the form of a time stamp, of an epoch number or of a stored time?"""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return True
    cells = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    cells = cells.drop_null()
    if not len(cells):
        return False
    if is_text(kind):
        text = pc.utf8_trim_whitespace(cells.cast(pa.string()))
        fits = [pc.match_substring_regex(text, form).to_numpy(zero_copy_only=False) for form in FORMS.values()]
        return bool(np.any(fits, axis=0).mean() > 0.5)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return False
    values = cells.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    middle = float(np.median(values[~np.isnan(values)])) if not np.isnan(values).all() else 0.0
    return any(low <= middle <= high for _, _, low, high in _EPOCH_UNITS)


def _as_ns(cells: Cells) -> np.ndarray:
    plain = cells.values.cast(pa.timestamp(cells.values.type.unit))  # a zone is a way to show an instant
    try:
        return integers(plain.cast(pa.timestamp("ns")))
    except pa.ArrowInvalid:
        raise BadInput(
            f"{cells.what} holds a time outside the years 1678 to 2262; correct it or remove its row."
        ) from None


def _numbers(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Epoch numbers, the unit told by their size."""
    values = cells.values.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    missing = np.isnan(values)
    if missing.all():
        raise _empty(cells)
    middle = float(np.median(values[~missing]))
    unit = next((one for one in _EPOCH_UNITS if one[2] <= middle <= one[3]), None)
    if unit is None:
        raise BadInput(
            f"{cells.what} holds numbers around {middle:g}, which are no epoch in s, ms, us or ns; write stamps such as "
            f"{ISO}, or choose row_seconds=SECONDS where the rows are evenly spaced."
        )
    name, factor, low, high = unit
    outside = np.flatnonzero(~missing & ~((values >= low) & (values <= high)))
    if len(outside):
        raise cells.refusal(
            f"{cells.place(outside[0])} holds {values[outside[0]]:.17g}, where most rows hold {name} since 1970; write all "
            "stamps in one unit."
        )
    if pa.types.is_integer(cells.values.type):
        return integers(cells.values) * factor, missing
    known = np.where(missing, 0.0, values)
    whole = np.floor(known)
    return whole.astype(np.int64) * factor + np.rint((known - whole) * factor).astype(np.int64), missing


def _text(cells: Cells, zone: str) -> tuple[np.ndarray, tuple[str, ...]]:
    for kind in (pa.timestamp("ns"), pa.timestamp("ns", "UTC")):  # plain ISO: Arrow's own parser is the fastest
        try:
            ns = integers(cells.values.cast(kind))
        except pa.ArrowInvalid:
            continue
        if kind.tz is None:
            return in_zone(cells, ns, zone), (zone_note(cells, zone),)
        zones = pc.extract_regex(cells.values, r"(?P<zone>Z|[+-]\d{2}:?\d{0,2})$").field("zone")
        return ns, zones_note(cells, pc.unique(zones).drop_null().to_pylist())
    return read_forms(cells, zone)
