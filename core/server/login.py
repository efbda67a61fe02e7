"""Login with an OpenID Connect provider: Streamlit's `st.login` talks to it, and this ties what it says to an account.

1. A page shows a link to `/login?to=/landscape?run=...`, which keeps that target in a short-lived cookie and sends the
   browser where `st.login` would. (A button with `st.login` itself could not say where its visitor wants to go.)
2. Streamlit's `/auth/login` and `/oauth2callback` do what OpenID Connect asks for: state, nonce, PKCE, signatures.
3. `LoginCookies` sees the identity in the answer of the callback, and only there: it makes the login of our own that
   pages and routes go by, and sends the browser to the target. Streamlit's identity cookie by itself opens nothing, so
   a copy of it is worth nothing after a logout.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import BadInput
from core.server.cookies import COOKIE, LOGIN_COOKIE, is_same_origin
from core.settings import Settings
from core.store.accounts import Identity, account_of_login, log_in, log_out
from core.store.store import Store
from core.store.workspaces import read_cookie

LOGIN, CALLBACK = "/login", "/oauth2callback"
PROVIDER_LOGIN, LOGOUT = "/auth/login", "/auth/logout"
NOTE = "login"  # name in a page's query of what became of a login: one of NOTES
NOTES = {
    "failed": "The provider did not log you in. Try again; if it goes on, write to whoever runs this installation.",
    "refused": "This account may not log in here; write to whoever runs this installation.",
    "unavailable": "The login provider does not answer at the moment; try again in a minute.",
}
LOG_IN_FIRST = (
    "Log in on a page first; a script sends a token, made on the Account page, as the header "
    "'Authorization: Bearer TOKEN'."
)
WANTED = "assay_wanted"
WANTED_SECONDS = 900
_PAGE = re.compile(r"/[a-z_]{0,40}")
_NO_PAGES = (LOGIN, CALLBACK)
_LONGEST_TARGET = 2000

_log = logging.getLogger("assay.server")


@dataclass(frozen=True)
class OpenId:
    """The part of a login that the server of the pages does: it speaks with the provider.

    Attributes:
        beginning: makes the signed address at which a login begins.
        claims: what the provider has said of a person, by the cookies of the answer that lets them in; None of any other.
    """

    beginning: Callable[[], str]
    claims: Callable[[Mapping[str, str]], Mapping[str, Any] | None]


def safe_target(text: str) -> str:
    """The page of this very server that a text names, with its query; the home page for anything else."""
    path, _, query = text.partition("?")
    if len(text) > _LONGEST_TARGET or not _PAGE.fullmatch(path) or path in _NO_PAGES:
        return "/"
    asked = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != NOTE]
    return f"{path}?{urlencode(asked)}" if asked else path


def login_address(path: str, query: Mapping[str, str]) -> str:
    """The address of a login that ends on a page."""
    return f"{LOGIN}?{urlencode({'to': safe_target(f'{path}?{urlencode(query)}')})}"


def begin_login(request: Request, store: Store, openid: OpenId | None) -> Response:
    """`/login?to=PAGE`: keeps the target, and goes where `st.login` goes; home where there is no login."""
    if not store.settings.login or openid is None:
        return RedirectResponse("/", 303)
    target = safe_target(request.query_params.get("to", ""))
    answer = RedirectResponse(openid.beginning(), 303, {"Cache-Control": "no-store"})
    answer.headers.append("Set-Cookie", _cookie(store.settings, WANTED, quote(target), WANTED_SECONDS, CALLBACK))
    return answer


class LoginCookies:
    """Makes a login when the provider's answer has been checked, and ends it when its owner logs out."""

    def __init__(self, app: ASGIApp, store: Callable[[], Store], openid: OpenId) -> None:
        self.app = app
        self.store = store
        self.completions: dict[str, Callable[[Store, HTTPConnection, Message], None]] = {
            CALLBACK: partial(_complete_login, openid),
            LOGOUT: _complete_logout,
            PROVIDER_LOGIN: _complete_beginning,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and completes the answers of Streamlit's three routes."""
        complete = self.completions.get(scope["path"]) if scope["type"] == "http" else None
        if complete is None or not self.store().settings.login:
            return await self.app(scope, receive, send)
        connection = HTTPConnection(scope)
        if scope["path"] == LOGOUT and not is_same_origin(connection):  # no other site logs anybody out
            return await RedirectResponse("/", 303)(scope, receive, send)

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                store = await run_in_threadpool(self.store)
                await run_in_threadpool(complete, store, connection, message)
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_completed)


def _complete_login(openid: OpenId, store: Store, connection: HTTPConnection, message: Message) -> None:
    headers, settings = MutableHeaders(scope=message), store.settings
    target = safe_target(unquote(connection.cookies.get(WANTED, "")))
    identity = _identity_in(openid, headers)
    before = connection.cookies.get(LOGIN_COOKIE)
    if identity is None:
        came_back = "state" in connection.query_params or "error" in connection.query_params
        if came_back and account_of_login(store, before) is None:  # otherwise: the way back from the provider's logout
            headers["Location"] = _with_note(target, "failed")
        return
    try:
        _, token = log_in(store, identity, read_cookie(store, connection.cookies.get(COOKIE)))
    except BadInput as error:
        _log.warning("a login was refused: %s", error)
        headers["Location"] = _with_note(target, "refused")
        return
    log_out(store, before)
    headers["Location"] = target
    headers.append("Set-Cookie", _cookie(settings, LOGIN_COOKIE, token, settings.login_days * 86_400))
    headers.append("Set-Cookie", _cookie(settings, WANTED, "", 0, CALLBACK))
    headers.append("Set-Cookie", _cookie(settings, COOKIE, "", 0))


def _complete_logout(store: Store, connection: HTTPConnection, message: Message) -> None:
    if 300 <= message["status"] < 400:
        log_out(store, connection.cookies.get(LOGIN_COOKIE))
        MutableHeaders(scope=message).append("Set-Cookie", _cookie(store.settings, LOGIN_COOKIE, "", 0))


def _complete_beginning(store: Store, connection: HTTPConnection, message: Message) -> None:
    """Where the provider can't be asked, the visitor comes back to a page that says so."""
    if message["status"] >= 400:
        message["status"] = 303
        MutableHeaders(scope=message)["Location"] = _with_note("/", "unavailable")


def _identity_in(openid: OpenId, headers: MutableHeaders) -> Identity | None:
    """Whom the server of the pages has just let in; None where it has not."""
    held: dict[str, str] = {}
    for line in headers.getlist("Set-Cookie"):
        try:
            held.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        except CookieError:
            continue
    said = openid.claims(held)
    if said is None:
        return None
    return Identity(
        issuer=str(said.get("iss") or ""),
        subject=str(said.get("sub") or ""),
        email=str(said.get("email") or ""),
        email_verified=said.get("email_verified") is True,
        name=str(said.get("name") or said.get("preferred_username") or ""),
    )


def _with_note(target: str, note: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{urlencode({NOTE: note})}"


def _cookie(settings: Settings, name: str, value: str, seconds: int, path: str = "/") -> str:
    cookie: SimpleCookie = SimpleCookie()
    cookie[name] = value
    morsel = cookie[name]
    morsel["path"] = path
    morsel["max-age"] = seconds
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"  # Strict would not come along on the way back from the provider
    if settings.cookies_need_tls:
        morsel["secure"] = True
    return morsel.OutputString()
