"""Two or more results side by side; the address names them."""

from __future__ import annotations

import streamlit as st

from core.store.runs import list_runs
from pages.parts.comparison import show_comparison
from pages.parts.place import Place
from pages.parts.run_row import run_facts
from pages.parts.share_box import share_box
from pages.parts.text import markdown, shorten
from pages.parts.workspace import this_store, this_workspace

MOST = 12  # rows of three that can still be read

store, workspace = this_store(), this_workspace()
st.title("Compare", anchor=False)
done = {run.id: run for run in list_runs(store, workspace) if run.state == "done"}


def remember() -> None:
    """Puts the choice into the address."""
    st.query_params["runs"] = ",".join(st.session_state["compared"])


named = [run for run in st.query_params.get("runs", "").split(",") if run in done][:MOST]
if len(done) < 2:
    st.markdown("Two finished results are needed. Ask a question twice, with another data set or another setting.")
    st.page_link("home.py", label="The questions", icon=":material/arrow_forward:")
    st.stop()
chosen = st.multiselect(
    "Results",
    list(done),
    default=named,
    max_selections=MOST,
    key="compared",
    on_change=remember,
    placeholder="Choose two or more results",
    format_func=lambda run: f"{shorten(done[run].title, 60)} ({run_facts(done[run])})",
)
if len(chosen) < 2:
    st.caption("Choose at least two results; they may be of one question or of several.")
    for run in (run for run in done if chosen and run not in chosen and done[run].slug == done[chosen[0]].slug):
        st.page_link(
            "compare.py",
            label=f"with {markdown(shorten(done[run].title, 60))} ({markdown(run_facts(done[run]))})",
            icon=":material/compare:",
            query_params={"runs": f"{chosen[0]},{run}"},
        )
    st.stop()
titles = [done[run].title for run in chosen]
share_box(store, workspace, chosen, " and ".join(shorten(title, 60) for title in titles))
show_comparison([(done[run].title, done[run].key, Place(f"/api/results/{run}", f"run.{run}")) for run in chosen])
