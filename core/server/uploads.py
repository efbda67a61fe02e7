"""`PUT /api/uploads/NAME`: a file goes to disk chunk by chunk while it is hashed; the body is never held in memory.

Scripts use the same route: `curl -T data.csv -c jar 'http://HOST/api/uploads/?workspace=new'` opens a workspace of
its own (curl adds the file's name to the address), `-b jar` uses it again.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.errors import BadInput, NotFound, TooLarge
from core.server.answers import upload_as_json
from core.server.cookies import fresh_cookie, is_same_origin, workspace_of
from core.store.store import Store
from core.store.uploads import Upload, begin_upload, finish_upload

BLOCK = 1 << 20  # bytes gathered before they are handed to the writing thread


async def put_upload(request: Request, store: Store) -> Response:
    """Receives one file and answers with what was found in it, or with one sentence on why it was refused."""
    if not is_same_origin(request):
        return refusal("Uploads are taken from this workbench's own pages and from scripts, not from other sites.", 403)
    cookie = None
    known = await run_in_threadpool(workspace_of, store, request)
    if known is not None:
        workspace = known
    else:
        if "origin" in request.headers or request.query_params.get("workspace") != "new":
            return refusal(
                "No workspace cookie came with the upload; open a page of the workbench first, or add ?workspace=new.",
                401,
            )
        workspace, cookie = await run_in_threadpool(fresh_cookie, store)
    try:
        upload = await _receive(request, store, workspace)
    except TooLarge as error:
        return refusal(str(error), 413)
    except NotFound as error:
        return refusal(str(error), 404)
    except BadInput as error:
        return refusal(str(error), 400)
    answer = JSONResponse(upload_as_json(upload))
    if cookie is not None:
        answer.headers["Set-Cookie"] = cookie
    return answer


def refusal(sentence: str, status: int) -> JSONResponse:
    """An error as scripts and the upload component read it."""
    return JSONResponse({"error": sentence}, status_code=status)


async def _receive(request: Request, store: Store, workspace: str) -> Upload:
    filename = unquote(request.path_params.get("name", "")) or request.query_params.get("name", "")
    if not filename:
        raise BadInput("The upload has no file name; send it to /api/uploads/NAME.")
    kind = request.query_params.get("kind") or None
    incoming = await run_in_threadpool(begin_upload, store, workspace, filename, declared_bytes(request))
    try:
        await copy_body(request, incoming.write)
        return await run_in_threadpool(finish_upload, store, incoming, kind)
    except BaseException:
        incoming.abandon()
        raise


def declared_bytes(request: Request) -> int | None:
    """How many bytes the sender says will come; None where it doesn't."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdigit() else None


async def copy_body(request: Request, write: Callable[[bytes], None]) -> None:
    """Hands the body to a writer block by block.

    Raises:
        BadInput: the connection ended early.
    """
    pending = bytearray()
    try:
        async for chunk in request.stream():
            pending += chunk
            if len(pending) >= BLOCK:
                await run_in_threadpool(write, bytes(pending))
                pending.clear()
    except ClientDisconnect:
        raise BadInput("The connection ended before the whole file had arrived; upload it again.") from None
    if pending:
        await run_in_threadpool(write, bytes(pending))
