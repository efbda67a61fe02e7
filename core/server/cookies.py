"""Which workspace a request belongs to: by a signed cookie, by a login where there is one, or by a script's token."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import SimpleCookie

from starlette.requests import HTTPConnection

from core.server.limits import spend, workspace_costs
from core.store.accounts import Account, account_of_login
from core.store.script_tokens import workspace_of_token
from core.store.store import Store
from core.store.workspaces import new_workspace, read_cookie, sign_workspace

COOKIE = "assay_workspace"
LOGIN_COOKIE = "assay_login"
SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie


def workspace_of(store: Store, connection: HTTPConnection) -> str | None:
    """The workspace of whoever sent a request, or None where nothing valid says whose it is."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return workspace_of_token(store, token.strip())
    return workspace_in(store, connection.cookies)


def workspace_in(store: Store, cookies: Mapping[str, str]) -> str | None:
    """The workspace that a browser's cookies open: with a login its account's, otherwise its own."""
    if store.settings.login:
        account = account_in(store, cookies)
        return None if account is None else account.workspace
    return read_cookie(store, cookies.get(COOKIE))


def account_in(store: Store, cookies: Mapping[str, str]) -> Account | None:
    """Who is logged in with a browser; nobody where there is no login."""
    return account_of_login(store, cookies.get(LOGIN_COOKIE)) if store.settings.login else None


def fresh_cookie(store: Store, address: str) -> tuple[str, str]:
    """A new workspace: its id and the Set-Cookie text that hands it out.

    Raises:
        TooOften: the address has opened as many as it may.
    """
    spend(store, *workspace_costs(store, address))
    workspace = new_workspace(store)
    cookie: SimpleCookie = SimpleCookie()
    cookie[COOKIE] = sign_workspace(store, workspace)
    morsel = cookie[COOKIE]
    morsel["path"] = "/"
    morsel["max-age"] = SECONDS
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    if store.settings.cookies_need_tls:
        morsel["secure"] = True
    return workspace, morsel.OutputString()


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a page of this very server, or no page at all, sent the request.

    Browsers set `Sec-Fetch-Site` themselves and pages can't forge it; older ones send `Origin` at least.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2] == connection.headers.get("host")
