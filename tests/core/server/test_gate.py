"""Who is let in: by which name, from which pages, counted under which address; and bodies that do not come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.server.address import address_of, counted_address, trusted_networks
from core.server.gate import is_known_host
from core.server.middleware import build_middleware, content_security_policy
from core.server.uploads import put_upload
from core.settings import Settings
from core.store.store import Store, open_store
from core.store.uploads import list_uploads
from core.store.workspaces import new_workspace, sign_workspace

Visitor = Callable[..., TestClient]
STREAM = "ws://127.0.0.1:8501/_stcore/stream"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8501", "localhost", "LOCALHOST:80", "[::1]:8501", "192.0.2.7", "assay.test", "Assay.Test.:443"],
)
def test_addresses_localhost_and_own_names_are_known(host: str) -> None:
    """A name can be made to point here by a stranger; an address can't, and the settings' names are ours."""
    assert is_known_host(host, Settings(hosts="assay.test, other.test"))


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.test", "evil.test:8501", "127.0.0.1.evil.test", "localhost.evil.test", "[::1", "a b", "@", "*"],
)
def test_other_names_are_refused(host: str | None) -> None:
    """Anything else could be a page of a stranger that now calls this server its own."""
    assert not is_known_host(host, Settings(hosts="assay.test"))


def test_a_foreign_name_reaches_no_route_and_gets_no_cookie(visitor: Visitor) -> None:
    """DNS rebinding: 421, one sentence, no workspace."""
    client = visitor()
    for path in ("/", "/api/health", "/api/runs"):
        reply = client.get(path, headers={"Host": "evil.test", "Accept": "text/html"})
        assert reply.status_code == 421
        assert "ASSAY_HOSTS" in reply.text and "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "path",
    ["/_stcore/upload_file/a/b", "/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent", "/_stcore/upload_file"],
)
def test_streamlits_unused_routes_are_closed(visitor: Visitor, path: str) -> None:
    """Its upload store and its metrics look as if they were not there."""
    for method in ("GET", "PUT", "POST", "DELETE", "OPTIONS"):
        assert visitor().request(method, path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_sites_change_nothing(visitor: Visitor, method: str) -> None:
    """Whatever is no reading is refused from a page of another origin, on every address."""
    for path in ("/api/runs", "/api/uploads/a.csv", "/", "/auth/logout"):
        for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
            assert visitor().request(method, path, headers=headers).status_code == 403


def socket_client(settings: Settings) -> TestClient:
    """A server that only echoes through a web socket, behind the whole stack."""

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(address_of(socket.headers))
        await socket.close()

    store = open_store(settings)
    app = Starlette(routes=[WebSocketRoute("/_stcore/stream", echo)], middleware=build_middleware(lambda: store))
    return TestClient(app, base_url="http://127.0.0.1:8501")


def test_web_sockets_open_from_own_pages_and_scripts_only(tmp_path: Path) -> None:
    """Another port of this machine is another origin, although it shares the cookie."""
    client = socket_client(Settings(home=tmp_path / "home"))
    for headers in ({"Origin": "http://127.0.0.1:8501"}, {}):
        with client.websocket_connect(STREAM, headers=headers) as socket:
            socket.receive_text()
    for headers in (
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "http://localhost:8501"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Host": "evil.test", "Origin": "http://evil.test"},
    ):
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(STREAM, headers=headers):
            pass
        assert refused.value.code == 1008


def test_what_a_client_says_of_itself_is_thrown_away(tmp_path: Path) -> None:
    """The header by which pages learn the address comes from the server alone."""
    client = socket_client(Settings(home=tmp_path / "home"))
    headers = {"X-Assay-Address": "198.51.100.1", "X-Forwarded-For": "198.51.100.2"}
    with client.websocket_connect(STREAM, headers=headers) as socket:
        assert socket.receive_text() == "testclient"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "counted"),
    [
        (("203.0.113.9", 5), [], "", "203.0.113.9"),
        (("203.0.113.9", 5), ["198.51.100.1"], "", "203.0.113.9"),
        (("203.0.113.9", 5), ["198.51.100.1"], "10.0.0.0/8", "203.0.113.9"),
        (("10.0.0.1", 5), ["198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        (("10.0.0.1", 5), ["6.6.6.6, 198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        (("10.0.0.1", 5), ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "10.0.0.0/8", "198.51.100.1"),
        (("10.0.0.1", 5), [], "10.0.0.0/8", "10.0.0.1"),
        (("198.51.100.1", 0), ["198.51.100.1"], "", "127.0.0.1"),  # uvicorn believed it; nobody said it may be
        (("198.51.100.1", 0), ["198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        (("2001:db8:1:2:3:4:5:6", 5), [], "", "2001:db8:1:2::/64"),
        (("::ffff:203.0.113.9", 5), [], "", "203.0.113.9"),
        (("10.0.0.1", 5), ["[2001:db8:1:2::9]"], "10.0.0.1", "2001:db8:1:2::/64"),
        (("10.0.0.1", 5), ["x" * 5000], "10.0.0.1", "x" * 64),
    ],
)
def test_the_address_that_is_counted(peer: tuple[str, int], forwarded: list[str], trusted: str, counted: str) -> None:
    """X-Forwarded-For counts from trusted proxies only, and of it the last entry that is none of them."""
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    connection = HTTPConnection({"type": "http", "client": peer, "headers": headers})
    assert counted_address(connection, trusted_networks(Settings(trusted_proxies=trusted))) == counted


def test_the_policy_names_the_socket_of_this_host_alone() -> None:
    """A script can't send anything anywhere else; a host that is none adds nothing to the policy."""
    policy = content_security_policy("127.0.0.1:8501")
    assert "connect-src 'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501;" in policy
    assert "connect-src 'self' ;" in content_security_policy("a; script-src *")
    assert "http" not in policy


def test_failures_of_routes_tell_nothing(tmp_path: Path) -> None:
    """A route that breaks answers 500 with an id: no traceback, no path, nothing to be sniffed."""
    from core.server.failures import answer_unexpected

    def broken(request: Any) -> PlainTextResponse:
        raise RuntimeError(f"secret {tmp_path}")

    store = open_store(Settings(home=tmp_path / "home"))
    app = Starlette(
        routes=[Route("/broken", broken)],
        middleware=build_middleware(lambda: store),
        exception_handlers={Exception: answer_unexpected},
    )
    reply = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False).get("/broken")
    assert reply.status_code == 500
    assert "secret" not in reply.text and str(tmp_path) not in reply.text and "Traceback" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"


async def upload(store: Store, workspace: str, bodies: list[bytes], stated: int | None, ends: bool) -> int:
    """Sends a body chunk by chunk straight to the route; afterwards it ends, or nothing comes any more."""
    waiting = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        if not ends:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    cookie = f"assay_workspace={sign_workspace(store, workspace)}".encode()
    headers = [(b"cookie", cookie), *([(b"content-length", str(stated).encode())] if stated is not None else [])]
    scope = {
        **{"type": "http", "method": "PUT", "path": "/api/uploads/a.csv", "query_string": b"", "headers": headers},
        **{"path_params": {"name": "a.csv"}, "client": ("203.0.113.1", 5)},
    }
    from starlette.requests import Request

    return (await put_upload(Request(scope, receive), store)).status_code


@pytest.mark.parametrize(
    ("bodies", "stated", "ends", "status"),
    [
        ([b"a,b\n", b"1,2\n", b"3,4\n"], 12, True, 200),
        ([b"a,b\n"], 12, False, 408),  # stands still
        ([], None, False, 408),
        ([b"a,b\n", b"1,2\n" * 100], 12, True, 400),  # more than stated
    ],
)
def test_bodies_that_do_not_come_are_cut(
    tmp_path: Path, bodies: list[bytes], stated: int | None, ends: bool, status: int
) -> None:
    """An upload that stands still or brings more than it stated is ended, and nothing half-written is left."""
    store = open_store(Settings(home=tmp_path / "home", body_patience=0.05 if status == 408 else 30))
    workspace = new_workspace(store)
    with ThreadPoolExecutor(1) as beside:  # this thread may have an event loop that a browser uses
        answered = beside.submit(asyncio.run, upload(store, workspace, bodies, stated, ends)).result()
    assert answered == status
    assert len(list_uploads(store, workspace)) == (status == 200)
    assert not list(store.tmp.iterdir())
