"""Every spelling of time stamps as text that is known besides plain ISO 8601."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.telemetry.ingest.stamp_cells import ISO, SECOND, Cells, in_zone, zone_note

_DAY = 86_400 * SECOND
_CLOCK = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?)?"
_ZONE = r" ?(?:(?P<utc>Z|z|UTC|GMT)|(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})?)?$"
FORMS = {
    "year first": r"^(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second_field>\d{1,2})" + _CLOCK + _ZONE,
    "compact": r"^(?P<year>\d{4})(?P<first>\d{2})(?P<second_field>\d{2})"
    r"(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?)?" + _ZONE,
    "day of year": r"^(?P<year>\d{4})[-/.](?P<day_of_year>\d{3})" + _CLOCK + _ZONE,
    "year last": r"^(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_field>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK + _ZONE,
}


def read_forms(cells: Cells, zone: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Reads text by every spelling in `FORMS`, each row by the first that fits it.

    Args:
        cells: text without white space around it; null where missing.
        zone: of stamps that name none.

    Returns:
        [cells] int64 nanoseconds since 1970-01-01 UTC, and notes.

    Raises:
        BadInput: as `core.telemetry.ingest.stamps.read_stamps`.
    """
    count, missing = len(cells.values), cells.missing
    ns, offset = np.zeros(count, np.int64), np.zeros(count, np.int64)
    read, zoned = missing.copy(), np.zeros(count, bool)
    notes: list[str] = []
    for form in FORMS:
        parts = pc.extract_regex(cells.values, FORMS[form])
        here = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False) & ~read)
        if not len(here):
            continue
        fields = _Fields(parts.take(pa.array(here)))
        months, days, note = _month_and_day(fields, form, cells, here)
        notes += [note] if note else []
        stamps, fits = _instants(fields, form, months, days)
        where = here[fits]
        ns[where], offset[where] = stamps[fits], fields.offset()[fits]
        zoned[where], read[where] = fields.has_zone()[fits], True
    if not read.all():
        bad = int(np.argmin(read))
        raise cells.refusal(
            f"{cells.place(bad)} holds {cells.shown(bad)!r}, which is no time stamp; expected is one such as {ISO}: correct "
            "the cell, or leave it empty."
        )
    present = ~missing
    if zoned.any() and not zoned[present].all():
        with_zone, without = int(np.argmax(zoned)), int(np.argmax(present & ~zoned))
        raise cells.refusal(
            f"{cells.place(with_zone)} names a time zone ({cells.shown(with_zone)}) and {cells.place(without)} names none "
            f"({cells.shown(without)}); give all stamps a zone, or none and choose timezone=ZONE."
        )
    if not zoned.any():
        return in_zone(cells, ns, zone), (*notes, zone_note(cells, zone))
    return ns - offset, (*notes, *zones_note(cells, [_offset_text(int(one)) for one in np.unique(offset[present])]))


def zones_note(cells: Cells, zones: list[str]) -> tuple[str, ...]:
    """A sentence where stamps name more than one zone; "Z" is +00:00."""
    different = sorted({"+00:00" if zone == "Z" else zone for zone in zones})
    if len(different) < 2:
        return ()
    listed = ", ".join(different[:4]) + (", ..." if len(different) > 4 else "")
    return (f"{cells.what} names several time zones ({listed}); each stamp was brought to UTC by its own.",)


class _Fields:
    """The parts of matching stamps as integer arrays; a part that is not there counts as its default."""

    def __init__(self, parts: pa.StructArray) -> None:
        self.parts = parts
        self.names = {parts.type.field(index).name for index in range(parts.type.num_fields)}

    def text(self, name: str) -> pa.Array:
        return self.parts.field(name) if name in self.names else pa.array([""] * len(self.parts))

    def number(self, name: str, default: int = 0) -> np.ndarray:
        text = self.text(name)
        filled = pc.if_else(pc.equal(text, ""), str(default), text)
        return filled.cast(pa.int64()).to_numpy(zero_copy_only=False)

    def nanoseconds(self) -> np.ndarray:
        padded = pc.utf8_rpad(self.text("fraction"), width=9, padding="0")
        return padded.cast(pa.int64()).to_numpy(zero_copy_only=False)

    def has_zone(self) -> np.ndarray:
        return (pc.not_equal(self.text("utc"), "").to_numpy(zero_copy_only=False)) | (
            pc.not_equal(self.text("sign"), "").to_numpy(zero_copy_only=False)
        )

    def offset(self) -> np.ndarray:
        """Nanoseconds that the stamp's zone is ahead of UTC."""
        sign = np.where(pc.equal(self.text("sign"), "-").to_numpy(zero_copy_only=False), -1, 1)
        return sign * (self.number("zone_hours") * 3600 + self.number("zone_minutes") * 60) * SECOND


def _month_and_day(fields: _Fields, form: str, cells: Cells, here: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Which of the two fields is the month; "day first" and "month first" are told apart by a field above 12."""
    first, second = fields.number("first", 1), fields.number("second_field", 1)
    if form == "day of year":
        return np.ones_like(first), fields.number("day_of_year"), ""
    if form != "year last":
        return first, second, ""
    day_first, month_first = bool((first > 12).any()), bool((second > 12).any())
    dotted = bool(pc.all(pc.equal(fields.text("mark"), ".")).as_py())
    if day_first and month_first:
        a, b = int(here[np.argmax(first > 12)]), int(here[np.argmax(second > 12)])
        raise cells.refusal(
            f"{cells.place(a)} ({cells.shown(a)}) has the day first and {cells.place(b)} ({cells.shown(b)}) the month; write "
            f"all stamps as {ISO}."
        )
    if not (day_first or month_first or dotted):
        raise cells.refusal(
            f"{cells.place(here[0])} holds {cells.shown(here[0])!r}, and no row tells whether the day or the month comes "
            f"first; write stamps such as {ISO}."
        )
    if month_first:
        return first, second, f"{cells.what} was read with the month first, as some of its days are above 12."
    return second, first, f"{cells.what} was read with the day first."


def _instants(fields: _Fields, form: str, months: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nanoseconds of the wall clock, and which rows are dates that exist."""
    years, hours = fields.number("year"), fields.number("hour")
    minutes, seconds = fields.number("minute"), fields.number("second")
    fits = (years >= 1678) & (years <= 2261) & (months >= 1) & (months <= 12) & (days >= 1)
    fits &= (hours <= 23) & (minutes <= 59) & (seconds <= 60)  # 60: a leap second counts as the next second
    month = (np.where(fits, years, 1970) - 1970).astype("M8[Y]").astype("M8[M]") + np.where(fits, months - 1, 0)
    start = month.astype("M8[D]")
    end = (month + 1).astype("M8[D]")
    if form == "day of year":
        end = (month.astype("M8[Y]") + 1).astype("M8[D]")
    fits &= days <= (end - start).astype(np.int64)
    ns = (start.astype(np.int64) + days - 1) * _DAY
    ns += (hours * 3600 + minutes * 60 + seconds) * SECOND + fields.nanoseconds()
    return ns, fits


def _offset_text(ns: int) -> str:
    minutes = ns // (60 * SECOND)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
