"""A clock that jumps, forward or back: no lease is kept for ever or lost by its owner, nothing ends too early or never."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import NotFound
from core.store.capacity import offers
from core.store.jobs import (
    claim_job,
    is_heard,
    list_runners,
    record_progress,
    register_runner,
    renew_leases,
)
from core.store.runs import Run, get_run
from core.store.shares import create_share, open_share
from core.store.store import Store
from tests.core.store.conftest import Clock

HOUR, DAY = 3600.0, 86_400.0
WORKER = {"device": "cpu", "name": "A processor", "memory": 1, "threads": 1}


def test_a_lease_from_the_future_is_cut_to_a_whole_one(
    store: Store, workspace: str, ask: Callable[..., Run], clock: Clock
) -> None:
    """Set back by an hour: a runner that died before that loses its job after one lease, not after an hour and one."""
    run = ask(store, workspace)
    claim_job(store, "died")
    clock.now -= HOUR
    assert claim_job(store, "next") is None  # it may be alive: it has one lease to say so
    clock.now += store.settings.lease_seconds + 1
    assert claim_job(store, "next") is not None
    assert get_run(store, workspace, run.id).state == "running"


def test_a_living_runner_keeps_its_job_when_the_clock_is_set_back(
    store: Store, workspace: str, ask: Callable[..., Run], clock: Clock
) -> None:
    """It renews its lease by the new clock."""
    run = ask(store, workspace)
    claim_job(store, "alive")
    clock.now -= HOUR
    for _ in range(10):
        clock.now += store.settings.lease_seconds / 4
        renew_leases(store, "alive", [run.key])
        assert claim_job(store, "next") is None
    assert record_progress(store, "alive", run.key, 0.5, "half")


def test_a_runner_that_renews_first_keeps_its_job_when_the_clock_is_set_forward(
    store: Store, workspace: str, ask: Callable[..., Run], clock: Clock
) -> None:
    """The lease has run out, but nobody has taken the job yet."""
    run = ask(store, workspace)
    claim_job(store, "alive")
    clock.now += HOUR
    renew_leases(store, "alive", [run.key])
    assert claim_job(store, "next") is None


@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR, DAY])
def test_the_time_that_is_left_is_never_negative(
    store: Store, workspace: str, ask: Callable[..., Run], clock: Clock, jump: float
) -> None:
    """Whatever the clock says, and right again as soon as the runner has told it anew."""
    run = ask(store, workspace)
    claim_job(store, "alive")
    record_progress(store, "alive", run.key, 0.5, "half", 30.0)
    clock.now += jump
    eta = get_run(store, workspace, run.id).eta
    assert eta is not None and eta >= 0
    record_progress(store, "alive", run.key, 0.6, "more", 20.0)
    assert get_run(store, workspace, run.id).eta == 20.0


def test_a_link_ends_by_the_clock_and_comes_back_with_it(
    store: Store, workspace: str, ask: Callable[..., Run], answer: Callable[..., str], clock: Clock
) -> None:
    """A clock that ran ahead for a while takes no link away for good."""
    run = ask(store, workspace)
    answer(store)
    _, token = create_share(store, workspace, [run.id], expires_days=1)
    clock.now += 2 * DAY
    with pytest.raises(NotFound):
        open_share(store, token)
    clock.now -= 2 * DAY
    assert open_share(store, token).results[0][1] == run.key


def test_a_runner_heard_of_in_the_future_is_not_counted_on(store: Store, clock: Clock) -> None:
    """It died before the clock was set back: nothing is promised on its workers, and after a day it is forgotten."""
    register_runner(store, "died", "host", 1, [WORKER])
    assert is_heard(store, list_runners(store)[0]) and len(offers(store)) == 1
    clock.now -= HOUR
    assert not is_heard(store, list_runners(store)[0]) and offers(store) == ()
    clock.now -= DAY
    register_runner(store, "next", "host", 2, [])
    assert [row.runner for row in list_runners(store)] == ["next"]
