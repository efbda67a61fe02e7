"""The socket of the live line: what its owner is told, and that a stranger learns nothing."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.errors import Unavailable
from core.server.cookies import COOKIE
from core.server.middleware import build_middleware
from core.store.faults import BUSY
from core.store.pulse import Pulse, Reading
from core.store.runs import Run, cancel_run
from core.store.workspaces import new_workspace, sign_workspace
from pages.parts.live_socket import live_routes
from tests.pages.conftest import Desk

OVER = {"html": "", "ended": True}


def browser(desk: Desk, workspace: str = "") -> TestClient:
    """Of somebody with a workspace's cookie; without one, of nobody."""
    store = desk.store
    app = Starlette(routes=live_routes(lambda: Pulse(store)), middleware=build_middleware(lambda: store))
    cookies = {COOKIE: sign_workspace(store, workspace)} if workspace else {}
    return TestClient(app, base_url="http://localhost", cookies=cookies)


def told(client: TestClient, run: str, questions: int = 1) -> list[dict[str, Any]]:
    """The answers to some questions after another."""
    with client.websocket_connect(f"ws://localhost/api/live/{run}") as socket:
        answers = []
        for _ in range(questions):
            socket.send_text("look")
            answers.append(socket.receive_json())
        return answers


def test_the_owner_sees_how_far_it_is(desk: Desk) -> None:
    """Bar and words at each question, until the run has ended; then the socket is closed."""
    run = desk.ask()
    desk.progress(run, 0.42, "Gride, scale 64", 21.0)
    client = browser(desk, desk.workspace)
    with client.websocket_connect(f"ws://localhost/api/live/{run.id}") as socket:
        for _ in range(2):
            socket.send_text("look")
            said = socket.receive_json()
            assert not said["ended"]
            assert 'aria-valuenow="42"' in said["html"] and "Gride, scale 64" in said["html"]
        cancel_run(desk.store, desk.workspace, run.id)
        socket.send_text("look")
        assert socket.receive_json() == OVER
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_a_strangers_run_is_as_good_as_none(desk: Desk) -> None:
    """Nobody, and the owner of another workspace, are told the same of a live run as of one that never was."""
    run: Run = desk.ask()
    for client in (browser(desk), browser(desk, new_workspace(desk.store))):
        assert told(client, run.id) == told(client, "never") == [OVER]


def test_a_page_of_another_site_gets_no_socket(desk: Desk) -> None:
    """The cookie that a browser sends along does not help it."""
    run = desk.ask()
    client = browser(desk, desk.workspace)
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"ws://localhost/api/live/{run.id}", headers={"Origin": "https://evil.test"}),
    ):
        pass


def test_bytes_instead_of_a_question_end_the_socket(desk: Desk) -> None:
    """Nothing is thrown, and the next socket works."""
    run = desk.ask()
    client = browser(desk, desk.workspace)
    with client.websocket_connect(f"ws://localhost/api/live/{run.id}") as socket:
        socket.send_bytes(b"look")
    assert not told(client, run.id)[0]["ended"]


def test_a_held_database_is_said_and_the_socket_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence stands where the bar was, and the next answer is the bar again."""
    run = desk.ask()
    client = browser(desk, desk.workspace)

    def held(pulse: Pulse) -> Reading:
        raise Unavailable(BUSY)

    with client.websocket_connect(f"ws://localhost/api/live/{run.id}") as socket:
        with monkeypatch.context() as patch:
            patch.setattr(Pulse, "reading", held)
            socket.send_text("look")
            said = socket.receive_json()
            assert BUSY in said["html"] and not said["ended"]
        socket.send_text("look")
        assert "progressbar" in socket.receive_json()["html"]
