"""Room is made in the order of last reading, and never at the cost of what is shared or in use."""

from __future__ import annotations

import os

import numpy as np
import pytest

from core.analysis import Result
from core.errors import NotFound
from core.store.database import results
from core.store.eviction import Evicted, evict
from core.store.folders import place_of, size_of
from core.store.jobs import claim_job
from core.store.results import has_result, load_result, result_path, save_result, touch_result
from core.store.runs import get_run
from core.store.shares import create_share
from core.store.steps import StepFolder
from core.store.uploads import begin_upload

DAY = 86_400
NOTHING = Evicted(results=0, uploads=0, steps=0, leftovers=0)


@pytest.fixture
def three(store, workspace, clock, ask, answer):
    """Three finished runs of about the same size, an hour apart."""
    runs = []
    for n in range(3):
        clock.now += 3600
        runs.append(ask(store, workspace, n))
        answer(store, 1000)
    return runs


def test_nothing_goes_while_there_is_room(store, three):
    """Within limits and days everything stays."""
    assert evict(store) == NOTHING
    assert all(has_result(store, run.key) for run in three)


def test_least_recently_read_goes_first(make_store, store, clock, three):
    """Reading a result moves it to the end of the line."""
    size = size_of(result_path(store, three[0].key))
    clock.now += 3600
    load_result(store, three[0].key)
    assert evict(make_store(result_bytes=int(2.5 * size))).results == 1
    assert [has_result(store, run.key) for run in three] == [True, False, True]
    assert evict(make_store(result_bytes=int(1.5 * size))).results == 1
    assert [has_result(store, run.key) for run in three] == [True, False, False]


def test_result_goes_after_its_days(store, clock, three):
    """A result that nobody has read for `keep_days` goes, however much room there is."""
    clock.now += 80 * DAY
    touch_result(store, three[1].key)
    clock.now += 20 * DAY
    assert evict(store).results == 2
    assert [has_result(store, run.key) for run in three] == [False, True, False]


def test_run_of_a_removed_result_says_so(store, workspace, clock, three, ask):
    """Its run tells what happened, can't be opened, and can be asked again."""
    clock.now += 100 * DAY
    evict(store)
    run = get_run(store, workspace, three[0].id)
    assert (run.state, run.error[:23]) == ("failed", "This result was removed")
    with pytest.raises(NotFound):
        load_result(store, run.key)
    assert ("queued", run.id) == (ask(store, workspace, 0).state, run.id)


def test_shared_result_stays_while_others_go(make_store, store, workspace, three):
    """The oldest is pinned by its link, so the next one goes instead."""
    size = size_of(result_path(store, three[0].key))
    create_share(store, workspace, [three[0].id], "", None)
    evict(make_store(result_bytes=int(1.5 * size)))
    assert [has_result(store, run.key) for run in three] == [True, False, False]


def test_link_that_ended_pins_nothing(make_store, store, workspace, clock, three):
    """After its expiry a link keeps no result."""
    create_share(store, workspace, [three[0].id], "", 1)
    clock.now += 2 * DAY
    evict(make_store(result_bytes=1))
    assert not has_result(store, three[0].key)


def test_result_that_a_live_job_writes_stays(make_store, store, workspace, clock, ask, analysis):
    """Between storing a result and finishing its job nothing takes it away."""
    run = ask(store, workspace, 7)
    job = claim_job(store, "r")
    save_result(store, analysis, analysis.params[0](n=7), job.inputs, Result("", {}), {})
    assert evict(make_store(result_bytes=1)).results == 0
    assert has_result(store, run.key)


def test_result_without_a_row_is_entered(store, three):
    """A writer that was killed between folder and row leaves a result that eviction still knows."""
    with store.writing() as connection:
        connection.execute(results.delete())
    assert evict(store) == NOTHING
    with store.reading() as connection:
        assert len(connection.execute(results.select()).all()) == 3


def test_result_that_nobody_asked_for_goes(store, analysis):
    """Such as that of a run which was deleted while its job was ending."""
    key = save_result(store, analysis, analysis.params[0](n=9), {}, Result("", {}), {})
    assert evict(store).results == 1
    assert not has_result(store, key)


def test_oldest_steps_go_first(make_store, store):
    """A step that was read lately outlives one that was not."""
    steps, keys = StepFolder(store.home / "steps"), [f"{n:02d}" * 20 for n in range(3)]
    for n, key in enumerate(keys):
        steps.put(key, np.zeros(1000))
        os.utime(place_of(store.home / "steps", key), (n, n))
    steps.get(keys[0])
    size = size_of(place_of(store.home / "steps", keys[0]))
    assert evict(make_store(step_bytes=int(2.5 * size))).steps == 1
    assert [place_of(store.home / "steps", key).exists() for key in keys] == [True, False, True]


def test_orphaned_upload_goes(store, workspace, bring):
    """A file that no row refers to is removed; those that one refers to stay."""
    kept = bring(store, workspace)
    orphan = place_of(store.home / "uploads", "0" * 40)
    orphan.mkdir(parents=True)
    (orphan / "content.csv").write_text("a\n1\n")
    assert evict(store).uploads == 1
    assert (orphan.exists(), kept.path.exists()) == (False, True)


def test_leftovers_go_after_a_day(store, workspace, clock):
    """What a killed writer left is removed; what is being written now is not."""
    clock.now = 4_000_000_000.0
    old, new = store.tmp / "old", store.tmp / "new"
    for folder, moment in ((old, clock.now - 2 * DAY), (new, clock.now)):
        folder.mkdir()
        os.utime(folder, (moment, moment))
    incoming = begin_upload(store, workspace, "a.csv")
    os.utime(incoming.folder, (clock.now, clock.now))
    assert evict(store).leftovers == 1
    assert {new, incoming.folder} == set(store.tmp.iterdir())
    incoming.abandon()
