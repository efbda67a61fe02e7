"""One person's connection to the page server: whole requests, and some that end in the middle."""

from __future__ import annotations

import secrets
import socket
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from core.server.cookies import COOKIE
from tests.soak.questions import Content

PATIENCE = 120.0  # seconds; a file is read by a process of its own, and the machine may be busy
PIECES = 8  # of a slow upload


class Away(Exception):
    """The server did not answer: it was just killed."""


@dataclass
class Visitor:
    """A browser or a script with the cookie of a workspace.

    Attributes:
        port: of the server on 127.0.0.1.
        cookie: signed name of the workspace.
    """

    port: int
    cookie: str

    def get(self, path: str) -> httpx.Response:
        """The whole answer.

        Raises:
            Away: there was none, or it was cut off.
        """
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=self._headers(), timeout=PATIENCE)
        except httpx.TransportError as error:
            raise Away(str(error)) from None

    def put(self, content: Content) -> httpx.Response:
        """A file, sent at once.

        Raises:
            Away: there was no answer, so nobody knows what became of the file.
        """
        address = f"http://127.0.0.1:{self.port}{_address(content)}"
        try:
            return httpx.put(address, content=content.bytes, headers=self._headers(), timeout=PATIENCE)
        except httpx.TransportError as error:
            raise Away(str(error)) from None

    def put_slowly(self, content: Content, pause: float = 0.2) -> httpx.Response:
        """A file, sent in pieces with pauses between them.

        Raises:
            Away: as `put`.
        """
        never = threading.Event()
        size = -(-len(content.bytes) // PIECES)

        def pieces() -> Any:
            for start in range(0, len(content.bytes), size):
                yield content.bytes[start : start + size]
                never.wait(pause)

        address = f"http://127.0.0.1:{self.port}{_address(content)}"
        headers = {**self._headers(), "Content-Length": str(len(content.bytes))}
        try:
            return httpx.put(address, content=pieces(), headers=headers, timeout=PATIENCE)
        except httpx.TransportError as error:
            raise Away(str(error)) from None

    def put_half(self, content: Content) -> None:
        """A file whose connection ends in the middle.

        Raises:
            Away: there was no server.
        """
        self._cut("PUT", _address(content), content.bytes[: len(content.bytes) // 2], len(content.bytes))

    def get_half(self, path: str) -> None:
        """A download that is left after its first bytes.

        Raises:
            Away: there was no server.
        """
        self._cut("GET", path, b"", 0, answer=200)

    def _cut(self, method: str, path: str, body: bytes, length: int, answer: int = 0) -> None:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self._headers()['Cookie']}\r\n"
        if length:
            head += f"Content-Length: {length}\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
                connection.sendall(head.encode() + b"\r\n" + body)
                if answer:
                    connection.recv(answer)
        except OSError as error:
            raise Away(str(error)) from None

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.cookie}"}


def never_seen(content: Content) -> Content:
    """The same file with a remark that no other has, so that its digest is its own."""
    return Content(content.kind, content.name, content.bytes + secrets.token_bytes(1 << 16))


def _address(content: Content) -> str:
    return f"/api/uploads/{quote(content.name)}?kind={content.kind}"
