"""Asking a question from a page: within what a visitor may ask in an hour."""

from __future__ import annotations

import streamlit as st

from core.analysis import Analysis, Inputs
from core.parameters import Params
from core.server.address import address_of
from core.server.limits import run_costs, spend
from core.store.runs import Run, submit
from core.store.store import Store


def this_address() -> str:
    """The address that the visitor is counted under."""
    return address_of(st.context.headers)


def ask(store: Store, workspace: str, analysis: Analysis, params: Params, inputs: Inputs, title: str = "") -> Run:
    """Submits a question.

    Raises:
        TooOften: this visitor has asked as much as one may within an hour.
        BadInput: inputs that do not fit, or too many jobs waiting.
        NotFound: an input that this workspace does not have.
    """
    spend(store, *run_costs(store, workspace, this_address()))
    return submit(store, workspace, analysis, params, inputs, title)
