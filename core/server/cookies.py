"""Which workspace a request belongs to: a signed cookie that only the server reads."""

from __future__ import annotations

from http.cookies import SimpleCookie

from starlette.requests import HTTPConnection

from core.server.limits import spend, workspace_costs
from core.store.store import Store
from core.store.workspaces import new_workspace, read_cookie, sign_workspace

COOKIE = "assay_workspace"
SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie


def workspace_of(store: Store, connection: HTTPConnection) -> str | None:
    """The workspace that the request's cookie names, or None without a valid one."""
    return read_cookie(store, connection.cookies.get(COOKIE))


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
    if store.settings.secure_cookie:
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
