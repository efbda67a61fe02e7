"""Numbers, times and sizes as people read them, and text from people as text."""

from __future__ import annotations

import html
import math
import re
from datetime import UTC, datetime, tzinfo

SPACE = "\u00a0"  # no-break space: joins a number to its unit
MISSING = "–"


def escape(text: object) -> str:
    """Text from a person or a file, safe inside HTML."""
    return html.escape(str(text))


def markdown(text: object) -> str:
    """Text from a person or a file, safe inside Markdown: shown as it was typed."""
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))
    return escaped.replace(":", ":\u2060")  # a word joiner, or `:name:` becomes a pictogram


def shorten(text: str, length: int = 80) -> str:
    """A long name cut in the middle, so that its ending still shows."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[-(length - 1 - head) :]}"


def number(value: object, digits: int = 4) -> str:
    """A number with grouped thousands and at most four significant digits; other values as they are.

    >>> number(199210), number(0.123456), number(None)
    ('199,210', '0.1235', '–')
    """
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (math.isfinite(value) and value == round(value) and abs(value) < 1e15):
        return _signed(f"{int(value):,}")
    if not math.isfinite(value):
        return "∞" if value > 0 else ("−∞" if value < 0 else MISSING)
    if abs(value) >= 10**digits:
        return _signed(f"{value:,.0f}")
    if abs(value) < 1e-4:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return _signed(f"{mantissa}{SPACE}×{SPACE}10^{int(power)}")
    return _signed(f"{value:.{digits}g}")


def with_unit(value: object, unit: str) -> str:
    """A value and its unit, held together."""
    return f"{number(value)}{SPACE}{unit}" if unit and value is not None else number(value)


def interval(low: float | None, high: float | None) -> str:
    """An interval with both ends, one of which may be open."""
    if low is None and high is None:
        return ""
    return f"{number(low) if low is not None else '−∞'} to {number(high) if high is not None else '∞'}"


def bounded(value: object, low: float | None, high: float | None, unit: str = "") -> tuple[str, str]:
    """A value with its unit, and its interval; where there is no value but one bound, the bound stands for it.

    >>> bounded(112, 104, 120), bounded(None, 256, None), bounded(None, None, None)
    (('112', '104 to 120'), ('> 256', ''), ('–', ''))
    """
    if value is None and (low is None) != (high is None):
        sign, bound = (">", low) if low is not None else ("<", high)
        return f"{sign}{SPACE}{with_unit(bound, unit)}", ""
    return with_unit(value, unit), interval(low, high)


def size(count: float) -> str:
    """A number of bytes.

    >>> size(512), size(1536), size(3 << 20)
    ('512 B', '1.5 KiB', '3.0 MiB')
    """
    if count < 1024:
        return f"{count:.0f}{SPACE}B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024:
            return f"{_short(count)}{SPACE}{unit}"
    return f"{_short(count / 1024)}{SPACE}TiB"


def _short(count: float) -> str:
    return f"{count:.1f}" if count < 100 else f"{count:.0f}"


def duration(seconds: float) -> str:
    """A span of time in the two units that matter.

    >>> duration(0.4), duration(75), duration(7260)
    ('less than a second', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 1:
        return "less than a second"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{SPACE}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}{SPACE}min" + (f" {rest}{SPACE}s" if rest and minutes < 10 else "")
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}{SPACE}h" + (f" {minutes}{SPACE}min" if minutes else "")
    return f"{hours // 24}{SPACE}days"


def moment(seconds: float, zone: tzinfo = UTC) -> str:
    """A point in time, to the minute."""
    return datetime.fromtimestamp(seconds, zone).strftime("%Y-%m-%d %H:%M")


def plural(count: int, one: str, many: str = "") -> str:
    """`1 row`, `2 rows`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def _signed(text: str) -> str:
    return text.replace("-", "−")
