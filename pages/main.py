"""The entry of every page: settings, style, logo, navigation.

It lies inside `pages/`, so that no address can run another page file before this one has run.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.catalog import CATALOG
from core.store.accounts import is_administrator
from pages.parts.login import ask_for_login, sidebar_account
from pages.parts.questions import page_of
from pages.parts.workspace import this_account, this_store

SHARED = "shared"  # the one page that a link opens without a login
ASSETS = Path(__file__).resolve().parent.parent / "assets"
HOURLY = 3600.0

st.set_page_config(
    page_title="Assay",
    page_icon=str(ASSETS / "mark.svg"),
    layout="wide",
    menu_items={"About": "Assay: measure a model or a data set."},
)
st.html(ASSETS / "style.css")
# A tab whose wire was cut asks for its page again only if it knows of a run of the script or waits for a fragment: one that
# was cut between two runs would stay blank. So every page waits for one, which does nothing.
st.fragment(lambda: None, run_every=HOURLY)()
dark = st.context.theme.type == "dark"
st.logo(str(ASSETS / ("logo-dark.svg" if dark else "logo.svg")), size="large", icon_image=str(ASSETS / "mark.svg"))

store, account = this_store(), this_account()
outside = store.settings.login and account is None
own = [st.Page("account.py", title="Account")] if store.settings.login else []
if outside or is_administrator(store.settings, account):  # from outside too, so that a login may lead there
    own.append(st.Page("administration.py", title="Administration"))
page = st.navigation(
    {
        "": [st.Page("home.py", title="Home", default=True), st.Page("tour.py", title="Tour")],
        "Questions": [st.Page(page_of(analysis.slug), title=analysis.title) for analysis in CATALOG],
        "Workspace": [
            st.Page("library.py", title="Library"),
            st.Page("runs.py", title="Runs"),
            st.Page("compare.py", title="Compare"),
            st.Page("help.py", title="Help"),
            *own,
            st.Page("shared.py", title="Shared with you", visibility="hidden"),
        ],
    },
    position="hidden" if outside or "share" in st.query_params else "sidebar",
    expanded=True,
)
if outside and page.url_path != SHARED:
    ask_for_login()
    st.stop()
if account:
    sidebar_account(account)
page.run()
