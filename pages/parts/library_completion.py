"""Giving a file what it lacks: an architecture to bare weights, labels to images."""

from __future__ import annotations

import json

import streamlit as st

from core.errors import BadInput
from core.store.store import Store
from core.store.uploads import Upload, attach_architecture, attach_labels, list_uploads
from pages.parts.text import markdown, shorten

CONFIGURATIONS = (
    '{"architecture": "mlp", "inputs": 64, "hidden": [32], "classes": 10}',
    '{"architecture": "lenet5", "channels": 1, "height": 28, "width": 28, "classes": 10}',
    '{"architecture": "cnn", "channels": 1, "width": 8, "classes": 10}',
    '{"architecture": "resnet", "channels": 3, "depth": 20, "width": 16, "classes": 10}',
)
EXAMPLE = CONFIGURATIONS[0]


def complete_weights(store: Store, workspace: str, upload: Upload) -> None:
    """The form that makes a model of weights and a built-in architecture."""
    st.header("Which network are these weights of?", anchor=False)
    st.markdown("The file holds weights alone; say which built-in architecture they belong to, for example")
    st.code("\n".join(CONFIGURATIONS), language="json", wrap_lines=True)
    text = st.text_area(
        "Configuration (JSON)",
        key=f"config.{upload.id}",
        placeholder=EXAMPLE,
        help="The name of a built-in architecture and its sizes; the tensors of the file must fit exactly.",
    )
    if st.button("Attach", type="primary", key=f"attach.{upload.id}"):
        try:
            config = json.loads(text)
            if not isinstance(config, dict):
                raise BadInput(f"The configuration is {text[:40]!r}; a JSON object is expected, such as {EXAMPLE}.")
            model = attach_architecture(store, workspace, upload.id, config)
        except json.JSONDecodeError as error:
            st.error(f"The configuration is not JSON (line {error.lineno}, {error.msg}); it looks like {EXAMPLE}.")
        except BadInput as error:
            st.error(markdown(error))
        else:
            st.switch_page("library.py", query_params={"upload": model.id})


def complete_labels(store: Store, workspace: str, upload: Upload) -> None:
    """The form that makes one data set of idx images and idx labels."""
    wanted = "dataset" if upload.kind == "labels" else "labels"
    others = {one.id: one for one in list_uploads(store, workspace, wanted) if one.details.get("format") == "idx"}
    noun = "images" if wanted == "dataset" else "labels"
    if not others:
        st.caption(
            f"These are idx {'labels' if noun == 'images' else 'images'}; upload the file of {noun} to pair them."
        )
        return
    other = st.selectbox(
        f"Pair with {noun}", list(others), format_func=lambda one: shorten(others[one].name), key=f"pair.{upload.id}"
    )
    if st.button("Pair", type="primary", key=f"pair.{upload.id}.go"):
        images, labels = (other, upload.id) if wanted == "dataset" else (upload.id, other)
        try:
            dataset = attach_labels(store, workspace, str(images), str(labels))
        except BadInput as error:
            st.error(markdown(error))
        else:
            st.switch_page("library.py", query_params={"upload": dataset.id})
