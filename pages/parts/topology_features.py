"""The features of a result of topology, to look at and to take along."""

from __future__ import annotations

import streamlit as st

from core.store.results import StoredResult
from pages.parts.html import link_row
from pages.parts.place import Place
from pages.parts.text import number, plural

SHOWN_ROWS, SHOWN_COLUMNS = 200, 15


def features_box(stored: StoredResult, place: Place) -> None:
    """The first features of the first items, and the downloads of all of them and of every setting."""
    table = stored.result.tables["features"]
    st.header("Features", anchor=False)
    head = table.iloc[:SHOWN_ROWS, :SHOWN_COLUMNS]
    st.dataframe(head, hide_index=True, alt="The first features of the first items")
    if head.shape != table.shape:
        st.caption(
            f"{plural(len(head), 'item')} and {plural(head.shape[1], 'column')} of {number(len(table))} and "
            f"{number(table.shape[1])}; the downloads have all."
        )
    files = place.files
    link_row(
        "All features",
        {
            "CSV": f"{files}/tables/features.csv",
            "Parquet": f"{files}/tables/features.parquet",
            "npz": f"{files}/arrays.npz",
        },
    )
    link_row("Settings and versions", {"JSON": f"{files}/tables/settings.json"})
