"""Intrinsic dimension: how many parameters a task needs, and how many dimensions data have.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.intrinsic_dimension.compression.occam import occam_bound
    from core.intrinsic_dimension.curve import d_int90_from_curve
    from core.intrinsic_dimension.data_dimension.estimate import estimate_data_dimension
    from core.intrinsic_dimension.projections.block_fastfood import fastfood
    from core.intrinsic_dimension.projections.kinds import projection

_HOMES = {
    "fastfood": "projections.block_fastfood",
    "estimate_data_dimension": "data_dimension.estimate",
    "d_int90_from_curve": "curve",
    "occam_bound": "compression.occam",
    "projection": "projections.kinds",
}

__all__ = ["d_int90_from_curve", "estimate_data_dimension", "fastfood", "occam_bound", "projection"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
