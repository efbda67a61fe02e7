"""Accounts: one workspace each, opened by a login that can end, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sql

from core.errors import BadInput
from core.settings import Settings
from core.store.accounts import (
    _MOVED,
    Account,
    Identity,
    account_of_login,
    is_administrator,
    log_in,
    log_out,
    log_out_everywhere,
)
from core.store.allowances import allowance_of
from core.store.database import logins, metadata
from core.store.runs import Run, list_runs
from core.store.script_tokens import list_script_tokens, make_script_token, revoke_script_token, workspace_of_token
from core.store.store import Store
from core.store.uploads import Upload, list_uploads
from core.store.workspaces import new_workspace
from tests.core.store.conftest import Clock

ANN = Identity("https://provider.test", "ann", "ann@example.org", True, "Ann")
DAY = 86_400.0
NO_PROPERTY = {
    "accounts",
    "allowances",
    "jobs_started",
    "script_tokens",
}  # of workspaces, but not what a visitor has made


def test_issuer_and_subject_name_the_account(store: Store) -> None:
    """The same issuer and subject are the same account whatever their address; another issuer's subject is another."""
    first, _ = log_in(store, ANN)
    again, _ = log_in(store, Identity(ANN.issuer, "ann", "new@example.org", False, "Ann B."))
    assert (again.id, again.workspace) == (first.id, first.workspace)
    assert again.label == "new@example.org"
    for other in (Identity("https://other.test", "ann", ANN.email, True), Identity(ANN.issuer, "Ann", ANN.email, True)):
        assert log_in(store, other)[0].workspace != first.workspace


@pytest.mark.parametrize("nobody", [Identity("", "ann"), Identity("https://p.test", ""), Identity("i", "s" * 401)])
def test_provider_that_names_nobody_opens_nothing(store: Store, nobody: Identity) -> None:
    """An identity without issuer or subject is refused."""
    with pytest.raises(BadInput, match="names nobody"):
        log_in(store, nobody)


def test_login_ends_with_its_time_or_its_logout(store: Store, clock: Clock) -> None:
    """A token opens the account until it expires or is logged out; a second browser's stays, until all are ended."""
    account, here = log_in(store, ANN)
    _, there = log_in(store, ANN)
    assert here != there
    assert account_of_login(store, here) == account_of_login(store, there) != None  # noqa: E711
    log_out(store, here)
    assert account_of_login(store, here) is None
    assert account_of_login(store, there) is not None
    log_out_everywhere(store, account)
    assert account_of_login(store, there) is None
    _, later = log_in(store, ANN)
    clock.now += store.settings.login_days * DAY
    assert account_of_login(store, later) is None
    for forged in (None, "", "forged", later[:-1], account.id, account.workspace):
        assert account_of_login(store, forged) is None


def test_token_of_a_login_is_kept_nowhere(store: Store) -> None:
    """The table of logins holds only digests."""
    _, token = log_in(store, ANN)
    with store.reading() as connection:
        kept = connection.execute(sql.select(logins.c.token)).scalars().all()
    assert len(kept) == 1 and token not in kept[0]


def test_first_login_takes_over_what_the_browser_had(
    store: Store, workspace: str, ask: Callable[..., Run], bring: Callable[..., Upload]
) -> None:
    """What a visitor made before becomes the account's, and the cookie of before opens an empty workspace."""
    ask(store, workspace, upload := 1)
    bring(store, workspace)
    account, _ = log_in(store, ANN, workspace)
    assert account.workspace != workspace
    assert [run.params["n"] for run in list_runs(store, account.workspace)] == [upload]
    assert len(list_uploads(store, account.workspace)) == 1
    assert list_runs(store, workspace) == [] and list_uploads(store, workspace) == []


def test_later_logins_take_nothing_over(store: Store, workspace: str, ask: Callable[..., Run]) -> None:
    """Only the first login takes over, and never what belongs to another account."""
    ann, _ = log_in(store, ANN)
    ask(store, workspace)
    log_in(store, ANN, workspace)
    assert len(list_runs(store, workspace)) == 1
    ask(store, ann.workspace, 2)
    log_in(store, Identity(ANN.issuer, "ben"), ann.workspace)
    assert len(list_runs(store, ann.workspace)) == 1


def test_everything_of_a_workspace_is_taken_over() -> None:
    """Every table with a workspace in it is moved, or is known to hold nothing that a visitor has made."""
    with_workspace = {name for name, table in metadata.tables.items() if "workspace" in table.c}
    assert with_workspace == {table.name for table in _MOVED} | NO_PROPERTY


@pytest.mark.parametrize(
    ("named", "who", "expected"),
    [
        ("ann@example.org", ANN, True),
        (" ben , ANN@example.ORG", ANN, True),
        ("ann", ANN, True),
        ("ann@example.org", Identity(ANN.issuer, "mallory", "ann@example.org", False), False),
        ("ann@example.org", Identity(ANN.issuer, "x", "", True), False),
        ("", ANN, False),
        (",", Identity(ANN.issuer, "x", "", True), False),
        ("ben", ANN, False),
    ],
)
def test_administrators_are_named_by_subject_or_verified_address(named: str, who: Identity, expected: bool) -> None:
    """An address counts only where the provider has verified it."""
    account = Account("id", "workspace", who, 0.0, 0.0)
    assert is_administrator(Settings(administrators=named), account) is expected
    assert not is_administrator(Settings(administrators=named), None)


def test_script_token_opens_its_workspace_until_revoked(store: Store, clock: Clock) -> None:
    """A token is its workspace's alone, ends with its time or by its owner, and tells when it was used."""
    mine, theirs = new_workspace(store), new_workspace(store)
    made, token = make_script_token(store, mine, "nightly", 1)
    assert workspace_of_token(store, token) == mine
    assert list_script_tokens(store, mine)[0].last_used == clock.now
    assert list_script_tokens(store, theirs) == []
    with pytest.raises(LookupError):
        revoke_script_token(store, theirs, made.id)
    revoke_script_token(store, mine, made.id)
    assert workspace_of_token(store, token) is None
    _, short = make_script_token(store, mine, "", 1)
    clock.now += DAY
    assert workspace_of_token(store, short) is None
    with pytest.raises(BadInput, match="Expiry"):
        make_script_token(store, mine, "", 0)


def test_usual_allowance_is_the_settings(store: Store, workspace: str) -> None:
    """Without a word of the administrator the settings hold."""
    with store.reading() as connection:
        found = allowance_of(connection, store.settings, workspace)
    assert found.jobs_a_day == store.settings.jobs_a_day and not found.blocked
