"""Making a link that shows results to whoever has it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from core.errors import BadInput
from core.store.shares import create_share
from core.store.store import Store
from pages.parts.text import markdown

EXPIRY: dict[str, float | None] = {"7 days": 7, "30 days": 30, "1 year": 365, "Never": None}


def share_box(store: Store, workspace: str, runs: Sequence[str], label: str) -> None:
    """A button that opens the form for a new link; the link itself is shown once.

    Args:
        store: where the link is kept, as a hash.
        workspace: whose results they are.
        runs: one finished run, or several to be shown side by side.
        label: proposed name of the link.
    """
    key = "share." + ".".join(runs)
    with st.popover("Share", icon=":material/link:"):
        st.markdown(
            "Whoever has the link sees the answer, figures, annotations, parameters and provenance, and may download them. "
            "Your files stay with you. You can revoke the link at any time under *Runs*."
        )
        name = st.text_input("Name of the link", label[:200], max_chars=200, key=f"{key}.name")
        expiry = st.selectbox("Valid for", list(EXPIRY), index=1, key=f"{key}.expiry")
        if st.button("Create link", type="primary", key=f"{key}.create"):
            try:
                _, token = create_share(store, workspace, runs, name, EXPIRY[expiry])
            except BadInput as error:
                st.error(markdown(error))
                return
            st.code(share_address(token), language=None, wrap_lines=True)
            st.caption("Copy it now: only its fingerprint is kept, so it is not shown again.")


def share_address(token: str) -> str:
    """The full address of a shared result on this server."""
    here = urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}/shared?share={token}"
