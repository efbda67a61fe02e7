"""The store that this server works on, who looks at a page, and whose workspace it shows."""

from __future__ import annotations

from functools import cache

import streamlit as st

from core.server.cookies import COOKIE, LOGIN_COOKIE, account_in
from core.store.accounts import Account
from core.store.pulse import Pulse
from core.store.store import Store, open_store
from core.store.workspaces import read_cookie
from pages.parts.login import ask_for_login


@cache
def this_store() -> Store:
    """The store of this process, opened once."""
    return open_store()


@cache
def this_pulse() -> Pulse:
    """What is live in that store."""
    return Pulse(this_store())


def cookie_text() -> str | None:
    """The workspace cookie as the browser sent it."""
    return st.context.cookies.get(COOKIE)


def login_text() -> str | None:
    """The cookie of a login as the browser sent it."""
    return st.context.cookies.get(LOGIN_COOKIE)


def this_account() -> Account | None:
    """Who is logged in, asked anew each time: a login may have ended in another tab. None where there is no login."""
    return account_in(this_store(), {LOGIN_COOKIE: login_text() or ""})


def this_workspace() -> str:
    """The workspace of the visitor; the page ends here, with what to do, where there is none."""
    store = this_store()
    if store.settings.login:
        account = this_account()
        if account is None:
            ask_for_login()
            st.stop()
        return account.workspace
    workspace = read_cookie(store, cookie_text())
    if workspace is None:
        st.warning(
            "This browser keeps no cookie for Assay, so there is no workspace to show. "
            "Allow cookies for this address and load the page again."
        )
        st.stop()
    return workspace
