"""Remarks on a run's time: kept for its workspace, read behind its links, gone with it."""

from __future__ import annotations

import pytest

from core.errors import BadInput, NotFound
from core.store.annotations import (
    LONGEST_TEXT,
    MOST,
    add_annotation,
    delete_annotation,
    list_annotations,
    list_shared_annotations,
)
from core.store.runs import delete_run
from core.store.shares import create_share, revoke_share

NOON = 1_710_000_000_000


@pytest.fixture
def done(store, workspace, ask, answer):
    run = ask(store, workspace)
    answer(store)
    return run


def test_what_is_written_is_read_in_the_order_of_time(store, workspace, clock, done):
    """Parameter, moments, text, author and time of writing come back as they were given."""
    later = add_annotation(store, workspace, done.id, "PANEL", NOON + 60_000, NOON + 120_000, " heater test ", "Ann")
    clock.now += 5
    first = add_annotation(store, workspace, done.id, "", NOON, NOON, "safe mode")
    assert list_annotations(store, workspace, done.id) == [first, later]
    assert (later.parameter, later.start, later.end) == ("PANEL", NOON + 60_000, NOON + 120_000)
    assert (later.text, later.author, later.created) == ("heater test", "Ann", 1_000_000.0)
    assert (first.author, first.created) == ("someone", 1_000_005.0)


def test_text_from_people_is_kept_as_text(store, workspace, done):
    """Markup stays as it was typed; what can't be seen is replaced."""
    note = add_annotation(store, workspace, done.id, "", NOON, NOON, "<b>x</b>\u202e=1+1", "A\nB")
    assert note.text == "<b>x</b>\ufffd=1+1" and note.author == "A\ufffdB"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": "  "}, "has no text"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, f"at most {LONGEST_TEXT}"),
        ({"end": NOON - 1}, "ends before it starts"),
    ],
)
def test_what_says_nothing_is_refused(store, workspace, done, given, words):
    """An empty text, a text that is too long and a stretch that runs backwards are named and not kept."""
    call = {"parameter": "", "start": NOON, "end": NOON, "text": "x"} | given
    with pytest.raises(BadInput, match=words):
        add_annotation(store, workspace, done.id, **call)
    assert list_annotations(store, workspace, done.id) == []


def test_a_run_has_so_many_at_most(store, workspace, done):
    """The limit is named with what to do."""
    for place in range(MOST):
        add_annotation(store, workspace, done.id, "", NOON + place, NOON + place, "x")
    with pytest.raises(BadInput, match="delete some first"):
        add_annotation(store, workspace, done.id, "", NOON, NOON, "x")


def test_nobody_else_writes_reads_or_deletes(store, workspace, stranger, ask, done):
    """A stranger who asked the same question shares its result and sees none of the remarks."""
    note = add_annotation(store, workspace, done.id, "", NOON, NOON, "mine")
    theirs = ask(store, stranger)
    assert theirs.key == done.key and list_annotations(store, stranger, theirs.id) == []
    calls = [
        lambda who, id: add_annotation(store, who, id, "", NOON, NOON, "x"),
        lambda who, id: list_annotations(store, who, id),
        lambda who, _: delete_annotation(store, who, note.id),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call(stranger, done.id)
    for id in ("never", done.id):
        with pytest.raises(NotFound):
            delete_annotation(store, workspace, id)
    assert list_annotations(store, workspace, done.id) == [note]


def test_a_link_shows_what_its_maker_wrote(store, workspace, stranger, ask, answer, clock, done):
    """Behind a link the remarks can be read, also later ones; a revoked link and a place it lacks show nothing."""
    other = ask(store, workspace, 2)
    answer(store)
    theirs = ask(store, stranger)
    add_annotation(store, stranger, theirs.id, "", NOON, NOON, "theirs")
    share, token = create_share(store, workspace, [other.id, done.id])
    note = add_annotation(store, workspace, done.id, "", NOON, NOON, "mine")
    assert list_shared_annotations(store, token, 1) == []
    assert list_shared_annotations(store, token, 2) == [note]
    for wrong, place in ((token, 3), (token, 0), ("forged", 1)):
        with pytest.raises(NotFound):
            list_shared_annotations(store, wrong, place)
    revoke_share(store, workspace, share.id)
    with pytest.raises(NotFound):
        list_shared_annotations(store, token, 2)


def test_deleted_one_by_one_and_with_the_run(store, workspace, ask, answer, done):
    """A remark can be taken back; those of a deleted run do not come back when the question is asked again."""
    first = add_annotation(store, workspace, done.id, "", NOON, NOON, "first")
    second = add_annotation(store, workspace, done.id, "", NOON, NOON, "second")
    delete_annotation(store, workspace, first.id)
    assert list_annotations(store, workspace, done.id) == [second]
    delete_run(store, workspace, done.id)
    with pytest.raises(NotFound):
        delete_annotation(store, workspace, second.id)
    again = ask(store, workspace)
    assert list_annotations(store, workspace, again.id) == []
