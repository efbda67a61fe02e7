"""The finished examples that come with the workbench are those of today's code, whole, and small."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.catalog import CATALOG
from core.examples import asked_example
from core.export.verify import verify
from core.gallery.cards import CARDS, MAIN, PICTURES, Card, captions, finished, picture_name
from core.gallery.make import THEMES, digest_of_figures
from core.gallery.pictures import tidy
from core.store.gallery import GALLERY, shipped_results

MOST_BYTES = 8 << 20
STALE = "run `make gallery` and commit what it writes"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.place)
def test_a_result_is_that_of_todays_code(card: Card) -> None:
    """Version, parameters and inputs give the key that the result carries; the number of its card is one of its own."""
    shipped = finished(card)
    assert shipped is not None, f"The result of {card.place} is missing or stale: {STALE}"
    assert shipped.slug == card.slug and card.number in shipped.summary
    assert asked_example(card.slug, card.name) is card.example


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.place)
def test_verify_accepts_it(card: Card) -> None:
    """Key, seal, files and summary are as they were written."""
    verification = verify(GALLERY / card.place)
    assert verification.ok and all(check.ok for check in verification.checks), verification.sentence


@pytest.mark.parametrize("card", [card for card in CARDS if card.home], ids=lambda card: card.place)
def test_its_picture_was_drawn_from_it(card: Card) -> None:
    """A picture in light and in dark, of the figures of this very result, with a text alternative."""
    caption = captions()[card.place]
    assert caption.digest == digest_of_figures(GALLERY / card.place), f"The picture of {card.place} is stale: {STALE}"
    figures = json.loads((GALLERY / card.place / "figures.json").read_text("utf-8"))
    figure = figures[card.figure or next(iter(figures))]
    assert (caption.title, caption.reading, caption.alt) == (figure["title"], figure["reading"], figure["alt"])
    for theme in THEMES:
        text = (PICTURES / picture_name(card, theme)).read_text("utf-8")
        assert text.startswith("<svg") and "<script" not in text and not re.search(r"href=\"https?:", text)


def test_each_question_has_one_and_nothing_else_lies_there() -> None:
    """The home page opens with a card a question, in the order of the catalog; no folder is left over from earlier."""
    assert [card.slug for card in MAIN] == [analysis.slug for analysis in CATALOG]
    assert {one.name for one in shipped_results()} == {card.place for card in CARDS}
    drawn = {picture_name(card, theme) for card in CARDS if card.home for theme in THEMES}
    assert {path.name for path in PICTURES.iterdir()} == {*drawn, "captions.json"}


def test_they_are_small() -> None:
    """A checkout does not grow by them: all together stay below eight MiB."""
    files = [path for root in (GALLERY, PICTURES) for path in root.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


def test_they_tell_no_path_of_the_machine_that_made_them() -> None:
    """What they say of their making is device, versions, platform and time."""
    for card in CARDS:
        text = (GALLERY / card.place / "result.json").read_text("utf-8")
        assert not re.search(r"\"/\w+|/home/|/tmp/", text)
        assert json.loads(text)["provenance"]["device"] == "cpu"


def test_a_drawing_is_the_same_twice() -> None:
    """Names that the drawing script makes up are counted, and numbers of paths are cut; words stay."""
    svg = '<g clip-path="url(#clip{}xy)"><path d="M1.23456,2"/><text x="1.5">0.00512</text></g>'
    assert tidy(svg.format("5f3a01")) == tidy(svg.format("0b9c7d"))
    assert "0.00512" in tidy(svg.format("5f3a01")) and "M1.23,2" in tidy(svg.format("5f3a01"))


def test_a_gallery_that_is_missing_is_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the folder nothing is shown finished, and nothing fails."""
    import core.store.gallery as part

    monkeypatch.setattr(part, "GALLERY", tmp_path / "nothing")
    assert part.shipped_results() == () and part.shipped_keys() == frozenset()
