"""A store has the finished examples from the start, answers with them, and keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Unavailable
from core.gallery.cards import MAIN
from core.settings import Settings
from core.store.eviction import evict
from core.store.gallery import put_gallery, shipped_keys, shipped_results
from core.store.results import has_result, load_figures, load_result
from core.store.runs import delete_run, submit
from core.store.shelves import Shelf
from core.store.store import open_store
from core.store.workspaces import new_workspace

CARD = next(card for card in MAIN if card.slug == "calibration")


@pytest.fixture
def store(tmp_path):
    """A fresh store with the gallery in it."""
    opened = open_store(Settings(home=tmp_path / "home", keep_days=1, result_bytes=1))
    put_gallery(opened)
    return opened


def test_it_is_put_once(store) -> None:
    """All of it the first time, nothing the second; each result loads with its figures."""
    assert shipped_keys() and all(has_result(store, key) for key in shipped_keys())
    assert put_gallery(store) == 0
    stored = load_result(store, CARD.key)
    shipped = next(one for one in shipped_results() if one.key == CARD.key)
    assert stored.result.answer == shipped.answer and stored.result.summary == shipped.summary
    assert load_figures(store, CARD.key)


def test_the_same_question_is_answered_by_it(store) -> None:
    """Whoever asks what an example asks has a finished run at once, by the example or by the form."""
    run = submit(store, new_workspace(store), CARD.analysis, CARD.params, CARD.inputs)
    assert run.state == "done" and run.key == CARD.key


def test_it_is_not_evicted_and_not_deleted(store) -> None:
    """Neither age, nor want of room, nor the deletion of the last run takes it away."""
    workspace = new_workspace(store)
    run = submit(store, workspace, CARD.analysis, CARD.params, CARD.inputs)
    delete_run(store, workspace, run.id)
    evict(replace(store, clock=lambda: store.clock() + 10**8))
    assert all(has_result(store, key) for key in shipped_keys())
    assert submit(store, workspace, CARD.analysis, CARD.params, CARD.inputs).state == "done"


def test_a_store_that_cannot_be_written_does_without(tmp_path, monkeypatch, caplog) -> None:
    """The server starts all the same, and the log says why."""
    store = open_store(Settings(home=tmp_path / "home"))

    def full(*_: object) -> bool:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(type(store.shelves.results), "keep", full)
    assert put_gallery(store) == 0
    assert "could not be put" in caplog.text and isinstance(store.shelves.results, Shelf)
