"""What a page shows when it failed in a way that nobody expected."""

from __future__ import annotations

import streamlit as st

from core.server.failures import sentence_for


def show_unexpected(error: Exception) -> bool:
    """One sentence with an id instead of a traceback; True: nothing else needs to be shown."""
    st.error(sentence_for(error))
    return True
