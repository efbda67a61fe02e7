"""Every address of the server that is not a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from core.errors import BadInput, NotFound
from core.server.address import address_of
from core.server.answers import plain_json, refusal_of, run_as_json, upload_as_json
from core.server.cookies import workspace_of
from core.server.downloads import result_file
from core.server.limits import opening_a_link
from core.server.login import LOG_IN_FIRST, LOGIN, OpenId, begin_login
from core.server.questions import post_question
from core.server.uploads import put_upload
from core.store.runs import get_run, list_runs
from core.store.shares import open_share
from core.store.store import Store
from core.store.uploads import list_uploads

ASSETS = Path(__file__).resolve().parents[2] / "assets"
Handler = Callable[[Request, Store], Response]


def build_routes(store: Callable[[], Store], openid: OpenId | None = None) -> list[BaseRoute]:
    """The routes over a store that is opened when the first request needs it.

    Args:
        store: of the installation.
        openid: of the server of the pages; None where nobody logs in.
    """

    async def uploads(request: Request) -> Response:
        return await put_upload(request, await run_in_threadpool(store))

    async def questions(request: Request) -> Response:
        return await post_question(request, await run_in_threadpool(store))

    def login(request: Request, store: Store) -> Response:
        return begin_login(request, store, openid)

    return [
        Route("/api/health", _health, methods=["GET"]),
        Route("/api/uploads", uploads, methods=["PUT"]),
        Route("/api/uploads/{name:path}", uploads, methods=["PUT"]),
        Route("/api/uploads", _in_thread(store, _uploads), methods=["GET"]),
        Route("/api/holdouts/{token}", questions, methods=["POST"]),
        Route("/api/runs", _in_thread(store, _runs), methods=["GET"]),
        Route("/api/runs/{run}", _in_thread(store, _run), methods=["GET"]),
        Route("/api/results/{run}/{name:path}", _in_thread(store, _result), methods=["GET"]),
        Route("/api/shared/{token}/{place:int}/{name:path}", _in_thread(store, _shared), methods=["GET"]),
        Route(LOGIN, _in_thread(store, login), methods=["GET"]),
        Route("/api/{anything:path}", _nothing, methods=["GET", "PUT", "POST", "PATCH", "DELETE"]),
        Mount("/assets/fonts", StaticFiles(directory=ASSETS / "fonts")),
        Mount("/assets/pictures", StaticFiles(directory=ASSETS / "pictures")),
        Mount("/assets/examples", StaticFiles(directory=ASSETS / "examples")),
    ]


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _nothing(request: Request) -> Response:
    """No page answers below /api: a script that mistypes an address is told so."""
    return JSONResponse({"error": f"There is nothing at {request.scope['path']}."}, 404)


def _in_thread(store: Callable[[], Store], handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Runs a handler, which reads database and disk, beside the event loop; what is not there answers 404."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await run_in_threadpool(lambda: handler(request, store()))
        except (BadInput, NotFound) as error:
            return refusal_of(error)

    return answer


def _workspace(request: Request, store: Store) -> str:
    workspace = workspace_of(store, request)
    if workspace is None:
        raise NotFound(LOG_IN_FIRST) if store.settings.login else NotFound()
    return workspace


def _uploads(request: Request, store: Store) -> Response:
    return plain_json([upload_as_json(upload) for upload in list_uploads(store, _workspace(request, store))])


def _runs(request: Request, store: Store) -> Response:
    return plain_json([run_as_json(run) for run in list_runs(store, _workspace(request, store))])


def _run(request: Request, store: Store) -> Response:
    return plain_json(run_as_json(get_run(store, _workspace(request, store), request.path_params["run"])))


def _result(request: Request, store: Store) -> Response:
    run = get_run(store, _workspace(request, store), request.path_params["run"])
    if run.state != "done":
        raise NotFound()
    return result_file(store, run.key, request.path_params["name"])


def _shared(request: Request, store: Store) -> Response:
    with opening_a_link(store, address_of(request.headers)):
        opened = open_share(store, request.path_params["token"])
    place = request.path_params["place"]
    if not 1 <= place <= len(opened.results):
        raise NotFound()
    return result_file(store, opened.results[place - 1][1], request.path_params["name"])
