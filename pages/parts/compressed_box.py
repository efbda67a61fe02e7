"""A compressed network to take away: its file, and the lines that open it."""

from __future__ import annotations

import streamlit as st

from core.store.results import StoredResult
from pages.parts.place import Place


def compressed_box(stored: StoredResult, place: Place) -> None:
    """Chooses one of the compressed networks and offers its file and the lines that open it.

    The table `compressed_networks` has one row a file: `label`, `json`, `snippet`; the one with the lowest certificate
    first.
    """
    table, element = stored.result.tables["compressed_networks"], place.element
    st.header("Take the compressed network with you", anchor=False)
    label = st.selectbox("Network", table.label.tolist(), key=f"{element}.compressed")
    row = table[table.label == label].iloc[0]
    left, right = st.columns(2)
    with left:
        st.download_button(
            "Download network.json",
            row["json"],
            file_name="network.json",
            mime="application/json",
            icon=":material/download:",
            key=f"{element}.compressed.network",
        )
    with right:
        st.download_button(
            "Download open_network.py",
            row.snippet,
            file_name="open_network.py",
            mime="text/x-python",
            icon=":material/download:",
            key=f"{element}.compressed.lines",
        )
    st.caption(
        "The file holds a seed, the rounded coordinates and how features are scaled. With numpy and torch alone, "
        "open_network.py draws the start and the subspace anew from the seed and predicts from raw features:"
    )
    st.code(
        "from open_network import Network\n\n"
        'network = Network("network.json")\n'
        "classes = network.predict(X).argmax(1)  # a chain of linear layers\n"
        "module.load_state_dict(network.parameters)  # any other network: then module(network.scaled(X))",
        language="python",
        wrap_lines=True,
    )
    with st.expander("open_network.py"):
        st.code(row.snippet, language="python", wrap_lines=True)
