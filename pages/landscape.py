"""In which phase was this model trained, and what should be turned next?"""

from __future__ import annotations

from core.landscape.analysis import ANALYSIS
from pages.parts.question_page import question_page

question_page(ANALYSIS)
