"""How uploads and runs read as JSON, beside the pages that show the same."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import JSONResponse, Response

from core.errors import BadInput, NotFound, TooLarge, TooOften, TooSlow
from core.store.runs import Run
from core.store.uploads import Upload

_STATUS: dict[type[Exception], int] = {TooSlow: 408, TooLarge: 413, TooOften: 429}


def plain_json(value: Any, status: int = 200) -> Response:
    """A JSON answer in which NaN and infinities are null and unknown objects are their text."""
    body = json.dumps(_plain(value), allow_nan=False, default=str)
    return Response(body, status, headers={"Cache-Control": "no-store"}, media_type="application/json")


def refusal(sentence: str, status: int) -> JSONResponse:
    """An error as scripts and the upload component read it."""
    return JSONResponse({"error": sentence}, status_code=status)


def refusal_of(error: BadInput | NotFound) -> JSONResponse:
    """The refusal that an error means: 404, 408, 413, 429 with the time to wait, or 400."""
    if isinstance(error, NotFound):
        return refusal(str(error), 404)
    answer = refusal(str(error), _STATUS.get(type(error), 400))
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(math.ceil(error.seconds))
    if isinstance(error, TooSlow):
        answer.headers["Connection"] = "close"  # the rest of it is not waited for
    return answer


def upload_as_json(upload: Upload) -> dict[str, Any]:
    """What a script learns of an upload; paths and the workspace stay with the server."""
    return {
        "id": upload.id,
        "name": upload.name,
        "kind": upload.kind,
        "digest": upload.digest,
        "bytes": upload.bytes,
        "created": upload.created,
        "details": _plain(dict(upload.details)),
    }


def run_as_json(run: Run) -> dict[str, Any]:
    """State, progress and question of a run."""
    inputs = {slot: {name: held.get(name) for name in ("kind", "name", "digest")} for slot, held in run.inputs.items()}
    return {
        "id": run.id,
        "analysis": run.slug,
        "title": run.title,
        "state": run.state,
        "fraction": run.fraction,
        "message": run.message,
        "eta": run.eta,
        "error": run.error,
        "error_id": run.error_id,
        "params": run.params,
        "inputs": inputs,
        "created": run.created,
        "started": run.started,
        "finished": run.finished,
        "device": run.device,
        "place": run.place,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
