"""The upload field: the browser sends each file straight to `PUT /api/uploads/NAME` and shows how far it is."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SOURCE = Path(__file__).with_name("upload_field")
_field = st.components.v2.component(
    "assay_upload",
    html=(SOURCE / "field.html").read_text(),
    css=(SOURCE / "field.css").read_text(),
    js=(SOURCE / "field.js").read_text(),
)


def upload_field(key: str, label: str, most: str) -> None:
    """A labelled field for one or several files; the page runs again when one has arrived.

    Args:
        key: unique name on the page.
        label: what to bring.
        most: formats and the size limit in words.
    """
    words = {"label": label, "limit": most}
    _field(key=key, data=words, on_uploaded_change=lambda: None)
