"""The check of the gradient: what a run of mode `optimise` found, and a button for a check of its own."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput, NotFound
from core.parameters import parse_params
from core.store.results import StoredResult
from core.store.runs import get_run
from core.store.sources import from_row
from pages.parts.asking import ask
from pages.parts.html import link_row
from pages.parts.place import OwnRun, Place
from pages.parts.questions import question_of
from pages.parts.text import markdown, number, plural
from pages.parts.workspace import this_store

COORDINATES = 50  # that the button's run compares


def gradient_box(stored: StoredResult, place: Place) -> None:
    """Derivatives beside central differences; the owner of the run may ask for more of them, which is a run of its own."""
    table = stored.result.tables["gradient_check"]
    st.header("The gradient, checked", anchor=False)
    if len(table):
        worst = number(float(table.relative_error.max()))
        st.text(
            f"{plural(len(table), 'derivative')} compared with central differences of the loss: the largest difference is {worst} "
            "of the largest derivative."
        )
        with st.expander(f"Table: gradient check ({plural(len(table), 'row')})"):
            st.dataframe(table, hide_index=True, alt="Derivatives beside central differences")
            address = f"{place.files}/tables/gradient_check"
            link_row("Download", {"CSV": f"{address}.csv", "Parquet": f"{address}.parquet"})
    else:
        st.text("This run did not compare its derivatives with differences.")
    if isinstance(place.held, OwnRun) and len(table) < COORDINATES:
        _offer_check(stored, place.held, place.element)


def _offer_check(stored: StoredResult, held: OwnRun, element: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button("Check the gradient", key=f"{element}.gradient", icon=":material/fact_check:")
        st.caption(
            f"{COORDINATES} derivatives at the start against central differences: a run of its own that moves nothing; some seconds."
        )
    if pressed:
        try:
            run_id = ask_check(stored, held)
        except (BadInput, NotFound) as error:
            st.error(markdown(error))
            return
        st.query_params.from_dict({"run": run_id})
        st.rerun()


def ask_check(stored: StoredResult, held: OwnRun) -> str:
    """Submits the question of a run again with no iterations and more coordinates; the id of the new run.

    Raises:
        BadInput: it can't be submitted.
        NotFound: its input was deleted.
    """
    store, analysis = this_store(), question_of(stored.slug)
    if analysis is None:
        raise NotFound()
    run = get_run(store, held.workspace, held.run)
    changed = {**stored.params, "iterations": 0, "starts": 1, "check_gradient": COORDINATES}
    params = parse_params(analysis.params, changed)
    return ask(store, held.workspace, analysis, params, from_row(run.inputs), f"{run.title}: gradient check").id
