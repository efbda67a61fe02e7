"""What a visitor sees before a login, and the way out after one."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from core.server.login import NOTE, NOTES, login_address
from core.store.accounts import Account
from pages.parts.html import overline
from pages.parts.text import escape


def ask_for_login() -> None:
    """A sentence and the link to the provider, from where the visitor comes back to this very page."""
    overline("Assay")
    st.title("Log in to measure a model or a data set.", anchor=False)
    st.markdown(
        "Your files, runs and links belong to your account, and nobody else sees them. "
        "Links that others have shared with you open without a login."
    )
    note = NOTES.get(st.query_params.get(NOTE, ""))
    if note:
        st.warning(note)
    here = urlsplit(st.context.url or "").path
    address = login_address(here, st.query_params.to_dict())
    st.html(f'<p><a class="assay-button" href="{escape(address)}">Log in</a></p>')


def sidebar_account(account: Account) -> None:
    """Who is logged in, and the way out."""
    with st.sidebar:
        st.html(f'<p class="assay-facts">Logged in as {escape(account.label)}</p>')
        if st.button("Log out", type="tertiary", icon=":material/logout:", key="log-out"):
            st.logout()
