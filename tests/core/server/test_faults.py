"""What a full or read-only disk answers to scripts and browsers: status 503, one sentence, and when to come again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import Unavailable
from core.server.cookies import COOKIE
from core.server.failures import answer_unexpected
from core.server.middleware import build_middleware
from core.server.routes import build_routes
from core.settings import Settings
from core.store.faults import FULL, READ_ONLY
from core.store.store import open_store
from core.store.workspaces import new_workspace, sign_workspace
from tests.services.small_disk import MIB, SmallDisk, small_disk

NOWHERE = Path("/sys/assay")  # nobody may make a folder there, not even root


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, 4 * MIB) as made:
        yield made


def app_at(home: Path) -> Starlette:
    """The routes as app.py serves them."""

    def store() -> object:
        return open_store(Settings(home=home))

    handlers = {Unavailable: answer_unexpected, Exception: answer_unexpected}
    return Starlette(routes=build_routes(store), middleware=build_middleware(store), exception_handlers=handlers)  # type: ignore[arg-type]


def test_an_upload_that_the_disk_has_no_room_for(disk: SmallDisk) -> None:
    """The sentence, not a traceback and not an id; nothing of the file is left."""
    home = disk.path / "home"
    store = open_store(Settings(home=home))
    client = TestClient(app_at(home), base_url="http://127.0.0.1", raise_server_exceptions=False)
    client.cookies.set(COOKIE, sign_workspace(store, new_workspace(store)))
    reply = client.put("/api/uploads/large.csv", content=iter([bytes(MIB)] * 6))
    assert (reply.status_code, reply.json()) == (503, {"error": FULL})
    assert int(reply.headers["Retry-After"]) > 0
    assert list((home / "tmp").iterdir()) == []


def test_a_home_that_can_not_be_written() -> None:
    """A script reads the sentence as JSON; a browser is shown it and loads the page again by itself."""
    client = TestClient(app_at(NOWHERE), base_url="http://127.0.0.1", raise_server_exceptions=False)
    reply = client.get("/api/runs")
    assert (reply.status_code, reply.json()) == (503, {"error": READ_ONLY})
    page = client.get("/api/runs", headers={"Accept": "text/html"})
    assert (page.status_code, page.text) == (503, READ_ONLY)
    assert int(page.headers["Refresh"]) > 0
