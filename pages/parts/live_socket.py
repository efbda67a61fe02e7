"""The socket behind the live line of a run: the browser asks how it stands, once a second, and is answered in HTML."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import NotFound, Unavailable
from core.server.cookies import workspace_of
from core.store.pulse import Pulse
from pages.parts.job_status import ACTIVE, sentence_html, status_html

PAUSE = 0.2  # seconds after an answer before the next question is read: nobody can ask without end


def live_routes(pulse: Callable[[], Pulse]) -> list[BaseRoute]:
    """`/api/live/RUN`, over a store that is opened when the first socket needs it."""

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.receive_text()
                said = await run_in_threadpool(_look, pulse(), socket, socket.path_params["run"])
                await socket.send_text(json.dumps(said))
                if said["ended"]:
                    return await socket.close()
                await asyncio.sleep(PAUSE)
        except (WebSocketDisconnect, KeyError):  # KeyError: what came was no text
            return

    return [WebSocketRoute("/api/live/{run}", live)]


def _look(pulse: Pulse, connection: HTTPConnection, id: str) -> dict[str, str | bool]:
    """What is said of a run; one that has ended, was deleted or is not this visitor's is over, and the page says which."""
    try:
        workspace = workspace_of(pulse.store, connection)
        run = pulse.run(workspace, id) if workspace is not None else None
    except NotFound:
        run = None
    except Unavailable as error:
        return {"html": sentence_html(str(error)), "ended": False}
    if run is None or run.state not in ACTIVE:
        return {"html": "", "ended": True}
    return {"html": status_html(run, pulse.reading(), pulse.store.clock()), "ended": False}
