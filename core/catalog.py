"""The questions that can be asked."""

from __future__ import annotations

from core.analysis import Analysis
from core.calibration.analysis import ANALYSIS as CALIBRATION
from core.errors import BadInput
from core.intrinsic_dimension.analysis import ANALYSIS as INTRINSIC_DIMENSION
from core.landscape.analysis import ANALYSIS as LANDSCAPE
from core.telemetry.analysis import ANALYSIS as TELEMETRY
from core.topology.analysis import ANALYSIS as TOPOLOGY

CATALOG: tuple[Analysis, ...] = (INTRINSIC_DIMENSION, LANDSCAPE, TOPOLOGY, TELEMETRY, CALIBRATION)


def analysis_by_slug(slug: str) -> Analysis:
    """The analysis of a slug.

    Raises:
        BadInput: there is none; the sentence lists the slugs.
    """
    for analysis in CATALOG:
        if analysis.slug == slug:
            return analysis
    raise BadInput(f"There is no analysis {slug!r}; there is {', '.join(analysis.slug for analysis in CATALOG)}.")
