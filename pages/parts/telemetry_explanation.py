"""What explains an event: the waterfall, the ranking of covariates, the last time, and the view over many rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analysis import Figure
from core.telemetry.figures.beeswarm import beeswarm
from core.telemetry.figures.dependence import dependence
from core.telemetry.figures.detected import Detected, Event
from core.telemetry.figures.previous import previous
from core.telemetry.figures.waterfall import waterfall
from pages.parts.html import figure_caption, figure_words
from pages.parts.place import Place
from pages.parts.plot import draw, fresh

LOOKS = {"cause": "Why", "ranking": "Ranking", "last": "Last time", "rows": "Many rows"}


def explanation_box(detected: Detected, event: Event, place: Place) -> None:
    """One of four looks at an event; the address says which, and only that one is drawn."""
    key = f"{place.element}.look"
    said = st.query_params.get("look", "")
    st.session_state[key] = said if said in LOOKS else next(iter(LOOKS))

    def choose() -> None:
        st.query_params["look"] = st.session_state[key]

    look = st.segmented_control(
        "The event",
        list(LOOKS),
        key=key,
        required=True,
        format_func=lambda name: LOOKS[name],
        on_change=choose,
        label_visibility="collapsed",
    )
    if look == "ranking":
        _ranking(detected, event)
    elif look == "last":
        _last(detected, event, place)
    elif look == "rows":
        _rows(detected, event, place)
    else:
        _waterfall(detected, event, place)


def _last(detected: Detected, event: Event, place: Place) -> None:
    if len(detected.of_event("previous", event)):
        _show(previous(detected, event), "previous", place)
    else:
        st.caption("Nothing like it was found earlier in this record.")


def _rows(detected: Detected, event: Event, place: Place) -> None:
    if "shap" in detected.result.arrays and len(detected.result.arrays["shap_values"]):
        _show(beeswarm(detected, event.parameter), "beeswarm", place)
        _show(dependence(detected, event.parameter), "dependence", place)
    else:
        st.caption("This result has no SHAP values of other rows.")


def _show(figure: Figure, name: str, place: Place) -> None:
    drawn = fresh(figure)
    figure_words(drawn["title"], drawn["reading"])
    draw(drawn, name, f"{place.element}.closer.{name}")
    figure_caption(drawn["caption"], drawn["reference"])


def _waterfall(detected: Detected, event: Event, place: Place) -> None:
    if not len(detected.of_event("waterfall", event)):
        st.caption("There is no covariate, or no residual at the peak, so there is nothing to explain it with.")
        return
    ordered = detected.of_event("attributions", event).sort_values("order")
    covariates = ordered.covariate.astype(str).tolist()
    key = f"{place.element}.expand.{event.name}"
    chosen = st.session_state.get(key)
    _show(waterfall(detected, event, chosen if chosen in covariates else None), "waterfall", place)
    st.selectbox(
        "Show a covariate by its features",
        covariates,
        index=None,
        key=key,
        placeholder="None: one bar a covariate",
        help="Value now, changes and time in state: their contributions add up to the covariate's.",
    )


def _ranking(detected: Detected, event: Event) -> None:
    table = detected.of_event("attributions", event).sort_values("order")
    if table.empty:
        st.caption("There is no covariate to rank.")
        return
    marked = table.responder.astype(bool)
    shown = {
        "No.": table.order,
        "Covariate": table.covariate,
        "Contribution (σ)": table["shap"].round(3),
    }
    if marked.any():
        shown["Responder"] = marked.map({True: "yes", False: ""})
        shown["No. without responders"] = table.order_without_responders
    if "order_by_difference" in table:
        shown["No. by change in 1 h alone"] = table.order_by_difference
    st.dataframe(
        pd.DataFrame(shown), hide_index=True, alt=f"Covariates of {event.name}, the largest contribution first"
    )
    st.caption(_words(int(marked.sum()), "order_by_difference" in table))


def _words(responders: int, compared: bool) -> str:
    marked = (
        "Responders react to the deviation rather than cause it; the second ranking is by a model that does not see them."
        if responders
        else "No covariate is marked as a responder. A heater under closed-loop control that takes the first place may only "
        "react: mark it under More settings and ask again."
    )
    if not compared:
        return marked
    return f"{marked} The last column ranks by the change within the hour before the peak: what one would guess without a model."
