"""Can these probabilities be trusted, what repairs them, and how sure are the numbers that say so?"""

from __future__ import annotations

from core.calibration.analysis import ANALYSIS
from pages.parts.question_page import question_page

question_page(ANALYSIS)
