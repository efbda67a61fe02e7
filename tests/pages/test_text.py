"""Numbers, times, sizes and names as pages write them."""

from __future__ import annotations

import math
import re

import pytest

from core.analysis import Scalar
from pages.parts.comparison import difference
from pages.parts.text import (
    SPACE,
    bounded,
    duration,
    escape,
    interval,
    markdown,
    moment,
    number,
    shorten,
    size,
    with_unit,
)
from tests.pages.conftest import plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (199210, "199,210"),
        (-3, "−3"),
        (2.0, "2"),
        (0.123456, "0.1235"),
        (123456.7, "123,457"),
        (0.00001234, f"1.234{SPACE}×{SPACE}10^−5"),
        (math.inf, "∞"),
        (math.nan, "–"),
        (None, "–"),
        (True, "True"),
        ("gride", "gride"),
    ],
)
def test_numbers(value: object, text: str) -> None:
    """Thousands are grouped, at most four digits stand where they matter, and minus is a minus."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "less than a second"),
        (59.4, f"59{SPACE}s"),
        (75, f"1{SPACE}min 15{SPACE}s"),
        (3599, f"59{SPACE}min"),
        (7260, f"2{SPACE}h 1{SPACE}min"),
        (400000, f"4{SPACE}days"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """A duration has the two units that matter."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(512, "512 B"), (1536, "1.5 KiB"), (300 << 20, "300 MiB"), (5 << 40, "5.0 TiB")]
)
def test_sizes(count: int, text: str) -> None:
    """Bytes are given in binary units."""
    assert size(count).replace(SPACE, " ") == text


def test_units_and_intervals() -> None:
    """A unit stays with its number, and an interval may be open."""
    assert with_unit(38.2, "s") == f"38.2{SPACE}s"
    assert interval(1.0, 2.5) == "1 to 2.5"
    assert interval(None, 2.0) == "−∞ to 2"
    assert interval(None, None) == ""


def test_long_names_keep_their_ending() -> None:
    """A name of 300 characters is cut in the middle; markup is escaped."""
    short = shorten("a" * 300 + ".csv", 40)
    assert len(short) == 40 and short.endswith(".csv") and "…" in short
    assert escape('<img src="x">') == "&lt;img src=&quot;x&quot;&gt;"


def test_moments_are_to_the_minute() -> None:
    """A point in time without a zone is UTC."""
    assert moment(0.0) == "1970-01-01 00:00"


@pytest.mark.parametrize(
    ("scalars", "words"),
    [
        ([Scalar(1, "d"), Scalar(1, "d")], ""),
        ([Scalar(1, "d"), Scalar(2, "d")], "differs"),
        ([Scalar(1, "d", low=0, high=2), Scalar(2, "d", low=1, high=3)], "differs: intervals overlap"),
        ([Scalar(1, "d", low=0, high=1), Scalar(5, "d", low=4, high=6)], "differs: intervals apart"),
        ([Scalar(1, "d"), None], "not in all"),
    ],
)
def test_differences_in_words(scalars: list[Scalar | None], words: str) -> None:
    """A comparison says whether values differ, and whether their intervals do."""
    assert difference(scalars) == words


@pytest.mark.parametrize("text", ["**bold**", "![x](http://host/x.png)", "$x$", ":red[a]", "`a`", "a_b_c", "<b>"])
def test_markdown_keeps_every_character(text: str) -> None:
    """Each mark of Markdown is escaped, and nothing but escapes and joiners is added."""
    escaped = markdown(text)
    assert re.fullmatch(r"(?:\\[!-/:-@\[-`{-~]|[^!-/:-@\[-`{-~\\])*", escaped)
    assert plain(escaped) == text


def test_a_value_that_is_not_known_is_shown_by_its_bound() -> None:
    """Where a search ended without an answer its bound stands in its place, as > or <."""
    assert bounded(112, 104, 120, "parameters") == (f"112{SPACE}parameters", "104 to 120")
    assert bounded(None, 2410, None, "parameters") == (f">{SPACE}2,410{SPACE}parameters", "")
    assert bounded(None, None, 3, "") == (f"<{SPACE}3", "")
    assert bounded(None, None, None, "parameters") == ("–", "")
