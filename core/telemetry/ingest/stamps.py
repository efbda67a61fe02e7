"""Time stamps as files write them, as nanoseconds since 1970-01-01 UTC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.table import is_text
from core.errors import BadInput

SECOND = 1_000_000_000  # nanoseconds
_DAY = 86_400 * SECOND
_EPOCH_UNITS = (  # name, nanoseconds, smallest and largest stamp: from 1973 to 2262, without overlap
    ("seconds", SECOND, 1e8, 9.3e9),
    ("milliseconds", 1_000_000, 1e11, 9.3e12),
    ("microseconds", 1_000, 1e14, 9.3e15),
    ("nanoseconds", 1, 1e17, 9.223e18),
)
_CLOCK = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?)?"
_ZONE = r" ?(?:(?P<utc>Z|z|UTC|GMT)|(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})?)?$"
_FORMS = {
    "year first": r"^(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second_field>\d{1,2})" + _CLOCK + _ZONE,
    "compact": r"^(?P<year>\d{4})(?P<first>\d{2})(?P<second_field>\d{2})"
    r"(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?)?" + _ZONE,
    "day of year": r"^(?P<year>\d{4})[-/.](?P<day_of_year>\d{3})" + _CLOCK + _ZONE,
    "year last": r"^(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_field>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK + _ZONE,
}
ISO = "2024-02-15T10:30:00Z"


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


def read_stamps(column: pa.ChunkedArray, zone: str, what: str) -> Stamps:
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
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    missing = ~column.is_valid().to_numpy(zero_copy_only=False)
    if missing.all():
        raise BadInput(f"{what} holds no time stamp: it is empty; choose another column with time=COLUMN.")
    kind = column.type
    notes: tuple[str, ...] = ()
    if pa.types.is_timestamp(kind):
        ns = _stored_times(column, zone, what)
    elif pa.types.is_date(kind):
        ns = _zoned(_as_ns(column.cast(pa.timestamp("ms")), what), zone, what, ~missing)
    elif is_text(kind):
        ns, notes = _text(column, zone, what, missing)
    elif pa.types.is_boolean(kind) or pa.types.is_null(kind):
        raise BadInput(f"{what} holds no time stamps; choose another column with time=COLUMN.")
    else:
        ns, missing = _numbers(column, what, missing)
    ns[missing] = 0
    return Stamps(ns, missing, notes)


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
        fits = [pc.match_substring_regex(text, form).to_numpy(zero_copy_only=False) for form in _FORMS.values()]
        return bool(np.any(fits, axis=0).mean() > 0.5)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return False
    middle = float(np.nanmedian(cells.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)))
    return any(low <= middle <= high for _, _, low, high in _EPOCH_UNITS)


def _stored_times(column: pa.Array, zone: str, what: str) -> np.ndarray:
    ns = _as_ns(column, what)
    return ns if column.type.tz else _zoned(ns, zone, what, column.is_valid().to_numpy(zero_copy_only=False))


def _as_ns(column: pa.Array, what: str) -> np.ndarray:
    plain = column.cast(pa.timestamp(column.type.unit))  # a zone is a way to show an instant, not part of it
    try:
        return plain.cast(pa.timestamp("ns")).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).copy()
    except pa.ArrowInvalid:
        raise BadInput(f"{what} holds a time outside the years 1678 to 2262; correct it or remove its row.") from None


def _numbers(column: pa.Array, what: str, missing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Epoch numbers, the unit told by their size."""
    values = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    missing = missing | np.isnan(values)
    if missing.all():
        raise BadInput(f"{what} holds no time stamp: it is empty; choose another column with time=COLUMN.")
    present = values[~missing]
    middle = float(np.median(present))
    unit = next((one for one in _EPOCH_UNITS if one[2] <= middle <= one[3]), None)
    if unit is None:
        raise BadInput(
            f"{what} holds numbers around {middle:g}, which are no epoch in s, ms, us or ns; write stamps such as {ISO}, "
            "or choose ignore=COLUMN and row_seconds=SECONDS where the rows are evenly spaced."
        )
    name, factor, low, high = unit
    outside = np.flatnonzero(~missing & ~((values >= low) & (values <= high)))
    if len(outside):
        row = int(outside[0])
        raise BadInput(
            f"{what}: row {row + 1:,} holds {values[row]:.17g}, where most rows hold {name} since 1970; write all stamps in "
            "one unit."
        )
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False) * factor, missing
    whole = np.floor(np.where(missing, 0.0, values))
    fraction = np.where(missing, 0.0, values) - whole
    return whole.astype(np.int64) * factor + np.rint(fraction * factor).astype(np.int64), missing


def _text(column: pa.Array, zone: str, what: str, missing: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    text = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    for kind in (pa.timestamp("ns"), pa.timestamp("ns", "UTC")):  # plain ISO: Arrow's own parser is the fastest
        try:
            ns = text.cast(kind).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).copy()
        except pa.ArrowInvalid:
            continue
        return (ns if kind.tz else _zoned(ns, zone, what, ~missing)), ()
    return _by_forms(pc.utf8_trim_whitespace(text), zone, what, missing)


def _by_forms(text: pa.Array, zone: str, what: str, missing: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Every spelling that is known, each row by the first that fits it."""
    rows = len(text)
    ns, offset = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    read, zoned = missing.copy(), np.zeros(rows, bool)
    notes: list[str] = []
    for form in _FORMS:
        if read.all():
            break
        parts = pc.extract_regex(text, _FORMS[form])
        here = parts.is_valid().to_numpy(zero_copy_only=False) & ~read
        if not here.any():
            continue
        fields = _Fields(parts.filter(pa.array(here)))
        months, days, note = _month_and_day(fields, form, what, text, np.flatnonzero(here))
        notes += [note] if note else []
        stamps, fits = _instants(fields, form, months, days)
        where = np.flatnonzero(here)[fits]
        ns[where], offset[where] = stamps[fits], fields.offset()[fits]
        zoned[where], read[where] = fields.has_zone()[fits], True
    if not read.all():
        row = int(np.argmin(read))
        raise BadInput(
            f"{what}: row {row + 1:,} holds {text[row].as_py()[:40]!r}, which is no time stamp; expected is one such as "
            f"{ISO}: correct the cell, or leave it empty."
        )
    present = ~missing
    if zoned.any() and not zoned[present].all():
        with_zone, without = int(np.argmax(zoned)), int(np.argmax(present & ~zoned))
        raise BadInput(
            f"{what}: row {with_zone + 1:,} names a time zone ({text[with_zone].as_py()[:40]}) and row {without + 1:,} names "
            f"none ({text[without].as_py()[:40]}); give all stamps a zone, or none and choose timezone=ZONE."
        )
    if not zoned.any():
        return _zoned(ns, zone, what, present), tuple(notes)
    offsets = np.unique(offset[present])
    if len(offsets) > 1:
        listed = ", ".join(_offset_text(int(one)) for one in offsets[:4])
        notes.append(f"{what} names {len(offsets)} time zones ({listed}); each stamp was brought to UTC by its own.")
    return ns - offset, tuple(notes)


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


def _month_and_day(
    fields: _Fields, form: str, what: str, text: pa.Array, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, str]:
    """Which of the two fields is the month; "day first" and "month first" are told apart by a field above 12."""
    first, second = fields.number("first", 1), fields.number("second_field", 1)
    if form == "day of year":
        return np.ones_like(first), fields.number("day_of_year"), ""
    if form != "year last":
        return first, second, ""
    day_first, month_first = bool((first > 12).any()), bool((second > 12).any())
    dotted = bool(pc.all(pc.equal(fields.text("mark"), ".")).as_py())
    if day_first and month_first:
        a, b = int(rows[np.argmax(first > 12)]), int(rows[np.argmax(second > 12)])
        raise BadInput(
            f"{what}: row {a + 1:,} ({text[a].as_py()[:40]}) has the day first and row {b + 1:,} ({text[b].as_py()[:40]}) the "
            f"month; write all stamps as {ISO}."
        )
    if not (day_first or month_first or dotted):
        row = int(rows[0])
        raise BadInput(
            f"{what}: row {row + 1:,} holds {text[row].as_py()[:40]!r}, and no row tells whether the day or the month comes "
            f"first; write stamps such as {ISO}."
        )
    if month_first:
        return first, second, f"{what} was read with the month first, as some of its days are above 12."
    return second, first, f"{what} was read with the day first."


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


def _zoned(ns: np.ndarray, zone: str, what: str, present: np.ndarray) -> np.ndarray:
    """Wall-clock times of a zone as UTC."""
    if zone in ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu"):
        return ns
    local = pa.array(ns, mask=~present).cast(pa.timestamp("ns"))
    try:
        zoned = pc.assume_timezone(local, zone, ambiguous="raise", nonexistent="raise")
    except pa.ArrowInvalid:
        raise _strange_hour(local, zone, what) from None
    return zoned.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).copy()


def _strange_hour(local: pa.Array, zone: str, what: str) -> BadInput:
    def assumed(**options: str) -> np.ndarray:
        return pc.assume_timezone(local, zone, **options).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)

    early = assumed(ambiguous="earliest", nonexistent="earliest")
    late = assumed(ambiguous="latest", nonexistent="latest")
    row = int(np.argmax(early != late))
    shown = str(local[row].as_py())[:19]
    return BadInput(
        f"{what}: row {row + 1:,} holds {shown}, which in {zone} does not exist or occurs twice (the clocks are changed "
        "then); write stamps with their offset, such as 2024-10-27T02:30:00+02:00, or in UTC."
    )


def _offset_text(ns: int) -> str:
    minutes = ns // (60 * SECOND)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
