"""What nobody expected: an id for the visitor, the details for the log."""

from __future__ import annotations

import logging
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger("assay.server")


def sentence_for(error: BaseException) -> str:
    """Logs an error with its traceback under a new id, and says in one sentence what a visitor may know."""
    error_id = secrets.token_hex(4)
    log.error("unexpected error %s", error_id, exc_info=error)
    return f"Something unexpected happened. The log of the server has the details under {error_id}; please try again."


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """The answer of a route that failed."""
    return JSONResponse({"error": sentence_for(error)}, 500)
