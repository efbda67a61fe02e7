"""Can these probabilities be trusted, what repairs them, and how sure are the numbers that say so?"""

from __future__ import annotations

import streamlit as st

from core.calibration.analysis import ANALYSIS
from pages.parts.holdout_ledger import holdout_list, show_holdout, wanted
from pages.parts.question_page import question_page

if wanted():
    show_holdout()
else:
    question_page(ANALYSIS)
    if "run" not in st.query_params and st.session_state.get(f"{ANALYSIS.slug}.new.mode") == "holdout":
        holdout_list()
