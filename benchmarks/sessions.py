"""Sessions of the page server without a browser: they speak Streamlit's own websocket protocol."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

FINISHED = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}


@dataclass
class Session:
    """One open tab: a page address, the workspace cookie, and the charts on it."""

    socket: websockets.ClientConnection
    page: str
    query: str
    charts: dict[str, str] = field(default_factory=dict)  # id of a chart -> the fragment that draws it
    received: int = 0  # bytes

    async def rerun(self, fragment: str = "") -> float:
        """Asks for a rerun (of one fragment, or of the whole page) and returns the seconds until it is finished."""
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.query_string = self.page, self.query
        state.context_info.timezone, state.context_info.locale = "UTC", "en-GB"
        state.context_info.url = f"http://127.0.0.1/{self.page}?{self.query}"
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await self._finished()
        return time.perf_counter() - start

    async def _finished(self) -> None:
        while True:
            content = await asyncio.wait_for(self.socket.recv(), 60)
            message = ForwardMsg()
            message.ParseFromString(content if isinstance(content, bytes) else content.encode())
            self.received += len(content)
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.new_element.WhichOneof("type") == "plotly_chart":
                self.charts[message.delta.new_element.plotly_chart.id] = message.delta.fragment_id
            elif kind == "script_finished" and message.script_finished in FINISHED:
                return


async def open_session(port: int, page: str, query: str, cookie: str) -> Session:
    """Opens a tab on a page and waits until it is drawn once."""
    socket = await websockets.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        additional_headers={"Cookie": cookie},
        origin=websockets.Origin(f"http://127.0.0.1:{port}"),
        max_size=None,
    )
    session = Session(socket, page, query)
    await session.rerun()
    return session


async def open_watcher(port: int, run: str, cookie: str) -> websockets.ClientConnection:
    """The socket of the live line that a tab on a running job opens beside the page's own."""
    return await websockets.connect(
        f"ws://127.0.0.1:{port}/api/live/{run}",
        additional_headers={"Cookie": cookie},
        origin=websockets.Origin(f"http://127.0.0.1:{port}"),
    )


async def tick(watcher: websockets.ClientConnection, rounds: int, first: float) -> list[float]:
    """Asks how a run stands once a second, starting at a moment of its own; returns the latencies.

    Raises:
        RuntimeError: the run has ended.
    """
    latencies: list[float] = []
    await asyncio.sleep(first)
    for _ in range(rounds):
        begin = time.perf_counter()
        await watcher.send("look")
        answer = json.loads(await asyncio.wait_for(watcher.recv(), 60))
        latencies.append(time.perf_counter() - begin)
        if answer["ended"]:
            raise RuntimeError("the job ended before the measurement did")
        await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - begin)))
    return latencies
