"""One page for any question: choose the input, set the parameters, run, watch, read.

The address is the state: `?run=ID` shows a run, `?from=ID` a form filled in like that run, `?SLOT=ID` a form with
that input, `?example` asks the example, `?example=MODE` that of a mode, `?like=MODE` is a form filled in like it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.analysis import Analysis, Device, Inputs, Source
from core.data.columns import only_text_column
from core.errors import BadInput, NotFound
from core.examples import EXAMPLES, MODE_EXAMPLES, Example, asked_example, example_inputs
from core.parameters import Params, mode_of, parse_params
from core.store.capacity import check_capacity, in_words, offers
from core.store.results import has_result
from core.store.runs import Run, get_run
from core.store.store import Store
from pages.parts.asking import ask
from pages.parts.clock import local
from pages.parts.column_choices import column_choices, column_proposals
from pages.parts.html import definitions, name_line, overline, question
from pages.parts.input_picker import options_for, pick
from pages.parts.job_status import ACTIVE, watch
from pages.parts.parameter_form import parameter_form
from pages.parts.place import OwnRun, Place
from pages.parts.questions import page_of
from pages.parts.result_view import parameters_in_words, show_result
from pages.parts.share_box import share_box
from pages.parts.text import duration, markdown, plural, size
from pages.parts.workspace import this_store, this_workspace


def question_page(analysis: Analysis) -> None:
    """The page of one analysis."""
    store, workspace = this_store(), this_workspace()
    overline(analysis.title)
    if "run" in st.query_params:
        question(analysis.question)
    else:
        st.title(analysis.question, anchor=False)
    try:
        if "run" in st.query_params:
            _show_run(store, analysis, _own_run(store, workspace, analysis, st.query_params["run"]))
        elif "example" in st.query_params:
            _ask_example(store, workspace, analysis)
        else:
            _show_form(store, workspace, analysis)
    except NotFound as error:
        st.error(markdown(error))
        st.page_link(page_of(analysis.slug), label="Ask a new question", icon=":material/arrow_forward:")


def _own_run(store: Store, workspace: str, analysis: Analysis, run_id: str) -> Run:
    run = get_run(store, workspace, run_id)
    if run.slug != analysis.slug:
        raise NotFound()
    return run


# The form ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Earlier:
    """What a form is filled in with at first.

    Attributes:
        name: of the run or example that it is taken from.
        params: all parameters, as plain JSON values.
        digests: of what was measured, by slot.
    """

    name: str
    params: Mapping[str, Any]
    digests: Mapping[str, str]


def _earlier(store: Store, workspace: str, analysis: Analysis) -> Earlier | None:
    """What the address names, an own run or an example; None for a form with the defaults."""
    if "from" in st.query_params:
        run = _own_run(store, workspace, analysis, st.query_params["from"])
        return Earlier(run.id, run.params, {slot: str(held.get("digest")) for slot, held in run.inputs.items()})
    if "like" in st.query_params:
        name = st.query_params["like"]
        example = asked_example(analysis.slug, name)
        if example is None:
            raise NotFound()
        params = parse_params(analysis.params, example.params).model_dump(mode="json")
        inputs = example_inputs(analysis, example)
        return Earlier(f"like.{name}", params, {slot: source.digest for slot, source in inputs.items()})
    return None


def _show_form(store: Store, workspace: str, analysis: Analysis) -> None:
    earlier = _earlier(store, workspace, analysis)
    draft = f"{analysis.slug}.{earlier.name if earlier else 'new'}"
    _offer_example(analysis)
    model = _pick_mode(analysis, earlier, draft)
    _offer_mode_examples(analysis, mode_of(model))
    inputs = _pick_inputs(store, workspace, analysis, mode_of(model), earlier, draft)
    initial = earlier.params if earlier and earlier.params.get("mode") == mode_of(model) else _proposed(inputs)
    values = parameter_form(
        model, initial, f"{draft}.{mode_of(model)}", column_choices(inputs), column_proposals(inputs)
    )
    _offer_run(store, workspace, analysis, {"mode": mode_of(model), **values}, inputs)


def _offer_example(analysis: Analysis) -> None:
    example = EXAMPLES.get(analysis.slug)
    if example is not None:
        _offer(analysis, example, "Try the example", "1")


def _offer_mode_examples(analysis: Analysis, mode: str) -> None:
    for name, example in MODE_EXAMPLES.get(analysis.slug, {}).items():
        if example.params["mode"] == mode:
            study = name.removeprefix(mode).removeprefix("-")
            _offer(analysis, example, f"Try an example of {study or 'this'}", name)


def _offer(analysis: Analysis, example: Example, label: str, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(page_of(analysis.slug), label=label, icon=":material/play_arrow:", query_params={"example": name})
        st.caption(example.words)


def _pick_mode(analysis: Analysis, earlier: Earlier | None, draft: str) -> type[Params]:
    models = {mode_of(model): model for model in analysis.params}
    if len(models) == 1:
        return analysis.params[0]
    wanted = str(earlier.params.get("mode")) if earlier else st.query_params.get("mode", "")
    mode = st.segmented_control(
        "What to measure",
        list(models),
        default=wanted if wanted in models else next(iter(models)),
        required=True,
        format_func=lambda name: name.replace("_", " ").capitalize(),
        key=f"{draft}.mode",
    )
    model = models[str(mode)]
    st.caption((inspect.getdoc(model) or "").partition("\n\n")[0].replace("\n", " "))
    return model


def _pick_inputs(
    store: Store, workspace: str, analysis: Analysis, mode: str, earlier: Earlier | None, draft: str
) -> dict[str, Source]:
    inputs: dict[str, Source] = {}
    slots = analysis.inputs_of(mode)
    if not slots:
        return inputs
    for column, slot in zip(st.columns(len(slots)), slots, strict=True):
        options = options_for(store, workspace, slot)
        chosen = st.query_params.get(slot.slot)
        if earlier and slot.slot in earlier.digests:
            digest = earlier.digests[slot.slot]
            chosen = next((name for name, source in options.items() if source.digest == digest), None)
        with column:
            source = pick(slot, options, chosen, f"{draft}.{slot.slot}")
        if source is not None:
            inputs[slot.slot] = source
    with st.container(horizontal=True):
        st.page_link("library.py", label="Bring a file of your own", icon=":material/upload_file:")
        st.page_link(
            "help.py", label="What is accepted", icon=":material/menu_book:", query_params={"about": analysis.slug}
        )
    return inputs


def _proposed(inputs: Inputs) -> dict[str, str]:
    """The one text column of a table stands in the form as its label column; the person may choose another."""
    found = [name for name in map(only_text_column, inputs.values()) if name]
    return {"target": found[0]} if found else {}


def _offer_run(store: Store, workspace: str, analysis: Analysis, values: Mapping[str, Any], inputs: Inputs) -> None:
    try:
        params = parse_params(analysis.params, values)
        analysis.check_inputs(params, inputs)
        estimate = analysis.estimate(params, inputs)
        device: Device = getattr(params, "device", "cpu")
        offered = offers(store)
        check_capacity(offered, estimate, device)
    except BadInput as error:
        st.warning(markdown(error))
        st.button("Run", type="primary", disabled=True, key="run")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button("Run", type="primary", shortcut="Ctrl+Enter", key="run")
        st.text(
            f"About {duration(estimate.seconds)} of computing and {size(estimate.memory)} of memory, "
            f"in {plural(estimate.steps, 'step')}"
            + (f", on {machine}." if (machine := in_words(offered, device)) else ".")
        )
    if pressed:
        _submit(store, workspace, analysis, params, inputs, title="")


def _ask_example(store: Store, workspace: str, analysis: Analysis) -> None:
    example = asked_example(analysis.slug, st.query_params["example"])
    if example is None:
        raise NotFound()
    params = parse_params(analysis.params, example.params)
    _submit(store, workspace, analysis, params, example_inputs(analysis, example), example.title)


def _submit(store: Store, workspace: str, analysis: Analysis, params: Params, inputs: Inputs, title: str) -> None:
    try:
        run = ask(store, workspace, analysis, params, inputs, title)
    except BadInput as error:
        st.error(markdown(error))
        return
    st.query_params.from_dict({"run": run.id})
    st.rerun()


# The run -------------------------------------------------------------------------------------------------------------


def _show_run(store: Store, analysis: Analysis, run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        name_line(run.title, _asked(run))
        with st.container(horizontal=True, width="content"):
            st.page_link(
                page_of(analysis.slug),
                label="Change and ask again",
                icon=":material/tune:",
                query_params={"from": run.id},
            )
            if run.state == "done":
                st.page_link("compare.py", label="Compare", icon=":material/compare:", query_params={"runs": run.id})
                share_box(store, run.workspace, [run.id], run.title)
    if run.state == "done" and has_result(store, run.key):
        names = {slot: str(held.get("name", "")) for slot, held in run.inputs.items()}
        held = OwnRun(run.workspace, run.id)
        show_result(run.key, Place(f"/api/results/{run.id}", f"run.{run.id}", names, held))
        return
    if run.state in ACTIVE:
        watch(run)
    elif run.state == "done":
        st.info("This result was removed to make room for newer ones; change and ask again computes it anew.")
    elif run.state == "failed":
        st.error(markdown(run.error or "It failed."))
        if run.error_id and run.error_id not in run.error:
            st.caption(f"The log has the details under {run.error_id}.")
    else:
        st.info("This run was cancelled. What it had finished is kept: asked again, it goes on from there.")
    definitions("What was asked", parameters_in_words(run.slug, run.params))


def _asked(run: Run) -> str:
    names = ", ".join(str(held.get("name", "")) for held in run.inputs.values())
    return f"{names} · asked {local(run.created)}" if names else local(run.created)
