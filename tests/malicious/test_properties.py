"""Properties of all readers, over inputs that hypothesis draws; the same targets are fuzzed at length by `make fuzz`."""

from __future__ import annotations

import json
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.mutators import flipped, mutate
from fuzz.targets import TARGETS, addresses, csv, screen, shapes
from pages.parts import telemetry_address

bounded = partial(settings, derandomize=True, deadline=None, database=None)
IN_PROCESS = [name for name in TARGETS if name != "program"]  # which takes torch a tenth of a second
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(autouse=True)
def same_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target puts another query into the page's module; afterwards it has its own again."""
    monkeypatch.setattr(telemetry_address, "st", telemetry_address.st)


@pytest.mark.parametrize("name", IN_PROCESS)
def test_changed_files_are_refused_or_read(name: str) -> None:
    """However an honest file is changed, its reader answers or refuses in one sentence, and raises nothing else."""
    target = TARGETS[name]
    seeds = target.seeds()

    @bounded(max_examples=30)
    @given(place=st.integers(0, len(seeds) - 1), seed=st.integers(0, 2**32))
    def check(place: int, seed: int) -> None:
        random = Random(seed)
        target.read(mutate(target.form, seeds[place], random, partial(flipped, random=random)))

    check()


@bounded(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_address_is_answered(content: bytes) -> None:
    """Whatever path, query, cookie or token a stranger sends, the server answers below 500 and no link opens."""
    addresses(content)


@bounded(max_examples=60)
@given(st.text(st.sampled_from('ab1,.;-"\n\r\t e=@\u00e9\u202e'), max_size=120))
def test_any_text_is_a_table_or_none(text: str) -> None:
    """Any text is read as csv or refused."""
    csv(text.encode())


@bounded(max_examples=60)
@given(st.text(st.sampled_from('[]"# \n1.9e@:,graphnodeid'), max_size=150))
def test_any_text_is_a_shape_or_none(text: str) -> None:
    """Any text is read as gml, ts and UCR or refused."""
    shapes(text.encode())


@bounded(max_examples=100)
@given(JSON)
def test_what_passes_the_screen_is_harmless(document: Any) -> None:
    """Whatever JSON stands in an exported program, what passes the screen holds no code."""
    screen(json.dumps(document).encode())
