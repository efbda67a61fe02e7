"""Intrinsic dimension: how many parameters a task needs, and how many dimensions data have.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

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

__getattr__, __dir__ = lazily(__name__, _HOMES)
