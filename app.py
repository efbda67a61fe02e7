"""The ASGI app: `streamlit run app.py` serves the pages, the routes beside them, and runs the one runner child."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.concurrency import run_in_threadpool

from core.errors import Unavailable
from core.runner.child import start_runner
from core.server.failures import answer_unexpected
from core.server.middleware import build_middleware
from core.server.routes import build_routes
from core.settings import settings
from core.store.gallery import put_gallery
from pages.parts.failure import show_unexpected
from pages.parts.live_socket import live_routes
from pages.parts.openid import OPENID, prepare_login
from pages.parts.workspace import this_pulse, this_store

log = logging.getLogger("assay.server")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Opens the store, puts the finished examples into it, starts the runner, and ends it with the server."""
    try:
        await run_in_threadpool(lambda: put_gallery(this_store()))
    except Unavailable as error:  # pages say so, and runner and store are there by themselves when it is over
        log.error("%s (%s)", error, error.__cause__)
    child = await run_in_threadpool(start_runner, settings()) if settings().runner else None
    try:
        yield
    finally:
        if child is not None:
            await run_in_threadpool(child.stop)


app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    routes=[*build_routes(this_store, OPENID), *live_routes(this_pulse)],
    middleware=build_middleware(this_store, OPENID),
    secrets=prepare_login(settings(), this_store),
    on_script_error=show_unexpected,
    exception_handlers={Unavailable: answer_unexpected, Exception: answer_unexpected},
)

if __name__ == "__main__":
    app.run()
