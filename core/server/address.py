"""From where a request comes, as far as it can be believed.

The answer is written into a header of the request, since a page sees nothing of its visitor but headers. What a client
wrote there itself is thrown away.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings

HEADER = "x-assay-address"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HERE = "127.0.0.1"


class ClientAddress:
    """Says in a header of each request and web socket who is counted for it."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its address."""
        if scope["type"] in ("http", "websocket"):
            found = counted_address(HTTPConnection(scope), trusted_networks(self.settings()))
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != HEADER.encode()]
            scope = {**scope, "headers": [*headers, (HEADER.encode(), found.encode("latin-1", "replace"))]}
        await self.app(scope, receive, send)


def address_of(headers: Mapping[str, str]) -> str:
    """What `ClientAddress` found; "" where it did not run."""
    return headers.get(HEADER, "")


def trusted_networks(settings: Settings) -> tuple[Network, ...]:
    """The proxies of `trusted_proxies`."""
    named = (name.strip() for name in settings.trusted_proxies.split(","))
    return tuple(ipaddress.ip_network(name, strict=False) for name in named if name)


def counted_address(connection: HTTPConnection, trusted: tuple[Network, ...]) -> str:
    """The address that a request is counted for: an IPv4 address, or the /64 of an IPv6 one, which one person has whole.

    Behind trusted proxies it is the last entry of X-Forwarded-For that none of them wrote about another of them; what a
    client put in front of that is not believed.
    """
    host, port = connection.client or ("", 1)
    # uvicorn believes any X-Forwarded-For from this machine by itself, and leaves port 0 where it did.
    hops = [_HERE if port == 0 else host]
    if trusted:
        for header in reversed(connection.headers.getlist("x-forwarded-for")):
            hops += [hop.strip() for hop in reversed(header.split(","))]
    for hop in hops[:-1]:
        if not _is_in(hop, trusted):
            return _neighbourhood(hop)
    return _neighbourhood(hops[-1])


def _is_in(text: str, networks: tuple[Network, ...]) -> bool:
    address = _parsed(text)
    return address is not None and any(address in network for network in networks)


def _neighbourhood(text: str) -> str:
    address = _parsed(text)
    if address is None:
        return text[:64]
    return str(address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False))


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if address.version == 6 else address
