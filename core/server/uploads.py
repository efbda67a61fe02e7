"""`PUT /api/uploads/NAME`: a file goes to disk chunk by chunk while it is hashed; the body is never held in memory.

Scripts use the same route: `curl -T data.csv -c jar 'http://HOST/api/uploads/?workspace=new'` opens a workspace of
its own (curl adds the file's name to the address), `-b jar` uses it again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.errors import BadInput, NotFound, TooOften, TooSlow
from core.server.address import address_of
from core.server.answers import refusal, refusal_of, upload_as_json
from core.server.cookies import fresh_cookie, workspace_of
from core.server.limits import spend, upload_byte_costs, upload_costs
from core.server.login import LOG_IN_FIRST
from core.settings import Settings
from core.sizes import in_bytes
from core.store.store import Store
from core.store.uploads import Upload, begin_upload, finish_upload

BLOCK = 1 << 20  # bytes gathered before they are handed to the writing thread
SLICE = 16 << 20  # bytes that are counted at a time, before they are written


async def put_upload(request: Request, store: Store) -> Response:
    """Receives one file and answers with what was found in it, or with one sentence on why it was refused."""
    cookie = None
    known = await run_in_threadpool(workspace_of, store, request)
    if known is not None:
        workspace = known
    else:
        if store.settings.login:
            return refusal(LOG_IN_FIRST, 401)
        if "origin" in request.headers or request.query_params.get("workspace") != "new":
            return refusal(
                "No workspace cookie came with the upload; open a page of the workbench first, or add ?workspace=new.",
                401,
            )
        try:
            workspace, cookie = await run_in_threadpool(fresh_cookie, store, address_of(request.headers))
        except TooOften as error:
            return refusal_of(error)
    try:
        upload = await _receive(request, store, workspace)
    except (BadInput, NotFound) as error:
        return refusal_of(error)
    answer = JSONResponse(upload_as_json(upload))
    if cookie is not None:
        answer.headers["Set-Cookie"] = cookie
    return answer


async def _receive(request: Request, store: Store, workspace: str) -> Upload:
    filename = unquote(request.path_params.get("name", "")) or request.query_params.get("name", "")
    if not filename:
        raise BadInput("The upload has no file name; send it to /api/uploads/NAME.")
    kind = request.query_params.get("kind") or None
    address, declared = address_of(request.headers), declared_bytes(request)
    await run_in_threadpool(spend, store, *upload_costs(store, workspace, address))
    incoming = await run_in_threadpool(begin_upload, store, workspace, filename, declared)
    paid = 0

    def write(block: bytes) -> None:
        nonlocal paid
        while incoming.received + len(block) > paid:
            part = SLICE if declared is None else min(SLICE, declared - paid)
            spend(store, *upload_byte_costs(store, workspace, address, part))
            paid += part
        incoming.write(block)

    try:
        await copy_body(request, write, store.settings)
        return await run_in_threadpool(finish_upload, store, incoming, kind)
    except BaseException:
        incoming.abandon()
        raise


def declared_bytes(request: Request) -> int | None:
    """How many bytes the sender says will come; None where it doesn't."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdigit() else None


async def copy_body(request: Request, write: Callable[[bytes], None], settings: Settings) -> None:
    """Hands the body to a writer block by block.

    Only the time that is spent waiting for the sender counts, so a slow disk cuts nobody off.

    Raises:
        TooSlow: the sender stood still, or was slower on average than an upload may be.
        BadInput: the connection ended early, or more came than was stated.
    """
    pending, stated = bytearray(), declared_bytes(request)
    received, waited = 0, 0.0
    stream = request.stream()
    try:
        while True:
            began = time.monotonic()
            async with asyncio.timeout(settings.body_patience + received / settings.body_slowest - waited):
                chunk = await anext(stream, None)
            if chunk is None:
                break
            waited += time.monotonic() - began
            received += len(chunk)
            if stated is not None and received > stated:
                raise BadInput(f"More than the stated {stated} bytes came; state the length of the file, or none.")
            pending += chunk
            if len(pending) >= BLOCK:
                await run_in_threadpool(write, bytes(pending))
                pending.clear()
    except TimeoutError:
        raise TooSlow(
            f"The upload stopped coming after {in_bytes(received)}; upload it again over a faster connection."
        ) from None
    except ClientDisconnect:
        raise BadInput("The connection ended before the whole file had arrived; upload it again.") from None
    if pending:
        await run_in_threadpool(write, bytes(pending))
