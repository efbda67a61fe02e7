"""Telemetry: where it misbehaves, and which parameters explain it.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.telemetry.metrics.vus import vus
    from core.telemetry.synthetic.euclid_like import euclid_like

_HOMES = {
    "euclid_like": "synthetic.euclid_like",
    "vus": "metrics.vus",
}

__all__ = ["euclid_like", "vus"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
