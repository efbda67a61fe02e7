"""Choosing what goes into a slot: the workspace's own files first, then what comes with the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.analysis import Input, Source
from core.sources import builtin_sources
from core.store.store import Store
from core.store.uploads import list_uploads, upload_source
from pages.parts.text import number, plural, shorten, size

BUILTIN = "builtin:"


def options_for(store: Store, workspace: str, slot: Input) -> dict[str, Source]:
    """What may fill a slot: upload id or `builtin:NAME` -> source."""
    uploads = {upload.id: upload_source(upload) for upload in list_uploads(store, workspace, slot.kind)}
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
    start = names.index(chosen) if chosen in options else (0 if slot.required and names else None)
    option = st.selectbox(
        slot.title,
        names,
        index=start,
        key=key,
        help=slot.description,
        placeholder="Choose one" if slot.required else "None: use the settings below",
        format_func=lambda name: label(options[name]),
    )
    if option is None:
        return None
    source = options[option]
    st.text(facts(source.details))
    return source


def label(source: Source) -> str:
    """The name of a source in a list."""
    title = str(source.details.get("title", source.name))
    return f"{shorten(title)} (built-in)" if source.location.startswith(BUILTIN) else shorten(title)


def facts(details: Mapping[str, Any]) -> str:
    """What the inspection found, in one line."""
    found = []
    if details.get("rows") is not None:
        found.append(plural(int(details["rows"]), "row"))
    if details.get("shape") and len(details["shape"]) > 1:
        found.append(" × ".join(number(length) for length in details["shape"]))
    elif details.get("features"):
        found.append(plural(int(details["features"]), "feature"))
    if details.get("classes"):
        found.append(plural(int(details["classes"]), "class", "classes"))
    if details.get("architecture"):
        found.append(str(details["architecture"]))
    if details.get("parameters") is not None:
        found.append(plural(int(details["parameters"]), "parameter"))
    if details.get("missing"):
        found.append(plural(int(details["missing"]), "missing value"))
    if not found and details.get("bytes"):
        found.append(size(float(details["bytes"])))
    return " · ".join(found)
