"""The questions, an example of each, and what ran lately."""

from __future__ import annotations

import streamlit as st

from core.catalog import CATALOG
from core.store.runs import list_runs
from pages.parts.examples import EXAMPLES
from pages.parts.html import overline
from pages.parts.questions import page_of
from pages.parts.run_row import run_row
from pages.parts.workspace import this_store, this_workspace

LATELY = 5

store, workspace = this_store(), this_workspace()
overline("Assay")
st.title("Measure a model or a data set, and share the link to what came out.", anchor=False)

for analysis in CATALOG:
    page = page_of(analysis.slug)
    with st.container(key=f"question-{analysis.slug}", gap="xsmall"):
        st.header(analysis.title, anchor=False)
        st.markdown(analysis.question)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(page, label="Ask this of your data", icon=":material/arrow_forward:")
            if analysis.slug in EXAMPLES:
                st.page_link(page, label="Try the example", icon=":material/play_arrow:", query_params={"example": "1"})
        if analysis.slug in EXAMPLES:
            st.caption(EXAMPLES[analysis.slug].words)

runs = list_runs(store, workspace)
st.header("What ran lately", anchor=False)
if not runs:
    st.caption("Nothing yet. An example shows a real result within a minute.")
for run in runs[:LATELY]:
    run_row(run)
if len(runs) > LATELY:
    st.page_link("runs.py", label="All runs", icon=":material/arrow_forward:")
