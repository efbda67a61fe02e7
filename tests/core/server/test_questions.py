"""A script asks a holdout through a link: answers, the budget, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from starlette.testclient import TestClient

from core.store.holdout_links import HoldoutKey, link_holdout
from core.store.holdouts import create_holdout, ledger
from core.store.store import Store
from core.store.workspaces import new_workspace

ROWS = 400
Visitor = Callable[..., TestClient]


def predictions(seed: int = 0, right: float = 0.9) -> tuple[bytes, np.ndarray, np.ndarray]:
    """An npz of probabilities for both parts, and the labels of both."""
    generator = np.random.default_rng(seed)
    labels, known = np.arange(2 * ROWS).reshape(2, ROWS) % 3
    chosen = np.where(generator.random((2, ROWS)) < right, [labels, known], (np.array([labels, known]) + 1) % 3)
    probabilities = np.full((2, ROWS, 3), 0.1)
    np.put_along_axis(probabilities, chosen[..., None], 0.8, axis=2)
    file = io.BytesIO()
    np.savez(file, probs=probabilities[0], labels=labels, val_probs=probabilities[1], val_labels=known)
    return file.getvalue(), labels, known


@pytest.fixture
def link(store: Store) -> str:
    """The token of a link to a holdout with a budget of five."""
    _, labels, known = predictions()
    workspace = new_workspace(store)
    holdout = create_holdout(store, workspace, "Guarded", labels, known, classes=3, budget=5)
    return link_holdout(store, workspace, holdout.id, "Scripts")[1]


def test_a_script_is_answered_and_written_down(store: Store, visitor: Visitor, link: str) -> None:
    """The answer lies near the accuracy, the ledger names the asker and the link, and the same again is free."""
    body = predictions()[0]
    asked = {"name": "mine.npz", "query": "accuracy", "asker": "Ann"}
    reply = visitor().post(f"/api/holdouts/{link}", params=asked, content=body)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert found["answer"] == pytest.approx(0.9, abs=0.15)
    assert found["budget"] == 5 and found["budget_left"] == 5 - found["spends"]
    (line,) = ledger(store, HoldoutKey.of_link(link))
    assert (line.asker, line.link, line.subject) == ("Ann", "Scripts", "mine.npz")
    again = visitor().post(f"/api/holdouts/{link}", params=asked, content=body).json()
    assert again["repeated"] and again["answer"] == found["answer"]
    assert list(store.tmp.iterdir()) == []


@pytest.mark.parametrize(
    ("params", "body", "status", "words"),
    [
        ({"query": "accuracy"}, b"", 400, "name"),
        ({"name": "mine.npz", "query": "ece"}, predictions()[0], 400, "ece"),
        ({"name": "mine.npz", "claim": "much"}, predictions()[0], 400, "claim"),
        ({"name": "mine.pkl"}, b"\x80\x04N.", 400, "mine.pkl"),
        ({"name": "mine.npz"}, b"PK\x03\x04broken", 400, "mine.npz"),
        ({"name": "mine.npz"}, bytes(5 << 20), 413, "too large"),
    ],
)
def test_refusals_are_one_sentence(
    store: Store, visitor: Visitor, link: str, params: dict[str, str], body: bytes, status: int, words: str
) -> None:
    """What can't be used costs nothing, leaves nothing, and is explained."""
    reply = visitor().post(f"/api/holdouts/{link}", params=params, content=body)
    assert reply.status_code == status, reply.text
    assert words in reply.json()["error"]
    assert ledger(store, HoldoutKey.of_link(link)) == []
    assert list(store.tmp.iterdir()) == []


def test_other_sites_and_guesses_are_turned_away(visitor: Visitor, link: str) -> None:
    """Another site's page may not spend the budget, and a token that was guessed finds nothing."""
    body, asked = predictions()[0], {"name": "mine.npz"}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.test"}
    assert visitor().post(f"/api/holdouts/{link}", params=asked, content=body, headers=foreign).status_code == 403
    assert visitor().post("/api/holdouts/guessed", params=asked, content=body).status_code == 404
