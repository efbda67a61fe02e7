"""Every parameter, format, limit and setting: the pages that `python -m core docs` writes, shown here."""

from __future__ import annotations

import re

import streamlit as st

from core.catalog import CATALOG
from core.docs.pages import FORMATS, SETTINGS, page_names, page_text
from pages.parts.html import overline
from pages.parts.questions import page_of

TITLES = {
    **{analysis.slug: analysis.title for analysis in CATALOG},
    FORMATS: "What can be brought",
    SETTINGS: "Settings",
}


def address(name: str) -> str:
    """Where a page of the documentation is in the workbench."""
    return f"help?about={name}"


def show_contents() -> None:
    """The pages that there are."""
    overline("Help")
    st.title("Every parameter, format and limit", anchor=False)
    st.markdown(
        "What follows is made out of the very declarations that forms, command line and checks read. "
        "The same stands in the folder `docs` of the project."
    )
    for name in page_names():
        st.page_link("help.py", label=TITLES[name], icon=":material/menu_book:", query_params={"about": name})
    st.page_link("tour.py", label="Take the five-minute tour", icon=":material/explore:")


def show_text(text: str) -> None:
    """Markdown whose blocks of code wrap, and have the page's own colours, which can be read."""
    for place, part in enumerate(re.split(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)):
        if place % 2:
            st.code(part.rstrip(), language=None, wrap_lines=True)
        elif part.strip():
            st.markdown(part)


def show_page(name: str, text: str) -> None:
    """One of them; of a question each mode can be opened by itself."""
    st.page_link("help.py", label="All of the help", icon=":material/arrow_back:")
    if name not in {analysis.slug for analysis in CATALOG}:
        show_text(text)
        return
    first, *modes, references = text.split("\n## ")
    show_text(first)
    st.page_link(page_of(name), label="Ask it", icon=":material/arrow_forward:")
    for part in modes:
        heading, _, body = part.partition("\n")
        mode = heading.removeprefix("Mode ").strip("`")
        with st.expander(heading, expanded=st.query_params.get("mode") == mode):
            show_text(re.sub("^###", "##", body, flags=re.MULTILINE))  # the expander's own line is no heading
    show_text(f"## {references}")


wanted = st.query_params.get("about", "")
text = page_text(wanted, address)
if text is None:
    show_contents()
else:
    show_page(wanted, text)
