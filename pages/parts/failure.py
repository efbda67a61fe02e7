"""What a page shows when it failed in a way that nobody expected, or when disk or database are away for a while."""

from __future__ import annotations

import time

import streamlit as st

from core.server.failures import AGAIN, sentence_for
from core.store.faults import fault_of
from pages.parts.text import markdown

_SHOWN = "failure.shown"  # when this page said so last


def show_unexpected(error: Exception) -> bool:
    """One sentence instead of a traceback; True: nothing else needs to be shown.

    What was not expected has an id that the log has too. What passes by itself has none, and the page tries again.
    """
    st.error(markdown(sentence_for(error)))
    if fault_of(error) is not None:
        st.session_state[_SHOWN] = time.monotonic()
        st.fragment(_try_again, run_every=AGAIN)()
    return True


def _try_again() -> None:
    if time.monotonic() - st.session_state.get(_SHOWN, 0.0) > AGAIN / 2:  # not while the sentence is being shown
        st.rerun()
