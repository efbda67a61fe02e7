"""Results side by side: what differs between them is marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis import Scalar
from core.export.quantities import Along, quantities_figure, single_difference
from core.store.results import StoredResult
from pages.parts.html import comparison_table, figure_caption, figure_words, link_row, sentence
from pages.parts.place import Place
from pages.parts.plot import draw, figures_of, fresh, theme_name, to_one_scale
from pages.parts.result_view import fields_of, inputs_in_words, parameters_in_words, provenance_in_words
from pages.parts.stored import stored_result
from pages.parts.text import MISSING, bounded, shorten

Compared = tuple[str, str, Place]  # title, key, place
PER_ROW = 3  # figures that can be read beside each other


def show_comparison(compared: Sequence[Compared]) -> None:
    """The answers, what was set differently, the numbers on common axes, and the figures to one scale.

    Args:
        compared: title, key and place of each result, in the order of the columns.
    """
    results = [stored_result(key) for _, key, _ in compared]
    heads = _heads([title for title, _, _ in compared])
    for column, head, stored in zip(_columns(len(results)), heads, results, strict=True):
        with column:
            st.text(head)
            sentence(stored.result.answer)
    _settings(results, heads)
    st.header("What came out", anchor=False)
    comparison_table("What came out", heads, _summary_rows(results), "Difference")
    _numbers(results, heads)
    _figures(compared, heads)
    st.header("Take them with you", anchor=False)
    for head, (_, _, place) in zip(heads, compared, strict=True):
        link_row(head, {"One HTML page": f"{place.files}/result.html", "Zip": f"{place.files}/result.zip"})


def _heads(titles: Sequence[str]) -> list[str]:
    """A letter and a name for each column; what all names begin with, such as the question, is left out."""
    begins = {title.partition(": ")[0] for title in titles}
    names = [title.partition(": ")[2] or title if len(begins) == 1 else title for title in titles]
    return [f"{letter} · {shorten(name, 40)}" for letter, name in zip(ascii_uppercase, names, strict=False)]


def _columns(count: int) -> Iterator[DeltaGenerator]:
    """A column for each of so many results, at most three beside each other."""
    for begin in range(0, count, PER_ROW):
        yield from st.columns(min(PER_ROW, count))[: min(PER_ROW, count - begin)]


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
    for words in (_parameters, inputs_in_words, _circumstances):
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


def _circumstances(stored: StoredResult) -> dict[str, str]:
    return {name: value for name, value in provenance_in_words(stored).items() if name != "Key"}


def _numbers(results: Sequence[StoredResult], heads: Sequence[str]) -> None:
    figure = quantities_figure([stored.result.summary for stored in results], heads, _along(results))
    if figure is not None:
        figure_words(figure.title, figure.reading)
        draw(fresh(figure), "numbers", "compare.numbers")
        figure_caption(figure.caption)


def _along(results: Sequence[StoredResult]) -> Along | None:
    """The number that was set differently, if it alone tells the results apart."""
    if len({stored.slug for stored in results}) > 1:
        return None
    found = single_difference(
        [
            {**stored.params, "": sorted((slot, held["digest"]) for slot, held in stored.inputs.items())}
            for stored in results
        ]
    )
    if found is None:
        return None
    name, values = found
    field = fields_of(results[0].slug, results[0].params).get(name)
    title = field.title if field else name
    return Along(f"{title} ({field.unit})" if field and field.unit else title, values)


def _figures(compared: Sequence[Compared], heads: Sequence[str]) -> None:
    drawn = [figures_of(key, theme_name()) for _, key, _ in compared]
    for name in dict.fromkeys(name for figures in drawn for name in figures):
        holders = [figures[name] for figures in drawn if name in figures]
        same = all(figure["title"] == holders[0]["title"] for figure in holders)
        figure_words(holders[0]["title"] if same else name.replace("_", " ").capitalize(), holders[0]["reading"])
        together = same and len(holders) > 1
        scaled = iter(to_one_scale(holders) if together else holders)
        if together:
            st.caption("Drawn to one scale: axes and colours mean the same in each.")
        for column, head, figures, (_, _, place) in zip(_columns(len(drawn)), heads, drawn, compared, strict=True):
            with column:
                st.text(head if same or name not in figures else f"{head}: {figures[name]['title']}")
                if name in figures:
                    draw(next(scaled), name, f"compare.{place.element}.{name}")
                    figure_caption(figures[name]["caption"])
                else:
                    st.caption("This result has no such figure.")
