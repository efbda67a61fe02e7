"""Security headers on every answer, and the workspace cookie on the first page that a visitor opens."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import TooOften
from core.server.address import ClientAddress, address_of
from core.server.cookies import fresh_cookie, workspace_of
from core.server.gate import Gate
from core.server.login import LoginCookies, OpenId
from core.settings import Settings
from core.store.store import Store

# Streamlit's pages need inline scripts and styles, blob workers and a web socket; nothing comes from elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' {sockets}",
        "worker-src 'self' blob:",
        "frame-src 'self' blob: data:",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
SECURITY_HEADERS = {
    "Referrer-Policy": "no-referrer",  # an address may hold a share token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",  # no other page may load a file or an answer of ours
}


def build_middleware(store: Callable[[], Store], openid: OpenId | None = None) -> list[Middleware]:
    """What stands before every route and page, in the order in which a request meets it.

    Args:
        store: of the installation.
        openid: of the server of the pages; None where nobody logs in.
    """

    def settings() -> Settings:
        return store().settings

    return [
        Middleware(SecurityHeaders),
        Middleware(Gate, settings=settings),
        Middleware(ClientAddress, settings=settings),
        Middleware(WorkspaceCookie, store=store),
        *([Middleware(LoginCookies, store=store, openid=openid)] if openid is not None else []),
    ]


def content_security_policy(host: str) -> str:
    """The policy of pages that were asked for under a name; web sockets go nowhere but there."""
    sockets = f"ws://{host} wss://{host}" if re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", host) else ""
    return CONTENT_SECURITY_POLICY.format(sockets=sockets)


class SecurityHeaders:
    """Adds the headers above to every HTTP answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and completes the answer's headers."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        policy = content_security_policy(HTTPConnection(scope).headers.get("host", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                # By this header Streamlit lets every page of this machine read some of its answers.
                del headers["Access-Control-Allow-Origin"]
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class WorkspaceCookie:
    """Gives a visitor without a valid cookie a workspace when a page is opened."""

    def __init__(self, app: ASGIApp, store: Callable[[], Store]) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; a page's answer carries the cookie where one is needed."""
        if scope["type"] != "http" or not _opens_a_page(HTTPConnection(scope)):
            return await self.app(scope, receive, send)
        try:
            cookie = await run_in_threadpool(self._missing_cookie, HTTPConnection(scope))
        except TooOften as error:
            wait = {"Retry-After": str(math.ceil(error.seconds)), "Cache-Control": "no-store"}
            return await PlainTextResponse(str(error), 429, headers=wait)(scope, receive, send)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and cookie is not None:
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", cookie)
                headers["Cache-Control"] = "no-store"  # no shared cache may hand the cookie to another visitor
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _missing_cookie(self, connection: HTTPConnection) -> str | None:
        store = self.store()
        if store.settings.login or workspace_of(store, connection) is not None:
            return None
        return fresh_cookie(store, address_of(connection.headers))[1]


def _opens_a_page(connection: HTTPConnection) -> bool:
    if connection.scope["method"] != "GET" or connection.scope["path"].startswith("/api/"):
        return False
    return "text/html" in connection.headers.get("accept", "")
