"""Every route, by every method, with every id of another workspace: a stranger learns as much as from an id that never was."""

from __future__ import annotations

import ast
import secrets
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
import sqlalchemy as sql
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_app import create_streamlit_middleware, create_streamlit_routes

import core.server
import core.store.uploads
from core.errors import BadInput
from core.server.cookies import COOKIE
from core.server.middleware import build_middleware
from core.server.routes import build_routes
from core.settings import Settings
from core.store.annotations import add_annotation
from core.store.database import holdout_links, metadata, shares
from core.store.holdout_links import link_holdout
from core.store.holdouts import create_holdout
from core.store.pulse import Pulse
from core.store.runs import Run
from core.store.shares import create_share
from core.store.store import Store, open_store
from core.store.uploads import begin_upload, finish_upload
from core.store.workspaces import new_workspace, sign_workspace
from pages.parts.live_socket import live_routes

MAIN_METHODS = ("GET", "POST", "PUT", "DELETE")
METHODS = (*MAIN_METHODS, "HEAD", "OPTIONS", "PATCH", "TRACE")
FEW = ("run", "upload", "digest of its token")  # the kinds that the other methods are tried with
FILES = ("result.json", "tables/data_dimension.csv")

# What is asked of each route; ID stands for what a stranger has got hold of. A route that is not here fails the test: say
# how an id could be handed to it, or that none can.
ADDRESSES: dict[str, tuple[str, ...]] = {
    "/api/health": ("/api/health",),
    "/api/uploads": ("/api/uploads",),
    "/api/uploads/{name:path}": ("/api/uploads/ID", "/api/uploads/ID/content.csv"),
    "/api/holdouts/{token}": ("/api/holdouts/ID",),
    "/api/runs": ("/api/runs",),
    "/api/runs/{run}": ("/api/runs/ID",),
    "/api/results/{run}/{name:path}": tuple(f"/api/results/ID/{name}" for name in FILES),
    "/api/shared/{token}/{place:int}/{name:path}": tuple(f"/api/shared/ID/1/{name}" for name in FILES),
    "/api/{anything:path}": ("/api/ID", "/api/results/ID"),
    "/api/live/{run}": (),  # a web socket: tests/pages/test_live_socket.py asks it for a stranger's runs
    "/login": ("/login",),
    "/assets/fonts": ("/assets/fonts/ID",),
    "/assets/pictures": ("/assets/pictures/ID",),
    "/assets/examples": ("/assets/examples/ID",),
    # Streamlit's own.
    "/_stcore/health": ("/_stcore/health",),
    "/_stcore/metrics": ("/_stcore/metrics",),
    "/_stcore/host-config": ("/_stcore/host-config",),
    "/_stcore/stream": (),  # the web socket: what it tells is what the pages tell
    "/media/{file_id:path}": ("/media/ID", "/media/ID.csv"),
    "/_stcore/upload_file/{session_id}/{file_id}": ("/_stcore/upload_file/ID/ID",),
    "/component/{path:path}": ("/component/ID/index.html",),
    "/_stcore/bidi-components/{path:path}": ("/_stcore/bidi-components/ID/index.js",),
    "/auth/login": ("/auth/login",),
    "/auth/logout": ("/auth/logout",),
    "/oauth2callback": ("/oauth2callback",),
    "/_stcore/agent/interact": ("/_stcore/agent/interact",),
    "/_stcore/agent/openapi.json": ("/_stcore/agent/openapi.json",),
    "/_stcore/agent/mcp": ("/_stcore/agent/mcp",),
    "": ("/ID", "/runs", "/static/ID", "/ID/_stcore/health"),  # the page's frame and Streamlit's files
}
LISTS = ("/api/uploads", "/api/runs")
# Names in queries that a route reads; each is sent along with the id as its value.
QUERY = {"name", "kind", "workspace", "query", "asker", "claim", "tolerance", "to"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that does not count guesses, and refuses every upload after it was received."""
    unlimited = {"hourly_uploads": 10**9, "hourly_link_failures": 10**9, "hourly_holdout_questions": 10**9}
    return open_store(Settings(home=tmp_path / "home", hosts="assay.test", **unlimited))


@pytest.fixture
def held(store: Store, finished: Run, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What one workspace has, by kind: everything that a stranger might have got hold of, but for the tokens of links."""
    workspace = finished.workspace
    incoming = begin_upload(store, workspace, "own.csv", None)
    incoming.write(b"a,b\n1,2\n3,4\n")
    upload = finish_upload(store, incoming)
    share, _ = create_share(store, workspace, [finished.id])
    holdout = create_holdout(store, workspace, "H", np.arange(60) % 3, np.arange(60) % 3)
    link, _ = link_holdout(store, workspace, holdout.id)
    remark = add_annotation(store, workspace, finished.id, "x", 1, 2, "secret", "me")
    with store.reading() as connection:
        digests = [connection.execute(sql.select(table.c.token)).scalar_one() for table in (shares, holdout_links)]

    def refuse(*arguments: object) -> None:
        raise BadInput("Nothing can be made of it.")

    monkeypatch.setattr(core.store.uploads, "ask", refuse)  # the readers, in processes of their own, know no ids
    return {
        "workspace": workspace,
        "run": finished.id,
        "result or job": finished.key,
        "upload": upload.id,
        "digest of an upload": upload.digest,
        "share": share.id,
        "digest of its token": digests[0],
        "holdout": holdout.id,
        "holdout link": link.id,
        "digest of a holdout link": digests[1],
        "annotation": remark.id,
    }


def own_routes(store: Store) -> list[BaseRoute]:
    """The project's routes and Streamlit's, as `app.py` joins them."""
    runtime = MagicMock()
    runtime.media_file_mgr._storage = MemoryMediaFileStorage("/media")
    runtime.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")
    runtime.component_registry.get_component_path.return_value = None
    runtime.bidi_component_registry.get.return_value = None
    runtime.bidi_component_registry.get_component_path.return_value = None
    return [*build_routes(lambda: store), *live_routes(lambda: Pulse(store)), *create_streamlit_routes(runtime)]


@pytest.fixture
def strangers(store: Store) -> list[TestClient]:
    """Somebody without a cookie, and the owner of another workspace."""
    middleware = [*build_middleware(lambda: store), *create_streamlit_middleware()]
    app = Starlette(routes=own_routes(store), middleware=middleware)
    clients = [TestClient(app, base_url="http://assay.test", raise_server_exceptions=False) for _ in range(2)]
    clients[1].cookies.set(COOKIE, sign_workspace(store, new_workspace(store)))
    return clients


def path_of(route: BaseRoute) -> str:
    """A route's address as it was declared."""
    return route.path if isinstance(route, Route | Mount) else str(getattr(route, "path", route))


def asked_names() -> Iterator[str]:
    """The names that the server's modules take out of a query."""
    for module in Path(str(core.server.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                source = ast.unparse(node.func.value)
                if ("query_params" in source or source == "asked") and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
            elif isinstance(node, ast.Subscript) and "query_params" in ast.unparse(node.value):
                yield ast.literal_eval(node.slice)


def test_every_route_is_known(store: Store) -> None:
    """A new route or a new name in a query must be told to this test, which then tries it."""
    assert {path_of(route) for route in own_routes(store)} == set(ADDRESSES)
    assert set(asked_names()) <= QUERY


def test_every_table_that_belongs_to_somebody_is_tried(held: dict[str, str]) -> None:
    """A table with a workspace in it has rows that a stranger must not see: its ids are among those tried here."""
    owned = {table.name for table in metadata.tables.values() if "workspace" in table.c}
    known = {"uploads", "jobs", "runs", "shares", "annotations", "holdouts", "holdout_links"}
    counted = {"allowances", "jobs_started"}  # numbers that no address names
    assert owned - known - counted <= {"accounts", "script_tokens", "logins"}  # tested with the login


def test_a_strangers_id_is_as_good_as_none(held: dict[str, str], strangers: list[TestClient]) -> None:
    """By no address and no method does a true id get another status or another body than one that never was."""
    different, leaks = [], []
    addresses = sorted({one for addresses in ADDRESSES.values() for one in addresses if "ID" in one} | set(LISTS))
    for stranger in strangers:
        for address in addresses:
            for method in METHODS:
                nobody = answer(stranger, method, address, secrets.token_urlsafe(16))
                for kind in held if method in MAIN_METHODS else FEW:
                    id = held[kind]
                    true = answer(stranger, method, address, id)
                    if true != nobody:
                        different.append((kind, method, address, true, nobody))
                    leaks += [(kind, method, address, one) for one in held.values() if one != id and one in true[1]]
    assert different == []
    assert leaks == []


def answer(stranger: TestClient, method: str, address: str, id: str) -> tuple[int, str, str]:
    """Status, body and kind of an answer, the id itself taken out."""
    asked = dict.fromkeys(QUERY, id) if "ID" in address or address in ("/api/uploads", "/api/runs") else {}
    sent = b"x" if method in ("PUT", "POST", "PATCH") else None
    reply = stranger.request(method, address.replace("ID", id), params=asked, content=sent, follow_redirects=False)
    return reply.status_code, reply.text.replace(id, "ID"), reply.headers.get("content-type", "")


def test_what_is_asked_for_is_really_there(held: dict[str, str], store: Store) -> None:
    """The same addresses open for the owner; otherwise the test above would say nothing."""
    app = Starlette(routes=build_routes(lambda: store), middleware=build_middleware(lambda: store))
    owner = TestClient(app, base_url="http://assay.test")
    owner.cookies.set(COOKIE, sign_workspace(store, held["workspace"]))
    for address in ("/api/runs/ID", *ADDRESSES["/api/results/{run}/{name:path}"]):
        assert owner.get(address.replace("ID", held["run"])).status_code == 200
    assert [one["id"] for one in owner.get("/api/uploads").json()] == [held["upload"]]
