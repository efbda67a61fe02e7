"""How many parameters does this task need, and how many dimensions do these data have?"""

from __future__ import annotations

from core.intrinsic_dimension.analysis import ANALYSIS
from pages.parts.question_page import question_page

question_page(ANALYSIS)
