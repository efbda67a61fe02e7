"""Names for components whose identifiers are drawn at random."""

from __future__ import annotations


def component_key(*parts: str) -> str:
    """The key of a component, such as `live.RUN`.

    Streamlit joins a component's key and its events by two underscores, and refuses a key that holds them; an identifier of
    ours may, one in two hundred, as its alphabet has the underscore.
    """
    return ".".join(parts).replace("_", "~")
