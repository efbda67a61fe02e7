"""Where does this telemetry misbehave, and what explains it?"""

from __future__ import annotations

from core.telemetry.analysis import ANALYSIS
from pages.parts.question_page import question_page

question_page(ANALYSIS)
