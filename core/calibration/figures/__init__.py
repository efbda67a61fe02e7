"""Pictures of a calibration result: which ones follows from the tables that it has."""

from __future__ import annotations

from core.analysis import Figure, Result


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    return {}
