"""A wire between browser and server that can be cut: what is connected ends, what comes next is taken or refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BLOCK = 1 << 16


class CutProxy:
    """Passes connections on to a port of 127.0.0.1.

    Attributes:
        port: where it listens.
        cuts: how many connections were ended by `cut`.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.cuts = 0
        self._whole = True
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Ends every connection; until `mend` none lasts."""
        with self._lock:
            self._whole = False
            doomed, self._open = self._open, []
        for one in doomed:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.cuts += len(doomed)

    def mend(self) -> None:
        """New connections pass again."""
        with self._lock:
            self._whole = True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                threading.Thread(target=self._join, args=(self._listener.accept()[0],), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as far:
            with self._lock:
                if not self._whole:
                    return
                self._open += [near, far]
            back = threading.Thread(target=_pass, args=(far, near), daemon=True)
            back.start()
            _pass(near, far)
            back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(BLOCK):
            target.sendall(block)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def cut_proxy(target: int) -> Iterator[CutProxy]:
    """A proxy that is gone afterwards."""
    proxy = CutProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
