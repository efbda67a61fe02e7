"""Telemetry: where it misbehaves, and which parameters explain it.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.telemetry.metrics.vus import vus
    from core.telemetry.synthetic.euclid_like import euclid_like

_HOMES = {
    "euclid_like": "synthetic.euclid_like",
    "vus": "metrics.vus",
}

__all__ = ["euclid_like", "vus"]

__getattr__, __dir__ = lazily(__name__, _HOMES)
