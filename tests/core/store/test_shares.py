"""Links: a token of their own, an end, and one answer to everything that is wrong with them."""

from __future__ import annotations

import pytest

from core.errors import BadInput, NotFound
from core.store.eviction import evict
from core.store.results import has_result
from core.store.runs import delete_run
from core.store.shares import create_share, list_shares, open_share, revoke_share

DAY = 86_400


@pytest.fixture
def done(store, workspace, ask, answer):
    run = ask(store, workspace)
    answer(store)
    return run


def test_link_shows_what_was_shared(store, workspace, ask, answer, done):
    """Whoever has the token sees the titles and keys of the runs, in order, and the openings are counted."""
    other = ask(store, workspace, 2)
    answer(store)
    share, token = create_share(store, workspace, [other.id, done.id, other.id], "For <b>you</b>", 7)
    opened = open_share(store, token)
    assert ("For <b>you</b>", ((other.title, other.key), (done.title, done.key))) == (opened.label, opened.results)
    assert store.clock() + 7 * DAY == opened.expires
    (listed,) = list_shares(store, workspace)
    assert (share.id, (other.key, done.key), 1) == (listed.id, listed.keys, listed.opened)


def test_openings_within_a_minute_are_one_visit(store, workspace, clock, done):
    """A page that asks again at each of its runs does not count, nor write, each time."""
    _, token = create_share(store, workspace, [done.id], "", None)
    for seconds in (0, 30, 30, 1, 61):
        clock.now += seconds
        open_share(store, token)
    (listed,) = list_shares(store, workspace)
    assert listed.opened == 3


def test_token_is_not_kept(store, workspace, done):
    """The data base holds a digest only: who reads it can open nothing."""
    _, token = create_share(store, workspace, [done.id], "", None)
    assert len(token) >= 43
    content = b"".join(path.read_bytes() for path in store.home.glob("assay.sqlite*"))
    assert token.encode() not in content


def test_everything_wrong_with_a_link_is_the_same_not_found(store, workspace, clock, done):
    """Forged, expired, revoked, deleted and absurd tokens give the same error and the same words."""
    tokens = ["", "forged", "x" * 10_000, "\ud800", "' OR 1=1 --"]
    revoked, token = create_share(store, workspace, [done.id], "", None)
    tokens.append(token)
    revoke_share(store, workspace, revoked.id)
    _, token = create_share(store, workspace, [done.id], "", 1)
    open_share(store, token)
    tokens.append(token)
    clock.now += DAY
    _, token = create_share(store, workspace, [done.id], "", None)
    tokens.append(token)
    delete_run(store, workspace, done.id)
    messages = set()
    for token in tokens:
        with pytest.raises(NotFound) as error:
            open_share(store, token)
        messages.add((type(error.value), str(error.value)))
    assert len(messages) == 1


def test_key_and_ids_open_nothing(store, workspace, done):
    """The key of a result, the id of a run and the id of a link are no tokens."""
    share, _ = create_share(store, workspace, [done.id], "", None)
    for guess in (done.key, done.id, share.id, workspace):
        with pytest.raises(NotFound):
            open_share(store, guess)


def test_only_finished_runs_are_shared(store, workspace, ask):
    """A link to nothing is refused with a sentence."""
    with pytest.raises(BadInput, match="choose at least one"):
        create_share(store, workspace, [], "", None)
    with pytest.raises(BadInput, match="queued"):
        create_share(store, workspace, [ask(store, workspace).id], "", None)
    assert list_shares(store, workspace) == []


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_expiry_must_lie_ahead(store, workspace, done, days):
    """A link that has ended before it begins is refused."""
    with pytest.raises(BadInput, match="Expiry"):
        create_share(store, workspace, [done.id], "", days)


def test_shared_result_stays_until_the_link_ends(make_store, store, workspace, clock, done):
    """Neither age nor want of room removes what a valid link shows."""
    share, token = create_share(store, workspace, [done.id], "", 365)
    clock.now += 100 * DAY
    evict(make_store(result_bytes=1))
    assert has_result(store, open_share(store, token).results[0][1])
    revoke_share(store, workspace, share.id)
    evict(store)
    assert not has_result(store, done.key)
