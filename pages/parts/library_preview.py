"""The first rows of a data set, its columns and its classes, from what the inspection kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.sources import lengths


def show_preview(details: Mapping[str, Any]) -> None:
    """Preview, columns and classes, as far as the file has them."""
    preview = details.get("preview")
    if preview and preview.get("rows"):
        st.header("First rows", anchor=False)
        frame = pd.DataFrame(preview["rows"], columns=preview["columns"])
        st.dataframe(frame, hide_index=True, alt="The first rows of the data set")
    if details.get("class_counts"):
        with st.expander("Classes"):
            counts = list(details["class_counts"].items())
            st.dataframe(pd.DataFrame(counts, columns=["class", "rows"]), hide_index=True, alt="Rows of each class")
    if details.get("columns"):
        with st.expander("Columns"):
            st.dataframe(pd.DataFrame(details["columns"]), hide_index=True, alt="Columns with missing values")
    if details.get("tensors"):
        with st.expander("Tensors"):
            tensors = [(tensor["name"], lengths(tensor["shape"]) or "one number") for tensor in details["tensors"]]
            st.dataframe(
                pd.DataFrame(tensors, columns=["tensor", "shape"]), hide_index=True, alt="Tensors of the model"
            )
