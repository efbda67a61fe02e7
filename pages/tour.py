"""Five minutes through the workbench: six steps, each a few words beside the thing itself."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.gallery.cards import MAIN, Card, captions
from core.store.runs import Run, list_runs
from core.store.shares import list_shares
from core.store.store import Store
from core.store.uploads import list_uploads
from pages.parts.gallery import ready, show_picture
from pages.parts.html import link_row, overline, step_heading
from pages.parts.questions import page_of
from pages.parts.workspace import this_store, this_workspace

CARD = next(card for card in MAIN if card.slug == "calibration")
FILE = "classifier.npz"  # among the examples that come with the project


@dataclass(frozen=True)
class Trail:
    """How far a workspace has come, read off what it holds.

    Attributes:
        example: the run of the finished example.
        changed: the latest run of the question with something else.
        shared: whether there is a link.
        brought: whether there is a file.
    """

    example: Run | None
    changed: Run | None
    shared: bool
    brought: bool


def trail(store: Store, workspace: str, card: Card) -> Trail:
    """What a workspace has done of the tour."""
    runs = list_runs(store, workspace, card.slug)
    return Trail(
        next((run for run in runs if run.key == card.key), None),
        next((run for run in runs if run.key != card.key), None),
        bool(list_shares(store, workspace)),
        bool(list_uploads(store, workspace)),
    )


def show(store: Store, workspace: str) -> None:
    """The six steps."""
    at = trail(store, workspace, CARD)
    page = page_of(CARD.slug)
    own = at.changed or at.example
    overline("Tour")
    st.title("Five minutes, six steps", anchor=False)
    st.markdown(
        "Each step leads to the thing itself; come back here by the back button or the menu. What you have done is ticked, in any order."
    )

    with st.container(key="step-1"):
        step_heading(1, "Open a finished answer", at.example is not None)
        st.markdown(
            "A classifier says how sure it is. Can that be believed? The answer comes first, then its numbers with their intervals, the "
            "figure, and at the end how it was made."
        )
        st.page_link(page, label="Open the result", icon=":material/play_arrow:", query_params={"example": CARD.name})

    with st.container(key="step-2"):
        step_heading(2, "Change one thing and run it", at.changed is not None)
        st.markdown(
            "The form is filled in like that example. Set *Bins of the diagram* to 30, look at what it will cost, and press **Run** or "
            "Ctrl+Enter. A question that somebody has asked before is answered at once."
        )
        st.page_link(page, label="Open the form", icon=":material/tune:", query_params={"like": CARD.name})

    with st.container(key="step-3"):
        step_heading(3, "Watch it, or leave", at.changed is not None and at.changed.state == "done")
        st.markdown(
            "A run shows how far it is and when it will be done. It goes on when you reload, close the window or pull the plug: what is "
            "finished is kept. Cancelling frees the machine within two seconds."
        )
        st.page_link("runs.py", label="See all runs", icon=":material/list:")

    with st.container(key="step-4"):
        step_heading(4, "Read the figure", False)
        caption = captions().get(CARD.place)
        if caption is not None and ready(store, CARD):
            words, image = st.columns([2, 3], gap="large")
            with image:
                show_picture(CARD)
        else:
            words = st.container()
        with words:
            if caption is not None:
                st.markdown(f"Above each figure stands how to read it. Of this one: *{caption.reading}*")
            st.markdown(
                "Point at it for values, drag to zoom, double-click to come back; the camera saves it as SVG or PNG."
            )
            query = {"run": own.id} if own else {"example": CARD.name}
            st.page_link(page, label="Go to the figure", icon=":material/show_chart:", query_params=query)

    with st.container(key="step-5"):
        step_heading(5, "Send it to somebody", at.shared)
        st.markdown(
            "**Share** on a result makes a link that shows exactly this result and nothing else of yours, without an account. It may "
            "end by itself, and under *Runs* you can take it back."
        )
        query = {"run": own.id} if own else {"example": CARD.name}
        st.page_link(page, label="Go to the result and share it", icon=":material/share:", query_params=query)

    with st.container(key="step-6"):
        step_heading(6, "Bring a file of your own", at.brought)
        st.markdown(
            "None at hand? Take this one: the logits of a classifier for 300 rows, with the right answers. Drop it into the library, and "
            "choose *Ask: calibration* beside it."
        )
        link_row("Example files", {FILE: f"/assets/examples/{FILE}", "telemetry.csv": "/assets/examples/telemetry.csv"})
        with st.container(horizontal=True):
            st.page_link("library.py", label="Open the library", icon=":material/upload_file:")
            st.page_link(
                "help.py", label="What can be brought", icon=":material/menu_book:", query_params={"about": "formats"}
            )

    st.header("And then", anchor=False)
    st.markdown(
        "Put two results [side by side](compare), take one with you as a single HTML page that can be checked, or ask the same from "
        "Python and the command line: below every result stand the lines that repeat it."
    )
    with st.container(horizontal=True):
        st.page_link("home.py", label="More finished examples", icon=":material/arrow_forward:")
        st.page_link("help.py", label="Every parameter", icon=":material/menu_book:")


show(this_store(), this_workspace())
