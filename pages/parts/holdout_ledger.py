"""Holdouts that can be asked and never read: storing one, asking it, and the ledger of who asked what.

The address is the state: `?holdout=ID` shows one of the workspace's own, `?ask=TOKEN` one that somebody shared.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from core.analysis import Input
from core.calibration.holdout.queries import QUERIES
from core.errors import BadInput, NotFound, TooOften
from core.server.limits import holdout_costs, opening_a_link, spend
from core.store.holdout_links import HoldoutKey, link_holdout, list_holdout_links, revoke_holdout_link
from core.store.holdouts import (
    Entry,
    Holdout,
    Mechanism,
    ask_holdout,
    create_holdout,
    get_holdout,
    ledger,
    list_holdouts,
)
from core.store.store import Store
from core.store.submissions import question_of, submission_of
from pages.parts.asking import this_address
from pages.parts.clock import local
from pages.parts.html import definitions, name_line
from pages.parts.input_picker import options_for, pick
from pages.parts.text import markdown, number, plural
from pages.parts.workspace import this_store, this_workspace

PAGE = "calibration.py"
MECHANISMS: dict[Mechanism, str] = {
    "thresholdout": "Thresholdout: answers with numbers",
    "sparse_validate": "SparseValidate: yes or no",
}
EXPLAINED: dict[Mechanism, str] = {
    "thresholdout": "Where the training part and the holdout agree within a noisy threshold, the answer is that of the "
    "training part and free; where they do not, it is that of the holdout with noise, and costs one unit of the budget. A "
    "question that was answered before is free, also when the budget is spent.",
    "sparse_validate": "You claim a value; the answer is only whether the holdout contradicts it. A contradiction costs one "
    "unit of the budget. A question that was answered before is free, also when the budget is spent.",
}
LABELS = Input(
    "labels", "predictions", "Labels", "A file of predictions; only its labels are stored: val_labels may be known."
)
ASKED = Input(
    "asked",
    "predictions",
    "Predictions",
    "Of the same rows in the same order, with a validation part where it needs one.",
)


def wanted() -> bool:
    """Whether the address asks for a holdout."""
    return "holdout" in st.query_params or "ask" in st.query_params


def show_holdout() -> None:
    """The holdout that the address names."""
    store, workspace = this_store(), this_workspace()
    shared = st.query_params.get("ask")
    key = HoldoutKey.of_link(shared) if shared else HoldoutKey.of_owner(workspace, st.query_params.get("holdout", ""))
    st.page_link(PAGE, label="Calibration", icon=":material/arrow_back:")
    try:
        holdout = _opened(store, key)
        _show_state(holdout)
        _ask(store, workspace, key, holdout)
        _show_ledger(ledger(store, key))
        if not shared:
            _links(store, workspace, holdout)
    except (NotFound, TooOften) as error:
        st.error(markdown(error))


def _opened(store: Store, key: HoldoutKey) -> Holdout:
    if key.token is None:
        return get_holdout(store, key)
    with opening_a_link(store, this_address()):
        return get_holdout(store, key)


def holdout_list() -> None:
    """The workspace's holdouts, and the form that stores another one."""
    store, workspace = this_store(), this_workspace()
    st.header("Holdout ledger", anchor=False)
    st.markdown(
        "Store the labels of a holdout once. From then on it answers questions about submitted predictions (accuracy, Brier "
        "score, NLL) within a budget, writes down who asked what, and falls silent when the budget is spent."
    )
    for holdout in list_holdouts(store, workspace):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            name_line(holdout.name, _state(holdout))
            st.page_link(PAGE, label="Ask", icon=":material/arrow_forward:", query_params={"holdout": holdout.id})
    with st.expander("Store a holdout"):
        _create(store, workspace)


def _state(holdout: Holdout) -> str:
    left = "silent" if holdout.silent else f"{number(holdout.budget_left)} of {number(holdout.budget)} left"
    return f"{plural(holdout.samples, 'row')} · {plural(holdout.asked, 'question')} answered · budget: {left}"


def _create(store: Store, workspace: str) -> None:
    source = pick(LABELS, options_for(store, workspace, LABELS), None, "ledger.labels")
    left, middle, right = st.columns(3)
    name = left.text_input("Name", "Holdout", max_chars=200, key="ledger.name")
    mechanism = middle.selectbox(
        "Mechanism", list(MECHANISMS), format_func=lambda one: MECHANISMS[one], key="ledger.mechanism"
    )
    budget = right.number_input(
        "Budget",
        min_value=1,
        value=None,
        placeholder="automatic",
        key="ledger.budget",
        help="How often the holdout may be used; automatic: a tenth of its rows.",
    )
    if st.button("Store it", type="primary", disabled=source is None, key="ledger.store") and source is not None:
        try:
            with st.spinner("Reading the labels …"):
                parts = submission_of(store, source)
            known = None if parts.training is None or mechanism == "sparse_validate" else parts.training.labels
            holdout = create_holdout(
                store,
                workspace,
                name,
                parts.holdout.labels,
                known,
                classes=parts.holdout.classes,
                mechanism=mechanism,
                budget=None if budget is None else int(budget),
            )
        except BadInput as error:
            st.error(markdown(error))
            return
        st.query_params.from_dict({"holdout": holdout.id})
        st.rerun()


def _show_state(holdout: Holdout) -> None:
    st.title(holdout.name, anchor=False)
    used = holdout.budget - holdout.budget_left
    st.progress(
        holdout.budget_left / holdout.budget,
        text=f"Budget: {number(holdout.budget_left)} of {number(holdout.budget)} left, {number(used)} spent"
        + (" · silent from here on" if holdout.silent else ""),
    )
    rules = (
        {"Threshold": number(holdout.threshold), "Noise": number(holdout.sigma)}
        if holdout.threshold is not None
        else {}
    )
    st.caption(EXPLAINED[holdout.mechanism])
    definitions(
        "What it is",
        {
            "Mechanism": MECHANISMS[holdout.mechanism],
            "Rows of each part": number(holdout.samples),
            "Classes": number(holdout.classes),
            **rules,
            "Questions answered": f"{number(holdout.asked)} of at most {number(holdout.most_questions)}",
            "Stored": local(holdout.created),
        },
    )


def _ask(store: Store, workspace: str, key: HoldoutKey, holdout: Holdout) -> None:
    st.header("Ask", anchor=False)
    source = pick(ASKED, options_for(store, workspace, ASKED), None, "ledger.asked")
    columns = st.columns(4 if holdout.mechanism == "sparse_validate" else 2)
    query = columns[0].selectbox(
        "Question", list(QUERIES), format_func=lambda name: QUERIES[name].title, key="ledger.query"
    )
    asker = columns[1].text_input("Your name", "", max_chars=100, key="ledger.asker", placeholder="someone")
    claim = tolerance = None
    if holdout.mechanism == "sparse_validate":
        claim = columns[2].number_input("Claimed value", min_value=0.0, value=0.8, key="ledger.claim")
        tolerance = columns[3].number_input("Tolerance", min_value=0.0, value=0.02, key="ledger.tolerance")
    if st.button("Ask", type="primary", disabled=source is None, key="ledger.ask") and source is not None:
        try:
            spend(store, *holdout_costs(store, key.token or workspace, this_address()))
            with st.spinner("Reading the predictions …"):
                parts = submission_of(store, source)
            question = question_of(parts, query, source.name, holdout.training, claim, tolerance)
            entry = ask_holdout(store, key, question, asker)
        except BadInput as error:
            st.error(markdown(error))
            return
        st.session_state["ledger.answer"] = _answer_words(entry)
        st.rerun()
    if "ledger.answer" in st.session_state:
        st.info(markdown(st.session_state.pop("ledger.answer")))


def _answer_words(entry: Entry) -> str:
    if entry.answer is None:
        return "Silence: the budget is spent, so this holdout answers no new question."
    title = QUERIES[entry.query].title
    if entry.claim is not None:
        said = "contradicts" if entry.answer else "does not contradict"
        found = f"The holdout {said} that {title.lower()} is {entry.claim:g} within {entry.tolerance:g}"
    else:
        found = f"{title}: {entry.answer:.4f}"
    cost = "it cost one unit of the budget" if entry.spends else "it cost nothing"
    return f"{found}; {'asked before, so it was free' if entry.repeated else cost}."


def _show_ledger(entries: list[Entry]) -> None:
    st.header("Ledger", anchor=False)
    if not entries:
        st.caption("Nobody has asked yet.")
        return
    rows = [
        {
            "No.": one.number,
            "Question": QUERIES[one.query].title,
            "Claim": None if one.claim is None else f"{one.claim:g} ± {one.tolerance:g}",
            "Answer": None if one.answer is None else round(one.answer, 4),
            "Spent": "yes" if one.spends else "no",
            "Who": one.asker + (f" (link {one.link})" if one.link else ""),
            "Predictions": one.subject,
            "When": local(one.time),
        }
        for one in reversed(entries)
    ]
    table = pd.DataFrame(rows).dropna(axis="columns", how="all")
    st.dataframe(table, hide_index=True, alt="Who asked what, the newest question first")


def _links(store: Store, workspace: str, holdout: Holdout) -> None:
    with st.expander("Let others ask"):
        st.caption("Whoever has a link may ask and read the ledger, within the same budget; nobody sees the labels.")
        label = st.text_input("Name of the link", "Colleagues", max_chars=200, key="ledger.link")
        if st.button("Create link", key="ledger.link.create"):
            _, token = link_holdout(store, workspace, holdout.id, label)
            here = urlsplit(st.context.url or "")
            host = f"{here.scheme}://{here.netloc}"
            st.code(f"{host}/calibration?ask={token}", language=None, wrap_lines=True)
            st.caption("Scripts ask with the same token:")
            asked = "name=mine.npz&query=accuracy&asker=Ann"
            st.code(
                f"curl --data-binary @mine.npz '{host}/api/holdouts/{token}?{asked}'", language="bash", wrap_lines=True
            )
            st.caption("Copy it now: only its fingerprint is kept, so it is not shown again.")
        for link in list_holdout_links(store, workspace, holdout.id):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                name_line(link.label, f"made {local(link.created)}" + (" · revoked" if link.revoked else ""))
                if not link.revoked and st.button("Revoke", key=f"ledger.revoke.{link.id}"):
                    revoke_holdout_link(store, workspace, link.id)
                    st.rerun()
