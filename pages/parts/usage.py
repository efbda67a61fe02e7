"""How much of its allowance a workspace uses, in one line."""

from __future__ import annotations

import streamlit as st

from core.store.allowances import Usage, usage_of
from core.store.store import Store
from pages.parts.text import size


def show_files_used(store: Store, workspace: str) -> None:
    """What the uploads take."""
    used = usage_of(store, workspace)
    st.caption(f"Used: {size(used.bytes)} of {size(used.allowance.workspace_bytes)} for all your files together.")


def show_runs_used(store: Store, workspace: str) -> None:
    """What the runs take."""
    st.caption(f"Used: {runs_used(usage_of(store, workspace))}.")


def runs_used(used: Usage) -> str:
    """Running, waiting and started today, each beside what may be."""
    most = used.allowance
    return (
        f"{used.running} of {most.jobs_at_once} at once running, {used.queued} of {most.jobs_queued} waiting, "
        f"{used.today:,} of {most.jobs_a_day:,} started today (UTC)"
    )
