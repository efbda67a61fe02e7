"""The questions, an example of each, and what ran lately."""

from __future__ import annotations

import streamlit as st

from core.analysis import Analysis
from core.catalog import CATALOG
from core.examples import EXAMPLES, example_result
from core.store.runs import list_runs
from pages.parts.html import overline
from pages.parts.questions import page_of
from pages.parts.result_view import show_glance
from pages.parts.run_row import run_row
from pages.parts.workspace import this_store, this_workspace

LATELY = 5

store, workspace = this_store(), this_workspace()


def show_question(analysis: Analysis) -> None:
    """A question, what its result tells, the ways in, and beside them the example where it is finished."""
    page, example = page_of(analysis.slug), EXAMPLES.get(analysis.slug)
    finished = example_result(store, analysis)
    with st.container(key=f"question-{analysis.slug}"):
        words, picture = st.columns([2, 3], gap="large") if finished else (st.container(), None)
        with words, st.container(gap="small"):
            st.header(analysis.title, anchor=False)
            st.markdown(analysis.question)
            if example and example.gives:
                st.caption(example.gives)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(page, label="Ask this of your data", icon=":material/arrow_forward:")
                if example:
                    label = "Open the example" if finished else "Try the example"
                    st.page_link(page, label=label, icon=":material/play_arrow:", query_params={"example": "1"})
            if example and not finished:
                st.caption(f"The example: {example.words}")
        if finished and picture is not None:
            with picture:
                show_glance(finished, f"home.{analysis.slug}")


overline("Assay")
st.title("Measure a model or a data set, and share the link to what came out.", anchor=False)
for one in CATALOG:
    show_question(one)

runs = list_runs(store, workspace)
st.header("What ran lately", anchor=False)
if not runs:
    st.caption("Nothing yet. An example shows a real result within a minute; files of your own go into the library.")
for run in runs[:LATELY]:
    run_row(run)
if len(runs) > LATELY:
    st.page_link("runs.py", label="All runs", icon=":material/arrow_forward:")
