"""A finished result from top to bottom: the answer, the figures, the details, how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import streamlit as st

from core.export.citation import citation
from core.export.reproduce import command_line, snippet
from core.parameters import ParameterField, mode_of, parameter_fields
from core.store.results import StoredResult, touch_result
from pages.parts.clock import local
from pages.parts.extras import extras_of
from pages.parts.html import (
    definitions,
    figure_caption,
    figure_words,
    key_numbers,
    link_row,
    notes,
    number_table,
    sentence,
)
from pages.parts.place import Place
from pages.parts.plot import draw, figures_of, theme_name
from pages.parts.questions import question_of
from pages.parts.stored import stored_result
from pages.parts.text import duration, number, plural, with_unit
from pages.parts.workspace import this_store

KEY_NUMBERS = 4  # set large under the answer
SHOWN_ROWS = 1000


def show_result(key: str, place: Place) -> None:
    """The whole of a result."""
    touch_result(this_store(), key)
    stored = stored_result(key)
    sentence(stored.result.answer)
    key_numbers(list(stored.result.summary.values())[:KEY_NUMBERS])
    figures = figures_of(key, theme_name())
    extras = extras_of(stored)
    replaced = {name for extra in extras for name in extra.instead_of}
    main = [name for name in list(figures)[:1] if not figures[name].get("group")]
    for name in main:
        if name not in replaced:
            show_figure(figures[name], name, place)
    notes(stored.result.notes)
    for extra in extras:
        if extra.below == "main figure":
            extra.show(stored, place)
    shown = {*main, *replaced}
    show_groups({name: figures[name] for name in figures if name not in shown}, place)
    for extra in extras:
        if extra.below == "figures":
            extra.show(stored, place)
    show_numbers(stored)
    show_tables(stored, place)
    show_making(stored, place)


def show_glance(key: str, element: str) -> None:
    """The main figure of a result with the answer under it, and nothing else."""
    name, figure = next(iter(figures_of(key, theme_name()).items()))
    draw(figure, name, f"{element}.{name}")
    figure_caption(stored_result(key).result.answer)


def show_groups(figures: Mapping[str, Mapping[str, Any]], place: Place) -> None:
    """Figures one below the other; neighbours of a group as a tab, neighbouring groups side by side."""
    for grouped, names in groupby(figures, lambda name: bool(figures[name].get("group"))):
        if not grouped:
            for name in names:
                show_figure(figures[name], name, place)
            continue
        of_group = {group: list(members) for group, members in groupby(names, lambda name: figures[name]["group"])}
        for tab, members in zip(st.tabs(list(of_group)), of_group.values(), strict=True):
            with tab:
                for name in members:
                    show_figure(figures[name], name, place)


def show_figure(figure: Mapping[str, Any], name: str, place: Place) -> None:
    """A figure with how to read it, its caption and its source."""
    picture = str(st.session_state.get(f"{place.element}.picture", "SVG")).lower()
    figure_words(figure["title"], figure["reading"])
    draw(figure, name, f"{place.element}.{name}.{picture}", picture)
    figure_caption(figure["caption"], figure["reference"])


def show_numbers(stored: StoredResult) -> None:
    """Every number with its interval and what it means."""
    if len(stored.result.summary) > KEY_NUMBERS:
        st.header("All numbers", anchor=False)
        number_table(list(stored.result.summary.values()))


def show_tables(stored: StoredResult, place: Place) -> None:
    """The tables, at most a thousand rows of each; the whole by download."""
    for name, table in stored.result.tables.items():
        if any(name in extra.instead_of_tables for extra in extras_of(stored)):
            continue
        with st.expander(f"Table: {name.replace('_', ' ')} ({plural(len(table), 'row')})"):
            st.dataframe(table.head(SHOWN_ROWS), hide_index=True, alt=f"Table {name.replace('_', ' ')}")
            if len(table) > SHOWN_ROWS:
                st.caption(f"The first {number(SHOWN_ROWS)} rows; the download has all.")
            address = f"{place.files}/tables/{name}"
            link_row("Download", {"CSV": f"{address}.csv", "Parquet": f"{address}.parquet"})


def show_making(stored: StoredResult, place: Place) -> None:
    """Downloads, parameters, inputs, provenance, the way to repeat it, and what to cite."""
    st.header("Take it with you", anchor=False)
    link_row(
        "Whole result",
        {
            "One HTML page": f"{place.files}/result.html",
            "Zip": f"{place.files}/result.zip",
            "JSON": f"{place.files}/result.json",
        },
    )
    st.segmented_control(
        "The camera above each figure saves it as",
        ["SVG", "PNG"],
        default="SVG",
        required=True,
        key=f"{place.element}.picture",
    )
    st.header("How it was made", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        definitions("Parameters", parameters_in_words(stored.slug, stored.params))
    with right:
        if stored.inputs:
            definitions("Inputs", inputs_in_words(stored, place.names))
        definitions("Provenance", provenance_in_words(stored))
    analysis = question_of(stored.slug)
    if analysis is not None:
        with st.expander("Reproduce this"):
            st.caption("In Python, from the project's folder:")
            st.code(snippet(stored), language="python", wrap_lines=True)
            st.caption("On the command line:")
            st.code(command_line(stored, analysis), language="bash", wrap_lines=True)
        with st.expander("Cite this"):
            st.code(citation(stored, analysis), language=None, wrap_lines=True)


def parameters_in_words(slug: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Title -> value with unit, for every parameter."""
    fields = fields_of(slug, params)
    words = {}
    for name, value in params.items():
        field = fields.get(name)
        title = field.title if field else name.replace("_", " ").capitalize()
        words[title] = in_words(value, field.unit if field else "")
    return words


def fields_of(slug: str, params: Mapping[str, Any]) -> dict[str, ParameterField]:
    """Name -> title, unit and bounds of the parameters of the mode that was asked."""
    analysis = question_of(slug)
    models = {mode_of(model): model for model in analysis.params} if analysis else {}
    model = models.get(str(params.get("mode")))
    return {field.name: field for field in parameter_fields(model)} if model else {}


def inputs_in_words(stored: StoredResult, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Title of the slot -> name and digest of what was handed in; the result itself has neutral names of files."""
    analysis = question_of(stored.slug)
    slots = analysis.inputs_of(str(stored.params.get("mode"))) if analysis else ()  # modes may share the name of a slot
    titles = {slot.slot: slot.title for slot in slots}
    return {
        titles.get(slot, slot): f"{(names or {}).get(slot) or held['name']}\n{str(held['digest'])[:16]}…"
        for slot, held in stored.inputs.items()
    }


def provenance_in_words(stored: StoredResult) -> dict[str, str]:
    """When, where and with what it was computed."""
    facts: Mapping[str, Any] = stored.provenance
    libraries = facts.get("libraries") or {}
    words = {
        "Device": str(facts.get("device", "")),
        "Started": local(float(facts["started"])) if facts.get("started") else "",
        "Computed in": duration(float(facts.get("seconds") or 0)),
        "Method version": number(stored.version),
        "Libraries": ", ".join(f"{name} {version}" for name, version in libraries.items()),
        "Python": str(facts.get("python", "")),
        "Platform": str(facts.get("platform", "")),
        "Key": stored.key,
    }
    return {name: value for name, value in words.items() if value}


def in_words(value: Any, unit: str = "") -> str:
    """A parameter's value: lists with commas, yes and no, units."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "automatic"
    if isinstance(value, list | tuple):
        return ", ".join(number(item) for item in value) or "none"
    return with_unit(value, unit)
