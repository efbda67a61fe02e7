"""Small words of the runner's sentences."""

from __future__ import annotations


def in_bytes(count: int) -> str:
    """A number of bytes as people say it.

    >>> in_bytes(600 << 20), in_bytes(4 << 30)
    ('600 MiB', '4.0 GiB')
    """
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"


def name_of(label: str) -> str:
    """How a sentence names a step."""
    return f'The step "{label}"' if label else "A step of this run"
