"""The few pieces of a page that Streamlit has no widget for, as HTML with every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from core.analysis import Scalar
from pages.parts.text import bounded, escape


def sentence(text: str) -> None:
    """The answer, set large."""
    st.html(f'<p class="assay-answer">{escape(text)}</p>')


def question(text: str) -> None:
    """The question above its answer: the page's heading, but not its largest words."""
    st.html(f'<h1 class="assay-question">{escape(text)}</h1>')


def overline(text: str) -> None:
    """A few words above a title."""
    st.html(f'<p class="assay-overline">{escape(text)}</p>')


def name_line(name: str, *facts: str) -> None:
    """A name from a person, with what is known of it below, a line each."""
    below = "".join(f'<span class="assay-facts">{escape(line)}</span>' for line in facts if line)
    st.html(f'<div class="assay-name"><span>{escape(name)}</span>{below}</div>')


def key_numbers(scalars: Iterable[Scalar]) -> None:
    """The numbers of the answer, set large: value with unit, interval below, words below that."""
    cells = "".join(_key_number(scalar) for scalar in scalars)
    st.html(f'<dl class="assay-numbers">{cells}</dl>')


def _key_number(scalar: Scalar) -> str:
    long = isinstance(scalar.value, str) and len(scalar.value) > 12
    unit = f' <span class="unit">{escape(scalar.unit)}</span>' if scalar.unit else ""
    shown, span = bounded(scalar.value, scalar.low, scalar.high)
    spread = f'<span class="interval">{escape(span)}</span>' if span else ""
    words = f'<span class="words">{escape(scalar.description)}</span>' if scalar.description else ""
    value = f'<span class="{"text" if long else "value"}">{escape(shown)}{unit}</span>'
    return f"<div><dt>{escape(scalar.title)}</dt><dd>{value}{spread}{words}</dd></div>"


def number_table(scalars: Iterable[Scalar]) -> None:
    """Numbers in rows: name, value with unit, interval, meaning."""
    rows = "".join(_number_row(one) for one in scalars)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Quantity", "Value", "Interval", "Meaning"))
    st.html(
        '<div class="assay-scroll" tabindex="0" role="region" aria-label="All numbers">'
        '<table class="assay-table assay-quantities">'
        f"<caption>All numbers</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _number_row(scalar: Scalar) -> str:
    value, span = bounded(scalar.value, scalar.low, scalar.high, scalar.unit)
    return (
        f'<tr><th scope="row">{escape(scalar.title)}</th><td class="number">{escape(value)}</td>'
        f'<td class="number">{escape(span)}</td><td>{escape(scalar.description)}</td></tr>'
    )


def answer_card(title: str, answer: str, number: Scalar) -> None:
    """A finished example in short: what was asked, one number with its interval, the answer."""
    shown, span = bounded(number.value, number.low, number.high)
    unit = f' <span class="unit">{escape(number.unit)}</span>' if number.unit else ""
    spread = f'<span class="interval">{escape(span)}</span>' if span else ""
    long = isinstance(number.value, str) and len(number.value) > 12
    words = f'<p class="answer">{escape(answer)}</p>' if answer else ""
    st.html(
        f'<div class="assay-finished"><p class="asked">{escape(title)}</p>'
        f'<p class="number"><span class="{"text" if long else "value"}">{escape(shown)}{unit}</span>{spread}'
        f'<span class="name">{escape(number.title)}</span></p>{words}</div>'
    )


def step_heading(number: int, title: str, done: bool) -> None:
    """The heading of a step, with its number, and a tick where it is done."""
    tick = '<span class="done">done</span>' if done else ""
    st.html(f'<h2 class="assay-step"><span class="place">{number}</span> {escape(title)}{tick}</h2>')


def picture(address: str, alt: str, link: str) -> None:
    """A picture of a figure that leads to the result.

    Args:
        address: of the image.
        alt: its text alternative.
        link: where it leads; addresses are built by pages, never from a person's text.
    """
    st.html(
        f'<a class="assay-picture" href="{escape(link)}" target="_self">'
        f'<img src="{escape(address)}" alt="{escape(alt)}" width="560" height="340" loading="lazy"></a>'
    )


def figure_words(title: str, reading: str) -> None:
    """The heading of a figure and how to read it."""
    st.html(f'<h2 class="assay-heading">{escape(title)}</h2><p class="assay-reading">{escape(reading)}</p>')


def figure_caption(*lines: str) -> None:
    """What stands below a figure."""
    st.html(f'<p class="assay-caption">{"<br>".join(escape(line) for line in lines if line)}</p>')


def notes(sentences: Iterable[str]) -> None:
    """What the reader must know besides."""
    items = "".join(f"<li>{escape(text)}</li>" for text in sentences)
    if items:
        st.html(f'<ul class="assay-notes">{items}</ul>')


def definitions(title: str, words: Mapping[str, str]) -> None:
    """A small two-column list under a title."""
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in words.items())
    st.html(f'<section class="assay-list"><h2>{escape(title)}</h2><dl>{rows}</dl></section>')


def link_row(title: str, links: Mapping[str, str]) -> None:
    """Downloads in one line.

    Args:
        title: what is downloaded.
        links: word -> address; addresses are built by pages, never from a person's text.
    """
    words = "".join(f'<a href="{escape(address)}" download>{escape(word)}</a>' for word, address in links.items())
    st.html(f'<p class="assay-links"><span>{escape(title)}</span>{words}</p>')


def comparison_table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, list[str], str]], last: str) -> None:
    """Results in columns, quantities in rows; a row that differs carries a mark.

    Args:
        title: caption of the table, for those who hear it.
        heads: names of the columns.
        rows: name of the row, its cells, and in words how they differ ("" where they don't).
        last: head of the last column.
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr class="{"differs" if mark else ""}"><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + f'<td class="mark">{escape(mark)}</td></tr>'
        for name, cells, mark in rows
    )
    st.html(
        f'<div class="assay-scroll" tabindex="0" role="region" aria-label="{escape(title)}"><table class="assay-table">'
        f'<caption>{escape(title)}</caption><thead><tr><td></td>{head}<th scope="col">{escape(last)}</th></tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )
