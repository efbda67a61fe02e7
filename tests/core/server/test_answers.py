"""Headers, cookies, state as JSON, and downloads behind the rights check."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from core.server.cookies import COOKIE
from core.server.middleware import SECURITY_HEADERS
from core.settings import Settings
from core.store.runs import Run
from core.store.shares import create_share, revoke_share
from core.store.store import Store, open_store
from core.store.workspaces import new_workspace, read_cookie

HTML = {"Accept": "text/html"}
Visitor = Callable[..., TestClient]


def test_health_answers_without_a_cookie(visitor: Visitor) -> None:
    """The health route needs no workspace and makes none."""
    reply = visitor().get("/api/health")
    assert reply.json() == {"status": "ok"}
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_mistyped_address_is_no_page(visitor: Visitor, method: str) -> None:
    """Below /api there are no pages: an unknown address answers 404 with a sentence, whatever the method."""
    reply = visitor().request(method, "/api/upload", headers=HTML)
    assert reply.status_code == 404 and reply.json() == {"error": "There is nothing at /api/upload."}


@pytest.mark.parametrize("address", ["/", "/api/health", "/api/runs"])
def test_every_answer_carries_the_security_headers(visitor: Visitor, address: str) -> None:
    """Pages, routes and refusals alike carry policy, referrer, frame and sniffing headers."""
    headers = visitor().get(address, headers=HTML).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_first_page_hands_out_a_workspace(store: Store, visitor: Visitor) -> None:
    """A visitor without a cookie gets one with the first page, hidden from scripts; with it no other is made."""
    client = visitor()
    text = client.get("/", headers=HTML).headers["set-cookie"]
    assert "HttpOnly" in text and "SameSite=Lax" in text and "Path=/" in text and "Secure" not in text
    assert read_cookie(store, client.cookies[COOKIE]) is not None
    assert "set-cookie" not in client.get("/runs", headers=HTML).headers


def test_a_forged_cookie_is_replaced(store: Store, visitor: Visitor) -> None:
    """A cookie that this installation did not sign is replaced by a new workspace's."""
    client = visitor()
    client.cookies.set(COOKIE, "somebody.0000")
    assert COOKIE in client.get("/", headers=HTML).headers["set-cookie"]


def test_files_and_routes_make_no_workspace(visitor: Visitor) -> None:
    """Only pages hand out workspaces: not scripts, fonts or API calls."""
    assert "set-cookie" not in visitor().get("/static/app.js").headers
    assert "set-cookie" not in visitor().get("/api/runs", headers=HTML).headers


def test_behind_tls_the_cookie_is_secure(store: Store) -> None:
    """With `ASSAY_SECURE_COOKIE` the cookie is sent over HTTPS only."""
    from core.server.cookies import fresh_cookie

    secure = open_store(Settings(home=store.home, secure_cookie=True))
    assert "Secure" in fresh_cookie(secure, "203.0.113.1")[1]


def test_state_as_json(visitor: Visitor, finished: Run) -> None:
    """A run's state stands beside its page as JSON, without workspace and paths."""
    client = visitor(finished.workspace)
    state = client.get(f"/api/runs/{finished.id}").json()
    assert (state["state"], state["fraction"], state["title"]) == ("done", 1.0, "Wine")
    assert [one["id"] for one in client.get("/api/runs").json()] == [finished.id]
    assert finished.workspace not in str(state)


def test_downloads_are_whole_and_are_attachments(visitor: Visitor, finished: Run) -> None:
    """Zip, HTML, npz, JSON, CSV and Parquet come as attachments that hold the result."""
    client = visitor(finished.workspace)
    replies = {
        name: client.get(f"/api/results/{finished.id}/{name}")
        for name in (
            "result.zip",
            "result.html",
            "result.json",
            "arrays.npz",
            "tables/data_dimension.csv",
            "tables/data_dimension.parquet",
            "tables/data_dimension.json",
        )
    }
    for reply in replies.values():
        assert reply.status_code == 200
        assert reply.headers["content-disposition"].startswith("attachment")
        assert reply.headers["x-content-type-options"] == "nosniff"
    names = zipfile.ZipFile(io.BytesIO(replies["result.zip"].content)).namelist()
    assert any(name.endswith("result.json") for name in names)
    assert b"About 4.5." in replies["result.html"].content
    assert replies["result.json"].json()["key"] == finished.key
    csv = pd.read_csv(io.BytesIO(replies["tables/data_dimension.csv"].content))
    parquet = pd.read_parquet(io.BytesIO(replies["tables/data_dimension.parquet"].content))
    assert csv["dimension"].tolist() == parquet["dimension"].tolist() == [4.5]
    assert np.load(io.BytesIO(replies["arrays.npz"].content))["pairs"].tolist() == [[0, 1]]


def test_a_table_as_json_says_how_it_was_made(visitor: Visitor, finished: Run) -> None:
    """Rows, and beside them the question, its parameters, the digests of its inputs and the versions."""
    held = visitor(finished.workspace).get(f"/api/results/{finished.id}/tables/data_dimension.json").json()
    assert held["rows"] == [{"estimator": "2nn", "scale": 1, "dimension": 4.5, "standard_error": 0.1}]
    assert (held["analysis"], held["key"], held["params"]["mode"]) == ("intrinsic-dimension", finished.key, "data")
    assert set(held["inputs"]["dataset"]) == {"kind", "name", "digest"}
    assert "numpy" in held["provenance"]["libraries"]


@pytest.mark.parametrize(
    "name",
    ["tables/other.csv", "tables/%2e%2e/result.json", "tables/data_dimension.exe", "arrays", "", "..%2f..%2fsecret"],
)
def test_other_files_are_not_found(visitor: Visitor, finished: Run, name: str) -> None:
    """Only the named files of a result can be had; no name leaves its folder."""
    assert visitor(finished.workspace).get(f"/api/results/{finished.id}/{name}").status_code == 404


def test_what_is_foreign_looks_like_what_is_not_there(store: Store, visitor: Visitor, finished: Run) -> None:
    """Another workspace, no workspace, a wrong id and a key all get the same answer."""
    stranger = visitor(new_workspace(store))
    replies = [
        stranger.get(f"/api/results/{finished.id}/result.zip"),
        stranger.get("/api/results/nothing/result.zip"),
        stranger.get(f"/api/results/{finished.key}/result.zip"),
        stranger.get(f"/api/runs/{finished.id}"),
        visitor().get(f"/api/runs/{finished.id}"),
        stranger.get("/api/shared/nothing/1/result.zip"),
    ]
    assert {(reply.status_code, reply.text) for reply in replies} == {(404, replies[0].text)}


def test_a_share_token_opens_its_result_until_it_is_revoked(store: Store, visitor: Visitor, finished: Run) -> None:
    """Whoever has the token gets the files, without a cookie; after revoking nobody does."""
    share, token = create_share(store, finished.workspace, [finished.id], "x", None)
    client = visitor()
    assert client.get(f"/api/shared/{token}/1/result.json").json()["key"] == finished.key
    assert client.get(f"/api/shared/{token}/2/result.json").status_code == 404
    revoke_share(store, finished.workspace, share.id)
    assert client.get(f"/api/shared/{token}/1/result.json").status_code == 404


def test_fonts_are_served_by_the_workbench(visitor: Visitor) -> None:
    """The faces come from this server; nothing is loaded from elsewhere."""
    reply = visitor().get("/assets/fonts/ibm-plex-sans-latin-400-normal.woff2")
    assert reply.status_code == 200
    assert reply.content[:4] == b"wOF2"
