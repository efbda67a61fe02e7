"""The login's own cookies and targets, without a provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from core.server.cookies import COOKIE, LOGIN_COOKIE
from core.server.login import login_address, safe_target
from core.settings import Settings
from core.store.accounts import Identity, log_in
from core.store.store import Store, open_store
from core.store.workspaces import new_workspace, sign_workspace

LOGIN: dict[str, Any] = {
    "public_url": "https://assay.test",
    "oidc_metadata_url": "https://provider.test/.well-known/openid-configuration",
    "oidc_client_id": "assay",
    "oidc_client_secret": "secret",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of an installation with a login."""
    return open_store(Settings(home=tmp_path / "home", **LOGIN))


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "/\t/evil.test",
        "javascript:alert(1)",
        "/auth/logout",
        "/oauth2callback?code=1",
        "/login?to=/",
        "/api/runs",
        "/..//evil.test",
        "runs",
        "",
        "/runs\r\nSet-Cookie: a=b",
        "/runs?" + "a" * 2000,
    ],
)
def test_other_targets_lead_home(text: str) -> None:
    """Whatever is not a page of this server is the home page."""
    assert safe_target(text) == "/"


def test_pages_are_targets_with_their_query() -> None:
    """A page keeps its query, except what a login before has noted there."""
    assert safe_target("/landscape?run=a_b-c") == "/landscape?run=a_b-c"
    assert safe_target("/runs?login=failed") == "/runs"
    assert safe_target("/library?a=//evil.test%0d%0a") == "/library?a=%2F%2Fevil.test%0D%0A"
    assert login_address("/runs", {"x": "1&2"}) == "/login?to=%2Fruns%3Fx%3D1%25262"


def test_cookie_of_a_workspace_opens_nothing_where_people_log_in(
    store: Store, visitor: Callable[..., TestClient]
) -> None:
    """With a login only a login's cookie opens a workspace, even where the signature of another is right."""
    account, token = log_in(store, Identity("https://provider.test", "ann"))
    client = visitor()
    for workspace in (new_workspace(store), account.workspace):
        client.cookies = {COOKIE: sign_workspace(store, workspace)}
        assert client.get("/api/runs").status_code == 404
        assert "Log in" in client.get("/api/runs").json()["error"]
    client.cookies = {LOGIN_COOKIE: token}
    assert client.get("/api/runs").json() == []
    client.cookies = {LOGIN_COOKIE: sign_workspace(store, account.workspace)}
    assert client.get("/api/runs").status_code == 404


def test_false_token_of_a_script_is_not_made_good_by_a_cookie(store: Store, visitor: Callable[..., TestClient]) -> None:
    """A request that names a token is judged by it alone."""
    _, token = log_in(store, Identity("https://provider.test", "ann"))
    client = visitor()
    client.cookies.set(LOGIN_COOKIE, token)
    assert client.get("/api/runs").status_code == 200
    assert client.get("/api/runs", headers={"Authorization": "Bearer assay_forged"}).status_code == 404


def test_pages_hand_out_no_workspace_where_people_log_in(visitor: Callable[..., TestClient]) -> None:
    """A visitor gets no cookie, and a script no workspace of its own."""
    client = visitor()
    assert "set-cookie" not in client.get("/", headers={"Accept": "text/html"}).headers
    refused = client.put("/api/uploads/a.csv?workspace=new", content=b"a\n1\n")
    assert refused.status_code == 401 and "Log in" in refused.json()["error"]


@pytest.mark.parametrize("missing", ["public_url", "oidc_client_id", "oidc_client_secret"])
def test_login_that_is_set_up_by_half_is_refused(missing: str) -> None:
    """The start fails with the variable that is missing, and without any secret in its words."""
    with pytest.raises(ValidationError, match=f"ASSAY_{missing.upper()}") as caught:
        Settings(**{**LOGIN, missing: ""})
    assert "secret'" not in str(caught.value)


@pytest.mark.parametrize("address", ["assay.test", "ftp://assay.test", "https://assay.test/path"])
def test_public_address_is_scheme_and_host(address: str) -> None:
    """Another address could not be the one that the provider sends people back to."""
    with pytest.raises(ValidationError, match="expected scheme and host alone"):
        Settings(**{**LOGIN, "public_url": address})
