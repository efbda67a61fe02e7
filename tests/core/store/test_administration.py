"""The administrator sees whose and how much, not what; to everybody else there is nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sql

from core.errors import BadInput, NotFound, TooLarge
from core.store.accounts import Account, Identity, account_of_login, log_in
from core.store.administration import (
    all_jobs,
    all_runners,
    all_workspaces,
    block,
    make_room,
    set_limits,
    settings_in_force,
    step_bytes,
    stop_job,
    storage,
    unblock,
)
from core.store.allowances import usage_of
from core.store.database import allowances
from core.store.jobs import claim_job
from core.store.runs import Run, get_run
from core.store.script_tokens import make_script_token, workspace_of_token
from core.store.store import Store
from core.store.uploads import Upload
from tests.core.store.conftest import Clock

ISSUER = "https://provider.test"


@pytest.fixture
def store(make_store: Callable[..., Store]) -> Store:
    return make_store(administrators="boss", jobs_a_day=3, jobs_queued=50)


@pytest.fixture
def boss(store: Store) -> Account:
    return log_in(store, Identity(ISSUER, "boss"))[0]


@pytest.fixture
def ann(store: Store) -> Account:
    return log_in(store, Identity(ISSUER, "ann", "ann@example.org", True))[0]


@pytest.mark.parametrize("somebody", [True, False])
def test_others_find_nothing(store: Store, ann: Account, somebody: bool) -> None:
    """Each function refuses an account that is not named, and nobody at all, as if it were not there."""
    asks = ann if somebody else None
    for call in (
        lambda: all_jobs(store, asks),
        lambda: all_runners(store, asks),
        lambda: all_workspaces(store, asks),
        lambda: storage(store, asks),
        lambda: step_bytes(store, asks),
        lambda: make_room(store, asks),
        lambda: settings_in_force(store, asks),
        lambda: stop_job(store, asks, "key"),
        lambda: set_limits(store, asks, ann.workspace, {"jobs_a_day": 9}),
        lambda: block(store, asks, ann.workspace),
        lambda: unblock(store, asks, ann.workspace),
    ):
        with pytest.raises(NotFound, match="no such page"):
            call()
    with store.reading() as connection:
        assert connection.execute(sql.select(allowances)).all() == []


def test_jobs_are_shown_without_what_they_are_about(
    store: Store, boss: Account, ann: Account, ask: Callable[..., Run]
) -> None:
    """A job has an owner, a question and a state; its title, parameters and inputs are not there."""
    run = ask(store, ann.workspace, 41)
    (job,) = all_jobs(store, boss)
    assert (job.owner, job.slug, job.mode, job.state) == ("ann@example.org", "toy", "ask", "queued")
    assert run.title not in repr(job) and "41" not in repr(job)
    stop_job(store, boss, job.key)
    assert get_run(store, ann.workspace, run.id).state == "cancelled"
    with pytest.raises(NotFound, match="ended"):
        stop_job(store, boss, job.key)


def test_storage_counts_each_content_once(
    store: Store, boss: Account, ann: Account, workspace: str, bring: Callable[..., Upload]
) -> None:
    """Two workspaces with one file fill the disk once, and each its own allowance."""
    size = bring(store, ann.workspace).bytes
    bring(store, workspace)
    kept = storage(store, boss)
    assert (kept.uploads, kept.upload_bytes) == (1, size)
    found = {one.workspace: one for one in all_workspaces(store, boss)}
    assert found[ann.workspace].bytes == found[workspace].bytes == size
    assert found[workspace].label == f"no account, {workspace[:8]}" and not found[workspace].has_account
    assert found[ann.workspace].label == "ann@example.org"


def test_jobs_a_day_are_counted_and_begin_anew_at_midnight(
    store: Store, ann: Account, ask: Callable[..., Run], answer: Callable[..., str], clock: Clock
) -> None:
    """The fourth job of a day is refused with what to do; one that the store answers is none; a new day counts anew."""
    for n in range(3):
        ask(store, ann.workspace, n)
        answer(store)
    ask(store, ann.workspace, 1)
    with pytest.raises(BadInput, match="3 runs were started today and 3 may be; go on after midnight UTC"):
        ask(store, ann.workspace, 4)
    assert usage_of(store, ann.workspace).today == 3
    clock.now += 86_400
    assert usage_of(store, ann.workspace).today == 0
    ask(store, ann.workspace, 4)


def test_limits_of_one_workspace(
    store: Store, boss: Account, ann: Account, ask: Callable[..., Run], bring: Callable[..., Upload]
) -> None:
    """The administrator's limits hold for that workspace alone, at once, until they are taken back."""
    set_limits(store, boss, ann.workspace, {"jobs_a_day": 5, "jobs_at_once": 1, "workspace_bytes": 100})
    for n in range(5):
        ask(store, ann.workspace, n)
    assert claim_job(store, "runner") is not None
    assert claim_job(store, "runner") is None
    with pytest.raises(TooLarge, match="all of a workspace together 100"):
        bring(store, ann.workspace)
    bring(store, boss.workspace)
    set_limits(store, boss, ann.workspace, {"jobs_at_once": None, "workspace_bytes": None})
    assert claim_job(store, "runner") is not None
    bring(store, ann.workspace)
    (mine,) = [one for one in all_workspaces(store, boss) if one.workspace == ann.workspace]
    assert mine.own_limits == {"jobs_a_day": 5}
    with pytest.raises(BadInput, match="Jobs a day: 0"):
        set_limits(store, boss, ann.workspace, {"jobs_a_day": 0})
    with pytest.raises(NotFound):
        set_limits(store, boss, "nobody", {"jobs_a_day": 1})


def test_blocked_workspace_begins_nothing(
    store: Store, boss: Account, ask: Callable[..., Run], bring: Callable[..., Upload]
) -> None:
    """Its logins and tokens open nothing, its work is cancelled, and nothing new starts until it is opened again."""
    who = Identity(ISSUER, "ben")
    ben, login = log_in(store, who)
    _, token = make_script_token(store, ben.workspace)
    run = ask(store, ben.workspace)
    block(store, boss, ben.workspace)
    assert account_of_login(store, login) is None
    assert workspace_of_token(store, token) is None
    assert get_run(store, ben.workspace, run.id).state == "cancelled"
    for attempt in (
        lambda: ask(store, ben.workspace, 2),
        lambda: bring(store, ben.workspace),
        lambda: log_in(store, who),
    ):
        with pytest.raises(BadInput, match="blocked by the administrator"):
            attempt()
    unblock(store, boss, ben.workspace)
    assert log_in(store, who)[0].workspace == ben.workspace
    assert workspace_of_token(store, token) == ben.workspace
    ask(store, ben.workspace, 2)
    with pytest.raises(BadInput, match="your own"):
        block(store, boss, boss.workspace)


def test_settings_are_shown_without_their_secrets(make_store: Callable[..., Store]) -> None:
    """Secrets and passwords never reach the page."""
    store = make_store(
        administrators="boss",
        secret="geheim",
        scheduler="tls://me:geheim@cluster:8786",
        public_url="https://assay.test",
        oidc_metadata_url="https://p.test/x?key=geheim",
        oidc_client_id="assay",
        oidc_client_secret="geheim",
    )
    boss, _ = log_in(store, Identity(ISSUER, "boss"))
    lines = {line.variable: line for line in settings_in_force(store, boss)}
    assert "geheim" not in repr(lines)
    assert lines["ASSAY_OIDC_CLIENT_SECRET"].value == "set, not shown"
    assert lines["ASSAY_SCHEDULER"].value == "tls://me:***@cluster:8786"
    assert lines["ASSAY_PUBLIC_URL"].value == "https://assay.test" and not lines["ASSAY_PUBLIC_URL"].is_default
    assert lines["ASSAY_WORKERS"].is_default
