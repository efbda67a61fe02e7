"""What nobody expected: an id for the visitor, the details for the log. What is away for a while: a sentence."""

from __future__ import annotations

import logging
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from core.store.faults import fault_of

log = logging.getLogger("assay.server")

AGAIN = 5  # seconds after which it is worth another try


def sentence_for(error: BaseException) -> str:
    """Logs an error with its traceback under a new id, and says in one sentence what a visitor may know."""
    fault = fault_of(error)
    if fault is not None:
        log.warning("%s (%s)", fault, fault.__cause__)
        return str(fault)
    error_id = secrets.token_hex(4)
    log.error("unexpected error %s", error_id, exc_info=error)
    return f"Something unexpected happened. The log of the server has the details under {error_id}; please try again."


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """The answer of a route that failed, or of a page whose visitor could not be looked up."""
    if fault_of(error) is not None:
        return _come_back(request, sentence_for(error))
    # It comes from outside of the middleware that adds headers to every other answer.
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return JSONResponse({"error": sentence_for(error)}, 500, headers)


def _come_back(request: Request, sentence: str) -> Response:
    """Status 503. A browser loads a page again by itself."""
    headers = {"Retry-After": f"{AGAIN}", "Cache-Control": "no-store"}
    if "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(sentence, 503, headers={**headers, "Refresh": f"{AGAIN}"})
    return JSONResponse({"error": sentence}, 503, headers=headers)
