"""The upload route: who may send, what comes back, and that nothing is left of what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from core.keys import digest_of_bytes
from core.server.cookies import COOKIE
from core.store.store import Store
from core.store.uploads import list_uploads
from core.store.workspaces import new_workspace

CSV = b"width,height\n" + b"".join(f"{i / 7},{i % 5}\n".encode() for i in range(20))
Visitor = Callable[..., TestClient]


def test_a_file_is_stored_and_described(store: Store, visitor: Visitor) -> None:
    """An accepted file is answered with id, kind, digest and what was found in it."""
    workspace = new_workspace(store)
    reply = visitor(workspace).put("/api/uploads", params={"name": "plants.csv"}, content=CSV)
    assert reply.status_code == 200
    found = reply.json()
    assert (found["name"], found["kind"], found["bytes"]) == ("plants.csv", "dataset", len(CSV))
    assert found["digest"] == digest_of_bytes(CSV)
    assert found["details"]["rows"] == 20
    assert [upload.id for upload in list_uploads(store, workspace)] == [found["id"]]
    assert str(store.home) not in reply.text


def test_chunks_of_any_size_make_the_same_file(store: Store, visitor: Visitor) -> None:
    """A body without a declared length, in small pieces, is the same upload."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(CSV), 7):
            yield CSV[start : start + 7]

    client = visitor(new_workspace(store))
    whole = client.put("/api/uploads/plants.csv", content=CSV).json()
    assert client.put("/api/uploads/plants.csv", content=pieces()).json()["id"] == whole["id"]


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "<script>.csv", "données 🎉.csv", "n" * 300 + ".csv"])
def test_names_are_only_shown(store: Store, visitor: Visitor, name: str) -> None:
    """A file name is never a path: every file lies under its digest."""
    workspace = new_workspace(store)
    assert visitor(workspace).put("/api/uploads", params={"name": name}, content=CSV).status_code == 200
    (upload,) = list_uploads(store, workspace)
    assert upload.path.resolve().is_relative_to((store.home / "uploads" / upload.digest[:2]).resolve())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("model.pkl", b"\x80\x04N.", "model.pkl"),
        ("short.npz", b"PK\x03\x04broken", "short.npz"),
    ],
)
def test_refusals_are_one_sentence_and_leave_nothing(
    store: Store, visitor: Visitor, name: str, content: bytes, words: str
) -> None:
    """What can't be used is answered with 400 and a sentence; no row and no file stays."""
    workspace = new_workspace(store)
    reply = visitor(workspace).put("/api/uploads", params={"name": name}, content=content)
    assert reply.status_code == 400
    assert words in reply.json()["error"]
    assert list_uploads(store, workspace) == []
    assert not [path for path in (store.home / "uploads").rglob("*") if path.is_file()]
    assert not [path for path in store.tmp.rglob("*") if path.is_file()]


def test_too_large_is_413_and_leaves_nothing(store: Store, visitor: Visitor) -> None:
    """A file over the limit is refused, whether its length was declared or not."""
    client = visitor(new_workspace(store))
    block = b"1" * (1 << 20)
    declared = client.put("/api/uploads/a.csv", content=block * 5)
    undeclared = client.put("/api/uploads/a.csv", content=iter([block] * 5))
    assert [declared.status_code, undeclared.status_code] == [413, 413]
    assert not [path for path in store.tmp.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.test"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://assay.test"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_other_sites_are_refused(store: Store, visitor: Visitor, headers: dict[str, str]) -> None:
    """A request that a page of another origin sends is refused, even with the visitor's cookie."""
    workspace = new_workspace(store)
    reply = visitor(workspace).put("/api/uploads/a.csv", content=CSV, headers=headers)
    assert reply.status_code == 403
    assert list_uploads(store, workspace) == []


def test_own_pages_are_taken(store: Store, visitor: Visitor) -> None:
    """The workbench's own pages send an origin that is the host."""
    headers = {"Origin": "http://assay.test", "Sec-Fetch-Site": "same-origin"}
    assert visitor(new_workspace(store)).put("/api/uploads/a.csv", content=CSV, headers=headers).status_code == 200


def test_a_script_asks_for_a_workspace(store: Store, visitor: Visitor) -> None:
    """Without a cookie only a script that asks for a workspace gets one, and its cookie works from then on."""
    client = visitor()
    assert client.put("/api/uploads/a.csv", content=CSV).status_code == 401
    browser = client.put("/api/uploads/a.csv?workspace=new", content=CSV, headers={"Origin": "http://assay.test"})
    assert browser.status_code == 401
    assert client.put("/api/uploads/a.csv?workspace=new", content=CSV).status_code == 200
    assert COOKIE in client.cookies
    assert [one["name"] for one in client.get("/api/uploads").json()] == ["a.csv"]


def test_a_forged_cookie_is_no_workspace(store: Store, visitor: Visitor) -> None:
    """An id without its signature opens nothing."""
    client = visitor()
    client.cookies.set(COOKIE, new_workspace(store) + ".0000")
    assert client.put("/api/uploads/a.csv", content=CSV).status_code == 401
    assert client.get("/api/uploads").status_code == 404
