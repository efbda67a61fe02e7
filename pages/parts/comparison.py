"""Results side by side: what differs between them is marked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analysis import Scalar
from core.store.results import StoredResult
from pages.parts.html import comparison_table, figure_caption, figure_words, link_row, sentence
from pages.parts.place import Place
from pages.parts.plot import draw, figures_of, theme_name
from pages.parts.result_view import inputs_in_words, parameters_in_words, provenance_in_words
from pages.parts.stored import stored_result
from pages.parts.text import MISSING, bounded, shorten

Compared = tuple[str, str, Place]  # title, key, place


def show_comparison(compared: Sequence[Compared]) -> None:
    """The numbers, the figures, and what was set differently.

    Args:
        compared: title, key and place of each result, in the order of the columns.
    """
    results = [stored_result(key) for _, key, _ in compared]
    heads = [shorten(title, 40) for title, _, _ in compared]
    for column, head, stored in zip(st.columns(len(results)), heads, results, strict=True):
        with column:
            st.text(head)
            sentence(stored.result.answer)
    comparison_table("What came out", heads, _summary_rows(results), "Difference")
    _figures(compared, heads)
    _settings(results, heads)
    for title, _, place in compared:
        link_row(
            shorten(title, 40), {"One HTML page": f"{place.files}/result.html", "Zip": f"{place.files}/result.zip"}
        )


def difference(scalars: Sequence[Scalar | None]) -> str:
    """In words, how the values of one quantity differ; "" where they are equal.

    Two intervals that do not overlap are the strongest thing that can be said; a difference within overlapping
    intervals is said to be one.
    """
    present = [scalar for scalar in scalars if scalar is not None]
    if len(present) < len(scalars):
        return "not in all"
    if all((scalar.value, _bound(scalar)) == (present[0].value, _bound(present[0])) for scalar in present):
        return ""
    spans = [(scalar.low, scalar.high) for scalar in present]
    if any(low is None or high is None for low, high in spans):
        return "differs"
    disjoint = max(low for low, _ in spans if low is not None) > min(high for _, high in spans if high is not None)
    return "differs: intervals apart" if disjoint else "differs: intervals overlap"


def _bound(scalar: Scalar) -> tuple[float | None, float | None] | None:
    """What is known of a quantity that has no value."""
    return (scalar.low, scalar.high) if scalar.value is None else None


def _summary_rows(results: Sequence[StoredResult]) -> list[tuple[str, list[str], str]]:
    names = list(dict.fromkeys(name for stored in results for name in stored.result.summary))
    rows = []
    for name in names:
        scalars = [stored.result.summary.get(name) for stored in results]
        title = next(scalar.title for scalar in scalars if scalar is not None)
        rows.append((title, [_cell(scalar) for scalar in scalars], difference(scalars)))
    return rows


def _cell(scalar: Scalar | None) -> str:
    if scalar is None:
        return MISSING
    value, spread = bounded(scalar.value, scalar.low, scalar.high, scalar.unit)
    return value + (f"\n{spread}" if spread else "")


def _settings(results: Sequence[StoredResult], heads: Sequence[str]) -> None:
    rows, equal = [], 0
    for words in (_parameters, inputs_in_words, provenance_in_words):
        held = [words(stored) for stored in results]
        for name in dict.fromkeys(name for one in held for name in one):
            cells = [one.get(name, MISSING) for one in held]
            if len(set(cells)) == 1:
                equal += 1
            else:
                rows.append((name, cells, "differs"))
    st.header("What was set differently", anchor=False)
    if rows:
        comparison_table("What was set differently", heads, rows, "Difference")
    st.caption(f"{equal} other settings and circumstances are equal.")


def _parameters(stored: StoredResult) -> dict[str, str]:
    return parameters_in_words(stored.slug, stored.params)


def _figures(compared: Sequence[Compared], heads: Sequence[str]) -> None:
    drawn = [figures_of(key, theme_name()) for _, key, _ in compared]
    for name in dict.fromkeys(name for figures in drawn for name in figures):
        holders = [figures[name] for figures in drawn if name in figures]
        same = all(figure["title"] == holders[0]["title"] for figure in holders)
        figure_words(holders[0]["title"] if same else name.replace("_", " ").capitalize(), holders[0]["reading"])
        for column, head, figures, (_, _, place) in zip(st.columns(len(drawn)), heads, drawn, compared, strict=True):
            with column:
                st.text(head if same or name not in figures else f"{head}: {figures[name]['title']}")
                if name in figures:
                    draw(figures[name], name, f"compare.{place.element}.{name}")
                    figure_caption(figures[name]["caption"])
                else:
                    st.caption("This result has no such figure.")
