"""What is refused before any route, page or web socket sees it.

- Requests for a name that this server is not called by: a stranger's name that was made to point here (DNS rebinding)
  would make their page one of ours.
- Web sockets that a page of another origin opens. The cookie comes along even from another port of this machine, and
  Streamlit by itself lets every page of localhost in.
- Everything but reading that a page of another origin sends.
- Streamlit's own routes that nothing here needs: its upload store would keep strangers' files in memory, its metrics
  tell how much others work.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.server.answers import refusal
from core.server.cookies import is_same_origin
from core.settings import Settings

READING = ("GET", "HEAD", "OPTIONS")
CLOSED = ("/_stcore/upload_file", "/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
STRANGER = "This server is not known by that name. Whoever runs it can add the name to ASSAY_HOSTS."
FOREIGN = "This is taken from the workbench's own pages and from scripts, not from other sites."
POLICY_VIOLATION = 1008  # close code of a web socket


class Gate:
    """Lets through what is meant for this server and comes from its own pages, from scripts, or from a link."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on or refuses it."""
        if scope["type"] == "http":
            refused = self._refusal(HTTPConnection(scope), scope["method"])
            if refused is not None:
                return await refused(scope, receive, send)
        elif scope["type"] == "websocket" and not self._may_connect(HTTPConnection(scope)):
            return await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        await self.app(scope, receive, send)

    def _refusal(self, connection: HTTPConnection, method: str) -> Response | None:
        path = connection.scope["path"]
        if not is_known_host(connection.headers.get("host"), self.settings()):
            return PlainTextResponse(STRANGER, 421)
        if any(path == closed or path.startswith(f"{closed}/") for closed in CLOSED):
            return PlainTextResponse("Not found.", 404)
        if method not in READING and not is_same_origin(connection):
            return refusal(FOREIGN, 403)
        return None

    def _may_connect(self, connection: HTTPConnection) -> bool:
        host, origin = connection.headers.get("host"), connection.headers.get("origin")
        return is_known_host(host, self.settings()) and (origin is None or urlsplit(origin).netloc == host)


def is_known_host(header: str | None, settings: Settings) -> bool:
    """Whether a Host header is an address, localhost, a name of `hosts`, or that of `public_url`."""
    try:
        name = (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return False
    named = (*settings.hosts.split(","), urlsplit(settings.public_url).hostname or "")
    known = {one.strip().lower().rstrip(".") for one in named if one.strip()}
    known |= {urlsplit(settings.public_url).hostname or ""} - {""}
    if name in known or name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
