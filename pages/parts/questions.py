"""Which question is which page."""

from __future__ import annotations

from core.analysis import Analysis
from core.catalog import CATALOG


def question_of(slug: str) -> Analysis | None:
    """The analysis of a slug, or None where this version has it no more."""
    return next((analysis for analysis in CATALOG if analysis.slug == slug), None)


def page_of(slug: str) -> str:
    """The page file of a question: `intrinsic-dimension` -> `intrinsic_dimension.py`."""
    return f"{slug.replace('-', '_')}.py"
