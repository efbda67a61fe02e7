"""The questions with a finished example of each, more of them, and what ran lately."""

from __future__ import annotations

import streamlit as st

from core.gallery.cards import FURTHER, MAIN
from core.store.runs import list_runs
from pages.parts.gallery import ready, show_question_card, show_small_cards
from pages.parts.html import overline
from pages.parts.run_row import run_row
from pages.parts.workspace import this_store, this_workspace

LATELY = 5

store, workspace = this_store(), this_workspace()

overline("Assay")
st.title("Measure a model or a data set, and share the link to what came out.", anchor=False)
st.markdown(
    "Five questions, each with a finished answer to look at. Open one, change what you like and run it again, or ask the same of "
    "your own data."
)
with st.container(horizontal=True, vertical_alignment="center"):
    st.page_link("tour.py", label="Take the five-minute tour", icon=":material/explore:")
    st.page_link("help.py", label="Every parameter, format and limit", icon=":material/menu_book:")
for card in MAIN:
    show_question_card(store, card)

more = [card for card in FURTHER if card.home and ready(store, card)]
if more:
    st.header("More finished examples", anchor=False)
    show_small_cards(store, more)

runs = list_runs(store, workspace)
st.header("What ran lately", anchor=False)
if not runs:
    st.caption("Nothing yet. An example shows a real result at once; files of your own go into the library.")
for run in runs[:LATELY]:
    run_row(run)
if len(runs) > LATELY:
    st.page_link("runs.py", label="All runs", icon=":material/arrow_forward:")
