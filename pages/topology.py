"""Which multi-scale shape does this data have?"""

from __future__ import annotations

from core.topology.analysis import ANALYSIS
from pages.parts.question_page import question_page

question_page(ANALYSIS)
