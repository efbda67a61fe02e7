"""The unit that a column's header names, as in "Temperature [K]" or "temp (degC)"."""

from __future__ import annotations

import re

_BRACKETS = re.compile(r"\[([^\[\]]{1,24})\]\s*$")
_PARENTHESES = re.compile(r"\(([^()]{1,24})\)\s*$")
_SPELLINGS = {
    "degc": "°C",
    "deg c": "°C",
    "deg_c": "°C",
    "°c": "°C",
    "c": "°C",
    "celsius": "°C",
    "degree c": "°C",
    "degree celsius": "°C",
    "degrees celsius": "°C",
    "degf": "°F",
    "deg f": "°F",
    "fahrenheit": "°F",
    "kelvin": "K",
    "degk": "K",
    "volt": "V",
    "volts": "V",
    "ampere": "A",
    "amperes": "A",
    "amp": "A",
    "amps": "A",
    "watt": "W",
    "watts": "W",
    "percent": "%",
    "pct": "%",
    "deg": "°",
    "degree": "°",
    "degrees": "°",
    "seconds": "s",
    "sec": "s",
    "minutes": "min",
    "hours": "h",
}
_PREFIX = "(?:[TGMkhdcmuµμnp])?"
_SYMBOL = (
    rf"(?:{_PREFIX}(?:m|g|s|A|K|mol|cd|Hz|N|Pa|J|W|V|F|C|Ω|ohm|Ohm|S|Wb|T|H|lm|lx|Bq|Gy|Sv|rad|sr|eV|l|L|bar|Wh|Ah|t)"
    r"|°[CF]?|%|‰|ppm|ppb|min|h|hr|d|rpm|psi|atm|mbar|dB|dBm|arcsec|arcmin|au|inch|in|ft|counts?|DN|ADU|pH|u|1)"
)
_POWER = r"(?:\^?-?\d|[²³⁻¹]{1,2})?"
_UNIT = re.compile(rf"{_SYMBOL}{_POWER}(?:[ */·.]{_SYMBOL}{_POWER}){{0,4}}")


def unit_of(header: str) -> str:
    """The unit in the header of a column; "" where it names none.

    What stands in square brackets at the end is a unit; what stands in parentheses is one if it is spelt like one,
    so that "wheel (left)" has none.

    >>> unit_of("Temperature [K]"), unit_of("temp (degC)"), unit_of("flow (l/min)"), unit_of("wheel (left)")
    ('K', '°C', 'l/min', '')
    """
    bracketed = _BRACKETS.search(header)
    if bracketed:
        text = bracketed[1].strip()
        return "" if text in ("", "-", "1") else _SPELLINGS.get(text.lower(), text)
    inside = _PARENTHESES.search(header)
    if inside:
        text = inside[1].strip()
        if text.lower() in _SPELLINGS:
            return _SPELLINGS[text.lower()]
        if _UNIT.fullmatch(text) and text != "1":
            return text
    return ""
