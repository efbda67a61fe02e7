"""The store that this server works on, and whose workspace a page shows."""

from __future__ import annotations

from functools import cache

import streamlit as st

from core.server.cookies import COOKIE
from core.store.store import Store, open_store
from core.store.workspaces import read_cookie


@cache
def this_store() -> Store:
    """The store of this process, opened once."""
    return open_store()


def cookie_text() -> str | None:
    """The workspace cookie as the browser sent it."""
    return st.context.cookies.get(COOKIE)


def this_workspace() -> str:
    """The workspace of the visitor; the page ends here, with a sentence, where there is none."""
    workspace = read_cookie(this_store(), cookie_text())
    if workspace is None:
        st.warning(
            "This browser keeps no cookie for Assay, so there is no workspace to show. "
            "Allow cookies for this address and load the page again."
        )
        st.stop()
    return workspace
