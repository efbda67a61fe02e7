"""Choosing what goes into a slot: the workspace's own files first, then what comes with the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.analysis import Input, Source
from core.sources import builtin_sources
from core.store.store import Store
from core.store.uploads import list_uploads, upload_source
from pages.parts.sources import facts, title

TABLES = ("csv", "parquet")
SHAPES = (*TABLES, "npz", "npy")
WEIGHTS = ("safetensors", "torch", "pt2")


def options_for(store: Store, workspace: str, slot: Input) -> dict[str, Source]:
    """What may fill a slot: upload id or `builtin:NAME` -> source."""
    brought = list_uploads(store, workspace, slot.kind)
    if slot.kind in ("table", "telemetry"):  # a data set in a table file, read as it stands
        brought += [one for one in list_uploads(store, workspace, "dataset") if one.details.get("format") in TABLES]
    if slot.kind == "shapes":  # points, series and images may also be samples of a data set
        brought += [one for one in list_uploads(store, workspace, "dataset") if one.details.get("format") in SHAPES]
    if slot.kind == "checkpoints":  # a model with its weights is a checkpoint
        brought += [one for one in list_uploads(store, workspace, "model") if one.details.get("format") in WEIGHTS]
        brought += [one for one in list_uploads(store, workspace, "zoo") if one.details.get("checkpoints")]
    uploads = {upload.id: replace(upload_source(upload), kind=slot.kind) for upload in brought}
    return uploads | {source.location: source for source in builtin_sources(slot.kind)}


def pick(slot: Input, options: Mapping[str, Source], chosen: str | None, key: str) -> Source | None:
    """The picker of one slot.

    Args:
        slot: what is asked for.
        options: see `options_for`.
        chosen: the option that is selected at first; None: the first, or nothing where the slot may stay empty.
        key: unique name on the page.
    """
    names = list(options)
    start = (
        names.index(chosen) if chosen is not None and chosen in options else (0 if slot.required and names else None)
    )
    option = st.selectbox(
        slot.title,
        names,
        index=start,
        key=key,
        help=slot.description,
        placeholder="Choose one" if slot.required else "None",
        format_func=lambda name: title(options[name]),
    )
    if option is None:
        st.text(slot.description)
        return None
    source = options[option]
    st.text(facts(source.details))
    return source
