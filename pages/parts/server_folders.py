"""Bringing in a file that lies in one of the server's own folders, where the administrator offers any."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput, NotFound
from core.server.limits import spend, upload_costs
from core.store.server_files import MOST_LISTED, bring_server_file, list_server_files
from core.store.store import Store
from pages.parts.asking import this_address
from pages.parts.text import markdown, number, shorten, size


def server_folders(store: Store, workspace: str) -> None:
    """A picker of files and a button that copies the chosen one into the library; nothing where no folder is offered."""
    if not store.settings.folders_offered:
        return
    with st.expander("From the server's folders"):
        files = {f"{one.folder}/{one.place}": one for one in list_server_files(store.settings)}
        if not files:
            st.caption("The folders that this server offers hold no file that can be read here.")
            return
        chosen = st.selectbox(
            "File",
            list(files),
            index=None,
            key="server.file",
            placeholder="Choose one; type to search",
            help="The file is copied into your library, as if you had uploaded it.",
            format_func=lambda name: f"{shorten(files[name].name)} ({size(files[name].bytes)})",
        )
        if len(files) == MOST_LISTED:
            st.caption(f"The first {number(MOST_LISTED)} files are listed.")
        if st.button("Bring it in", key="server.bring", disabled=chosen is None) and chosen is not None:
            _bring(store, workspace, files[chosen].folder, files[chosen].place)


def _bring(store: Store, workspace: str, folder: int, place: str) -> None:
    try:
        spend(store, *upload_costs(store, workspace, this_address()))
        with st.spinner("Copying and reading the file"):
            upload = bring_server_file(store, workspace, folder, place)
    except (BadInput, NotFound) as error:
        st.error(markdown(error))
        return
    st.switch_page("library.py", query_params={"upload": upload.id})
