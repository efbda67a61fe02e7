"""Sizes in bytes, as sentences name them."""

from __future__ import annotations

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def in_bytes(count: int) -> str:
    """A number of bytes to three significant digits or to the unit, in the largest unit that it fills.

    >>> in_bytes(512), in_bytes(600 << 20), in_bytes(1000 << 20), in_bytes(9 << 29)
    ('512 bytes', '600 MiB', '1000 MiB', '4.5 GiB')
    """
    power = min(max(count.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    value = count / 1024**power
    return f"{value:.3g} {UNITS[power]}" if value < 999.5 else f"{value:.0f} {UNITS[power]}"
