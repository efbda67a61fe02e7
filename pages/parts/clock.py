"""Points in time as the visitor's own clock shows them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from pages.parts.text import moment


def local(seconds: float) -> str:
    """Date and time in the visitor's time zone; UTC, and marked so, where the browser does not say."""
    zone = _zone(st.context.timezone)
    return moment(seconds, zone) + (" UTC" if zone is UTC else "")


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
