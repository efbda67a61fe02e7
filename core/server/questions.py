"""`POST /api/holdouts/TOKEN`: a script asks a holdout through a link, within the same budget as everybody else.

`curl --data-binary @mine.npz 'http://HOST/api/holdouts/TOKEN?name=mine.npz&query=accuracy&asker=Ann'`; SparseValidate
takes `claim` and `tolerance` besides and answers 1 where the holdout contradicts the claim, otherwise 0.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.analysis import Source
from core.calibration.holdout.queries import query_named
from core.errors import BadInput, NotFound, TooLarge
from core.server.address import address_of
from core.server.answers import plain_json, refusal_of
from core.server.limits import holdout_costs, opening_a_link, spend
from core.server.uploads import copy_body, declared_bytes
from core.sizes import in_bytes
from core.store.folders import draft_in
from core.store.holdout_links import HoldoutKey
from core.store.holdouts import ask_holdout, get_holdout
from core.store.names import file_suffix, shown
from core.store.store import Store
from core.store.submissions import question_of, submission_of


async def post_question(request: Request, store: Store) -> Response:
    """Answers one question about submitted predictions, or says in one sentence why not."""
    folder = draft_in(store.tmp)
    try:
        key = await run_in_threadpool(_right_to_ask, store, request)  # no right, no body
        source = await _receive(request, store, folder)
        return plain_json(await run_in_threadpool(_answer, store, key, source, dict(request.query_params)))
    except (BadInput, NotFound) as error:
        return refusal_of(error)
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


def _right_to_ask(store: Store, request: Request) -> HoldoutKey:
    token, address = request.path_params["token"], address_of(request.headers)
    key = HoldoutKey.of_link(token)
    with opening_a_link(store, address):
        get_holdout(store, key)
    spend(store, *holdout_costs(store, token, address))
    return key


async def _receive(request: Request, store: Store, folder: Path) -> Source:
    name = request.query_params.get("name", "")
    if not name:
        raise BadInput("The predictions have no file name, which says how to read them; add ?name=mine.npz.")
    limit, received = store.settings.upload_bytes, 0
    too_large = TooLarge(f"{shown(name)} is too large: a file of predictions may have {in_bytes(limit)}.")
    if (declared_bytes(request) or 0) > limit:
        raise too_large
    folder.mkdir()
    path = folder / f"content{file_suffix(name)}"
    with path.open("wb") as file:

        def write(chunk: bytes) -> None:
            nonlocal received
            received += len(chunk)
            if received > limit:
                raise too_large
            file.write(chunk)

        await copy_body(request, write, store.settings)
    return Source("predictions", shown(name), "", str(path))


def _answer(store: Store, key: HoldoutKey, source: Source, asked: dict[str, str]) -> dict[str, Any]:
    holdout = get_holdout(store, key)
    query = query_named(asked.get("query", "accuracy"))
    claim, tolerance = _number(asked, "claim"), _number(asked, "tolerance")
    question = question_of(submission_of(store, source), query.name, source.name, holdout.training, claim, tolerance)
    entry = ask_holdout(store, key, question, asked.get("asker", ""))
    after = get_holdout(store, key)
    return {
        "query": entry.query,
        "answer": entry.answer,
        "unit": query.unit if entry.claim is None else "",
        "silent": entry.answer is None,
        "number": entry.number,
        "spends": entry.spends,
        "repeated": entry.repeated,
        "budget": after.budget,
        "budget_left": after.budget_left,
    }


def _number(asked: dict[str, str], name: str) -> float | None:
    text = asked.get(name)
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"{name}: {text[:40]!r} was found; a number is expected, such as {name}=0.8.") from None
