"""Home, tour and help: what somebody sees who comes for the first time."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

import pages.parts.gallery as gallery_part
from core.catalog import CATALOG
from core.docs.pages import page_names, page_text
from core.gallery.cards import CARDS, MAIN, PICTURES
from core.store.gallery import put_gallery, shipped_results
from core.store.results import has_result
from core.store.runs import list_runs
from core.store.shares import create_share
from pages.help import address
from pages.parts.questions import page_of
from tests.pages.conftest import Desk
from tests.pages.conftest import words as words_of

CALIBRATION = next(card for card in MAIN if card.slug == "calibration")


def words(app: AppTest) -> str:
    """Everything that a page says, as a reader sees it."""
    return unescape(words_of(app))


def pictures(app: AppTest) -> list[str]:
    """The HTML of every picture of a page."""
    return [one.proto.body for one in app.main.get("html") if "assay-picture" in one.proto.body]


def links(app: AppTest) -> list[tuple[str, dict[str, str]]]:
    """Label and parameters of every link of a page."""
    found = [link.proto for link in app.main.get("page_link")]
    return [(link.label, dict(parse_qsl(link.query_string))) for link in found]


def test_home_shows_five_finished_answers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question with the answer of its example, a number, a picture with words, and the ways in; no chart is drawn.

    On a dark page the dark pictures are shown; each is a file that is there.
    """
    put_gallery(desk.store)
    app = desk.open()
    said = words(app)
    for card in MAIN:
        shipped = next(one for one in shipped_results() if one.key == card.key)
        assert card.analysis.question in said and shipped.answer in said
        assert shipped.summary[card.number].title in said
    shown = pictures(app)
    assert len(shown) == sum(card.home for card in CARDS)
    assert all('alt=""' not in picture and "/assets/pictures/" in picture for picture in shown)
    assert not app.get("plotly_chart")
    assert links(app).count(("Open the result", {"example": "evaluate"})) == 1
    assert ("Change and run it", {"like": "evaluate"}) in links(app)
    for theme in ("light", "dark"):
        monkeypatch.setattr(gallery_part, "theme_name", lambda theme=theme: theme)
        for picture in pictures(desk.open()):
            name = picture.partition("/assets/pictures/")[2].partition('"')[0]
            assert name.endswith(f"-{theme}.svg") and (PICTURES / name).is_file()


def test_home_without_a_gallery_offers_the_examples(desk: Desk) -> None:
    """Where no finished example is in the store, each is one click from being asked, and nothing is shown as found."""
    app = desk.open()
    assert not pictures(app) and "More finished examples" not in words(app)
    assert sum(label == "Try the example" for label, _ in links(app)) == len(CATALOG)
    assert all(card.example.words in words(app) for card in MAIN)


def test_a_finished_example_opens_at_once(desk: Desk) -> None:
    """Its address shows the whole result, without a runner and without waiting."""
    put_gallery(desk.store)
    app = desk.open(page_of("calibration"), {"example": "evaluate"})
    (run,) = list_runs(desk.store, desk.workspace)
    assert run.state == "done" and app.query_params["run"] == run.id
    shipped = next(one for one in shipped_results() if one.key == CALIBRATION.key)
    assert shipped.answer in words(app) and app.get("plotly_chart")


def test_the_form_can_begin_like_an_example(desk: Desk) -> None:
    """Mode, input and parameters are those of the example; what is run then, unchanged, is that very question."""
    put_gallery(desk.store)
    app = desk.open(page_of("telemetry"), {"like": "chaos"})
    next(one for one in app.button if one.label == "Run").click().run()
    (run,) = list_runs(desk.store, desk.workspace)
    assert run.key == next(card for card in CARDS if card.place == "telemetry.chaos").key
    assert run.state == "done" and has_result(desk.store, run.key)


def test_the_tour_has_six_steps_and_ticks_what_is_done(desk: Desk) -> None:
    """Nothing is ticked at first; example, change, link and file are, once they are there."""
    put_gallery(desk.store)
    app = desk.open("tour.py")
    steps = [one.proto.body for one in app.main.get("html") if "assay-step" in one.proto.body]
    assert len(steps) == 6 and not any('class="done"' in step for step in steps)
    assert len(pictures(app)) == 1
    desk.open(page_of("calibration"), {"example": "evaluate"})
    (run,) = list_runs(desk.store, desk.workspace)
    create_share(desk.store, desk.workspace, [run.id])
    desk.bring("plants.csv", b"a,b\n" + b"1,2\n" * 30)
    form = desk.open(page_of("calibration"), {"like": "evaluate"})
    next(one for one in form.number_input if one.label.startswith("Bins of the diagram")).set_value(30).run()
    next(one for one in form.button if one.label == "Run").click().run()
    app = desk.open("tour.py")
    steps = [one.proto.body for one in app.main.get("html") if "assay-step" in one.proto.body]
    assert ['class="done"' in step for step in steps] == [True, True, False, False, True, True]


def test_the_file_of_the_tour_is_one_that_is_accepted(desk: Desk) -> None:
    """What the tour offers for download is read as predictions."""
    assert "/assets/examples/classifier.npz" in "".join(one.proto.body for one in desk.open("tour.py").main.get("html"))
    content = (Path(__file__).parents[2] / "assets" / "examples" / "classifier.npz").read_bytes()
    assert desk.bring("classifier.npz", content).kind == "predictions"


def test_help_says_what_the_documentation_says(desk: Desk) -> None:
    """Every page of the documentation, word for word, behind a link of its own; an unknown name shows the list."""
    contents = desk.open("help.py")
    assert [query["about"] for _, query in links(contents) if query] == list(page_names())
    assert "Every parameter" in words(desk.open("help.py", {"about": "nothing"}))
    for name in ("calibration", "formats", "settings"):
        text = page_text(name, address)
        app = desk.open("help.py", {"about": name})
        shown = "\n".join(one.value for one in (*app.markdown, *app.code))
        assert text is not None
        assert all(line.lstrip("# ") in shown or line.startswith(("## Mode", "```")) for line in text.splitlines())
