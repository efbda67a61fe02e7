"""Security headers on every answer, and the workspace cookie on the first page that a visitor opens."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.server.cookies import fresh_cookie, workspace_of
from core.store.store import Store

# Streamlit's pages need inline scripts and styles, blob workers and a web socket; nothing comes from elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob: data:",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",  # an address may hold a share token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Adds the headers above to every HTTP answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and completes the answer's headers."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
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
        cookie = await run_in_threadpool(self._missing_cookie, HTTPConnection(scope))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and cookie is not None:
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", cookie)
                headers["Cache-Control"] = "no-store"  # no shared cache may hand the cookie to another visitor
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _missing_cookie(self, connection: HTTPConnection) -> str | None:
        store = self.store()
        return None if workspace_of(store, connection) is not None else fresh_cookie(store)[1]


def _opens_a_page(connection: HTTPConnection) -> bool:
    if connection.scope["method"] != "GET" or connection.url.path.startswith("/api/"):
        return False
    return "text/html" in connection.headers.get("accept", "")
