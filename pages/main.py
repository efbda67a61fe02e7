"""The entry of every page: settings, style, logo, navigation.

It lies inside `pages/`, so that no address can run another page file before this one has run.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.catalog import CATALOG
from pages.parts.questions import page_of

ASSETS = Path(__file__).resolve().parent.parent / "assets"

st.set_page_config(
    page_title="Assay",
    page_icon=str(ASSETS / "mark.svg"),
    layout="wide",
    menu_items={"About": "Assay: measure a model or a data set."},
)
st.html(ASSETS / "style.css")
dark = st.context.theme.type == "dark"
st.logo(str(ASSETS / ("logo-dark.svg" if dark else "logo.svg")), size="large", icon_image=str(ASSETS / "mark.svg"))

page = st.navigation(
    {
        "": [st.Page("home.py", title="Home", default=True), st.Page("tour.py", title="Tour")],
        "Questions": [st.Page(page_of(analysis.slug), title=analysis.title) for analysis in CATALOG],
        "Workspace": [
            st.Page("library.py", title="Library"),
            st.Page("runs.py", title="Runs"),
            st.Page("compare.py", title="Compare"),
            st.Page("help.py", title="Help"),
            st.Page("shared.py", title="Shared with you", visibility="hidden"),
        ],
    },
    position="hidden" if "share" in st.query_params else "sidebar",
    expanded=True,
)
page.run()
