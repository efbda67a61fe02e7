"""What a collaborator sees behind a link: the results, and nothing else of the workspace that they came from."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound, TooOften
from core.server.limits import opening_a_link
from core.store.shares import OpenedShare, open_share
from pages.parts.asking import this_address
from pages.parts.clock import local
from pages.parts.comparison import show_comparison
from pages.parts.html import overline, question
from pages.parts.place import Place, SharedResult
from pages.parts.questions import question_of
from pages.parts.result_view import show_result
from pages.parts.stored import stored_result
from pages.parts.text import markdown
from pages.parts.workspace import this_store


def show(opened: OpenedShare, token: str) -> None:
    """One result in full, or several side by side."""
    until = f", valid until {local(opened.expires)}" if opened.expires is not None else ""
    if len(opened.results) > 1:
        overline(f"Shared comparison{until}")
        st.title("Side by side", anchor=False)
        places = [Place(f"/api/shared/{token}/{i + 1}", f"shared.{i}") for i in range(len(opened.results))]
        show_comparison([(title, key, place) for (title, key), place in zip(opened.results, places, strict=True)])
        return
    _, key = opened.results[0]
    analysis = question_of(stored_result(key).slug)
    overline(f"{analysis.title if analysis else 'Result'}: shared with you{until}")
    question(analysis.question if analysis else "A shared result")
    show_result(key, Place(f"/api/shared/{token}/1", "shared", held=SharedResult(token, 1)))


token = st.query_params.get("share", "")
try:
    with opening_a_link(this_store(), this_address()):
        opened = open_share(this_store(), token)
    show(opened, token)
except (NotFound, TooOften) as error:
    st.title("Nothing here", anchor=False)
    st.error(markdown(error))
st.page_link("home.py", label="Measure something yourself", icon=":material/arrow_forward:")
