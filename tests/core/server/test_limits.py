"""Buckets: exact, shared by all page servers, bounded in number, and met by every way in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sql
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import NotFound, TooOften
from core.server.cookies import COOKIE
from core.server.limits import HOUR, SLOTS, Cost, opening_a_link, run_costs, spend, workspace_costs
from core.server.middleware import build_middleware
from core.server.routes import build_routes
from core.settings import Settings
from core.store.database import buckets
from core.store.store import Store, open_store
from core.store.uploads import list_uploads
from core.store.workspaces import new_workspace, sign_workspace

HTML = {"Accept": "text/html"}
HERE = "203.0.113.7"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Callable[..., Store]:
    """Opens the store of one installation with other limits; each call is another page server."""
    return lambda **limits: open_store(Settings(home=tmp_path / "home", hosts="assay.test", **limits), clock)


def client_of(store: Store, workspace: str = "") -> TestClient:
    """A browser, or a script, before the whole stack."""
    app = Starlette(routes=build_routes(lambda: store), middleware=build_middleware(lambda: store))
    client = TestClient(app, base_url="http://assay.test")
    if workspace:
        client.cookies.set(COOKIE, sign_workspace(store, workspace))
    return client


def test_a_bucket_may_be_emptied_at_once_and_fills_evenly(make: Callable[..., Store], clock: Clock) -> None:
    """N are taken at once and not one more; then one every N-th of an hour, and after an hour all N again."""
    store, cost = make(), Cost("acts", 12, "somebody")
    for _ in range(12):
        spend(store, cost)
    with pytest.raises(TooOften) as refused:
        spend(store, cost)
    assert refused.value.seconds == pytest.approx(HOUR / 12, abs=1e-3)
    assert str(refused.value) == "Too many acts: 12 an hour are taken here. Try again in 5 minutes."
    clock.now += HOUR / 12
    spend(store, cost)
    with pytest.raises(TooOften):
        spend(store, cost)
    clock.now += HOUR
    spend(store, dataclasses.replace(cost, amount=12))
    with pytest.raises(TooOften):
        spend(store, cost)


def test_two_page_servers_share_a_bucket(make: Callable[..., Store]) -> None:
    """What one server has taken is gone for the other, exactly."""
    one, other, cost = make(), make(), Cost("acts", 5, "somebody")
    for server in (one, other, one, other, one):
        spend(server, cost)
    for server in (one, other):
        with pytest.raises(TooOften):
            spend(server, cost)


def test_all_costs_are_taken_or_none(make: Callable[..., Store]) -> None:
    """Where one bucket is empty, the others keep what they have."""
    store, small, large = make(), Cost("small", 1, "a"), Cost("large", 2, "a")
    spend(store, large, small)
    with pytest.raises(TooOften, match="small"):
        spend(store, large, small)
    spend(store, large)


def test_a_clock_that_is_set_back_locks_nobody_out_for_long(make: Callable[..., Store], clock: Clock) -> None:
    """A bucket is never emptier than empty: after an hour it is full, whatever the clock was before."""
    store, cost = make(), Cost("acts", 1, "a")
    spend(store, cost)
    clock.now -= 30 * 86_400
    with pytest.raises(TooOften) as refused:
        spend(store, cost)
    assert refused.value.seconds <= HOUR


def test_the_table_is_bounded_and_holds_no_address(make: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses come, there are at most `SLOTS` buckets of a kind; none says whose it is."""
    assert SLOTS == 65_536
    monkeypatch.setattr("core.server.limits.SLOTS", 8)
    store = make(hourly_workspaces=10_000)
    for number in range(60):
        spend(store, *workspace_costs(store, f"198.51.100.{number}"))
    with store.reading() as connection:
        rows = connection.execute(sql.select(buckets)).all()
    assert len(rows) <= 8
    assert "198.51" not in repr(rows)


def test_who_is_refused_writes_nothing(make: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is found by reading, so an attack keeps no writer waiting."""
    store, cost = make(), Cost("acts", 1, "a")
    spend(store, cost)
    monkeypatch.setattr(Store, "writing", lambda self: pytest.fail("a refusal wrote"))
    with pytest.raises(TooOften):
        spend(store, cost)


def test_an_address_has_as_much_as_some_workspaces(make: Callable[..., Store]) -> None:
    """Workspaces of one address share what the setting says; another address is not touched."""
    store = make(hourly_runs=2, workspaces_per_address=2)
    for workspace in ("a", "a", "b", "b"):
        spend(store, *run_costs(store, workspace, HERE))
    with pytest.raises(TooOften, match="from one address"):
        spend(store, *run_costs(store, "c", HERE))
    spend(store, *run_costs(store, "c", "203.0.113.8"))


def test_failing_links_are_counted_and_opening_ones_are_not(make: Callable[..., Store]) -> None:
    """After some failures nothing is looked up any more, not even a link that would open; others go on."""
    store = make(hourly_link_failures=3)

    def look_up(address: str, opens: bool) -> str:
        with opening_a_link(store, address):
            if not opens:
                raise NotFound()
            return "opened"

    for _ in range(10):
        assert look_up(HERE, True) == "opened"
    for _ in range(3):
        with pytest.raises(NotFound):
            look_up(HERE, False)
    for opens in (False, True):
        with pytest.raises(TooOften, match="links that open nothing"):
            look_up(HERE, opens)
    assert look_up("203.0.113.8", True) == "opened"


def test_guesses_are_refused_on_both_kinds_of_links(make: Callable[..., Store]) -> None:
    """Share and holdout tokens are guessed from one allowance: 404 three times, then 429 with the time to wait."""
    client = client_of(make(hourly_link_failures=3))
    tried = [
        client.get("/api/shared/guess/1/result.zip"),
        client.post("/api/holdouts/guess?name=a.npz", content=b"x"),
        client.get("/api/shared/other/1/result.zip"),
        client.get("/api/shared/third/1/result.zip"),
        client.post("/api/holdouts/third?name=a.npz", content=b"x"),
    ]
    assert [reply.status_code for reply in tried] == [404, 404, 404, 429, 429]
    assert tried[-1].headers["retry-after"] == "1200"
    assert tried[-1].json()["error"].endswith("Try again in 20 minutes.")


def test_uploads_are_counted(make: Callable[..., Store]) -> None:
    """The third upload of two an hour is refused before a byte of it is kept; refused files count too."""
    store = make(hourly_uploads=2)
    workspace = new_workspace(store)
    client = client_of(store, workspace)
    replies = [client.put("/api/uploads/a.csv", content=content) for content in (b"", b"a,b\n1,2\n2,3\n", b"a\n")]
    assert [reply.status_code for reply in replies] == [400, 200, 429]
    assert len(list_uploads(store, workspace)) == 1
    assert not list(store.tmp.iterdir())


@pytest.mark.parametrize("declared", [True, False])
def test_bytes_are_counted_before_they_are_written(make: Callable[..., Store], declared: bool) -> None:
    """17 MiB of 16 an hour are cut in the second slice, declared or not, and nothing half-written is left."""
    store = make(hourly_upload_bytes=16 << 20, upload_bytes=64 << 20)
    workspace, block = new_workspace(store), b"1" * (1 << 20)
    reply = client_of(store, workspace).put(
        "/api/uploads/a.csv", content=block * 17 if declared else iter([block] * 17)
    )
    assert reply.status_code == 429
    assert "16 MiB an hour" in reply.json()["error"]
    assert list_uploads(store, workspace) == []
    assert not list(store.tmp.iterdir())


def test_new_workspaces_are_counted(make: Callable[..., Store]) -> None:
    """An address that opens one workspace after the other is told to wait, on pages and by the upload route."""
    store = make(hourly_workspaces=2)
    statuses = [
        client_of(store).get("/", headers=HTML).status_code,
        client_of(store).put("/api/uploads/?workspace=new", content=b"").status_code,
        client_of(store).put("/api/uploads/?workspace=new", content=b"").status_code,
    ]
    page = client_of(store).get("/", headers=HTML)
    assert statuses == [404, 400, 429]  # no page is in this stack and no name was sent, but workspaces were made
    assert page.status_code == 429 and page.text.startswith("Too many new workspaces")
    assert int(page.headers["retry-after"]) > 0 and "set-cookie" not in page.headers
