"""A fitted repair to take away: its parameters as JSON, and the lines that apply them."""

from __future__ import annotations

import streamlit as st

from core.store.results import StoredResult
from pages.parts.place import Place


def repair_box(stored: StoredResult, place: Place) -> None:
    """Chooses one of the fitted repairs and offers its file and its snippet.

    The table `repair_parameters` has one row a repair: `method`, `json`, `snippet`; the best one first.
    """
    table, element = stored.result.tables["repair_parameters"], place.element
    st.header("Take the repair with you", anchor=False)
    methods = table.method.tolist()
    method = st.selectbox("Repair", methods, key=f"{element}.repair", format_func=lambda name: name.replace("_", " "))
    row = table[table.method == method].iloc[0]
    st.download_button(
        "Download repair.json",
        row["json"],
        file_name="repair.json",
        mime="application/json",
        icon=":material/download:",
        key=f"{element}.repair.download",
    )
    st.caption("These lines apply it, with numpy and scipy alone, to logits (or log-probabilities) in logits.npy:")
    st.code(row.snippet, language="python", wrap_lines=True)
