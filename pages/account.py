"""Who is logged in, how much of what they may they use, and the tokens with which their scripts come in."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput, NotFound
from core.store.accounts import log_out_everywhere
from core.store.allowances import usage_of
from core.store.script_tokens import ScriptToken, list_script_tokens, make_script_token, revoke_script_token
from pages.parts.clock import local
from pages.parts.html import definitions, name_line
from pages.parts.text import markdown, size
from pages.parts.usage import runs_used
from pages.parts.workspace import this_account, this_store, this_workspace

EXPIRY: dict[str, float | None] = {"30 days": 30, "90 days": 90, "1 year": 365, "Never": None}

store, workspace = this_store(), this_workspace()


def show_token(token: ScriptToken) -> None:
    """One token, and the way to end it."""
    until = "valid until revoked" if token.expires is None else f"valid until {local(token.expires)}"
    if token.expires is not None and token.expires <= store.clock():
        until = f"expired {local(token.expires)}"
    used = "never used" if token.last_used is None else f"last used {local(token.last_used)}"
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-{token.id}"
    ):
        name_line(token.label, f"{until} · {used} · made {local(token.created)}")
        if st.button("Revoke", key=f"revoke.{token.id}"):
            revoke_script_token(store, workspace, token.id)
            st.rerun()


def offer_token() -> None:
    """The form for a new token; the token itself is shown once."""
    with st.popover("New token", icon=":material/key:"):
        label = st.text_input("What it is for", "my script", max_chars=200, key="token.label")
        expiry = st.selectbox("Valid for", list(EXPIRY), index=1, key="token.expiry")
        if st.button("Create token", type="primary", key="token.create"):
            try:
                _, token = make_script_token(store, workspace, label, EXPIRY[expiry])
            except BadInput as error:
                st.error(markdown(error))
                return
            st.code(token, language=None, wrap_lines=True)
            st.caption("Copy it now: only its fingerprint is kept, so it is not shown again.")


st.title("Account", anchor=False)
account = this_account()
if account is None:  # no login is set up, so nobody has an account
    st.error(markdown(NotFound("Nobody logs in to this installation, so there are no accounts.")))
    st.stop()
used = usage_of(store, workspace)
definitions(
    "You",
    {
        "Logged in as": account.label,
        "Name": account.identity.name or "not given",
        "Account since": local(account.created),
        "Files": f"{size(used.bytes)} of {size(used.allowance.workspace_bytes)}",
        "Runs": runs_used(used),
    },
)
with st.container(horizontal=True):
    if st.button("Log out of this browser"):
        st.logout()
    if st.button("Log out of all browsers"):
        log_out_everywhere(store, account)
        st.logout()
st.header("Scripts", anchor=False)
st.markdown(
    "A token lets a script bring files and read runs in your workspace, without a browser. Treat it as a password."
)
address = store.settings.public_url.rstrip("/")
st.code(f"curl -T data.csv -H 'Authorization: Bearer TOKEN' {address}/api/uploads/", language="shell", wrap_lines=True)
offer_token()
for one in list_script_tokens(store, workspace):
    show_token(one)
