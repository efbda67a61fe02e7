"""What is fuzzed: each target takes any bytes and may refuse them with BadInput or NotFound; all else is a finding."""

from __future__ import annotations

import asyncio
import atexit
import json
import re
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

from core.errors import BadInput, NotFound
from fuzz import honest

Reader = Callable[[bytes], Any]


@dataclass(frozen=True)
class Target:
    """Something that reads strangers' bytes.

    Attributes:
        read: reads them.
        seeds: honest inputs, made when they are needed.
        form: what the mutator knows of the bytes: "bytes", "json", "zip", "safetensors" or "page".
        modules: whose branches guide the search.
    """

    read: Reader
    seeds: Callable[[], list[bytes]]
    form: str
    modules: tuple[str, ...]


_NOT_PRINTED = re.compile(rb"[^\x21-\x7e]")  # h11 refuses a request whose line holds anything else


@cache
def scratch() -> Path:
    """A folder of this process for the files that readers want."""
    folder = Path(mkdtemp(prefix="assay-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def refused(read: Callable[[], Any]) -> Any:
    """What a reader answers, None where it refuses in its own words.

    Raises:
        AssertionError: the refusal is no single readable sentence.
    """
    try:
        return read()
    except (BadInput, NotFound) as refusal:
        sentence = str(refusal)
        assert sentence.strip() and len(sentence) < 3000, f"no sentence: {sentence[:200]!r}"
        return None


def inspected(name: str, content: bytes, *hints: str | None) -> None:
    """A file as an upload of that name, with each hint that a person could give."""
    from core.sources import inspect_file

    path = scratch() / f"content{Path(name).suffix}"
    path.write_bytes(content)
    for hint in hints or (None,):
        found = refused(lambda hint=hint: inspect_file(path, name, hint, scratch() / "columns.parquet"))  # type: ignore[misc]
        (scratch() / "columns.parquet").unlink(missing_ok=True)
        json.dumps(found, allow_nan=False)  # what the library keeps


def arrays(content: bytes) -> None:
    """npz, npy and idx, as a data set, as shapes and as predictions."""
    name = "x.npz" if content[:2] == b"PK" else "x.npy" if content[:1] == b"\x93" else "x.idx"
    inspected(name, content, None, "shapes", *(("predictions", "population") if name == "x.npz" else ()))


def csv(content: bytes) -> None:
    """A table of text, as everything that a table can be."""
    inspected("table.csv", content, None, "telemetry", "shapes", "population")


def parquet(content: bytes) -> None:
    """Parquet, as everything that a table can be."""
    inspected("table.parquet", content, None, "telemetry", "shapes", "population")


def shapes(content: bytes) -> None:
    """Graphs and series in text, and zips of them."""
    if content[:2] == b"PK":
        return inspected("graphs.zip", content)
    for name in ("graph.gml", "toy.ts", "Toy_TRAIN.txt"):
        inspected(name, content)
    return None


def zoo(content: bytes) -> None:
    """A model zoo, and the same file as checkpoints."""
    inspected("zoo.zip", content, "zoo", "checkpoints", None)


def booster(content: bytes) -> None:
    """A model of XGBoost, JSON or UBJSON."""
    inspected("booster.ubj", content, "booster")


def weights(content: bytes) -> None:
    """safetensors and state dicts."""
    inspected("model.safetensors", content, "model", "checkpoints")


def program(content: bytes) -> None:
    """An exported program, through the screen into torch and once through the network."""
    import torch

    from core.models.pt2 import load_program

    path = scratch() / "content.pt2"
    path.write_bytes(content)
    network = refused(lambda: load_program(path, "model.pt2"))
    size = 1 if network is None else sum(network.signature.sample_shape)
    if network is not None and size < 1000:
        with suppress(RuntimeError, TypeError, ValueError, IndexError, AssertionError, NotImplementedError):
            network(torch.zeros(2, *network.signature.sample_shape))  # it may not compute: a step says so


def screen(content: bytes) -> None:
    """The text of an exported program: what passes the screen holds no code."""
    from core.models.screen import screened

    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return
    _harmless(refused(lambda: screened(document, "model.pt2")), "")


def _harmless(value: Any, key: str) -> None:
    """Another, blunter rule than the screen's own: no calls and no double underscores outside shape expressions."""
    if isinstance(value, dict):
        for name, item in value.items():
            assert not name.startswith("__") and ".__" not in name and "(" not in name, name
            _harmless(item, name)
    elif isinstance(value, list):
        for item in value:
            _harmless(item, key)
    elif isinstance(value, str):
        value = value.removeprefix("<=") if key == "torch_version" else value
        assert not value.startswith("__") and "import" not in value.split("("), value
        assert key in ("expr_str", "in_spec", "out_spec") or not set(value) & set("()[]{};=\"'\\\n"), value
        assert key != "expr_str" or ("lambda" not in value and "." not in value and "[" not in value), value


def verify(content: bytes) -> None:
    """An exported page, and the folder that it carries."""
    from core.export.unpack import opened
    from core.export.verify import verify as verified

    path = scratch() / "page.html"
    path.write_bytes(content)
    known = [honest.toy_analysis()[0]]
    refused(lambda: verified(path, analyses=known))

    def folder() -> None:
        with opened(path) as found:
            verified(found.folder, analyses=known)

    refused(folder)


def addresses(content: bytes) -> None:
    """A request for some path, query and cookie, and the same text as token, file name and place in a result."""
    from core.store.holdout_links import HoldoutKey
    from core.store.holdouts import get_holdout
    from core.store.names import file_suffix, shown
    from core.store.shares import open_share
    from core.store.workspaces import read_cookie

    store, app = _server()
    text = content.decode("utf-8", "surrogateescape")
    refused(lambda: open_share(store, text))
    refused(lambda: get_holdout(store, HoldoutKey.of_link(text)))
    read_cookie(store, text)
    assert shown(text) and "/" not in file_suffix(text) and len(file_suffix(text)) < 30
    path, _, rest = _NOT_PRINTED.sub(lambda found: b"%%%02X" % found[0][0], content).partition(b"?")
    query, _, cookie = rest.partition(b"#")
    for method in ("GET", "POST"):
        asked = _asked(app, method, b"/" + path.lstrip(b"/"), query, cookie)
        status = _beside().submit(asyncio.run, asked).result()
        assert status < 500, f"{method} answered {status}"
    _looked_at(text)


def _looked_at(text: str) -> None:
    """The query of a page of telemetry: whatever it says, the view lies within the record."""
    from urllib.parse import parse_qsl

    from core.telemetry.figures.detected import Detected
    from pages.parts import telemetry_address

    said = dict(parse_qsl(text.partition("?")[2], errors="surrogateescape"))
    telemetry_address.st = SimpleNamespace(query_params=said)  # type: ignore[assignment]
    detected: Any = SimpleNamespace(
        events=[], targets=["p"], span=(0, 10**9), step=1000, event=lambda *_: None, events_of=lambda _: []
    )
    view = telemetry_address.view_of(detected if detected else Detected)
    assert 0 <= view.start <= view.end <= 10**9, view
    telemetry_address.write_moment(view.start)


@cache
def _beside() -> ThreadPoolExecutor:
    """A thread without an event loop of its own: the caller's may have one that runs."""
    return ThreadPoolExecutor(1)


@cache
def _server() -> tuple[Any, Any]:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware

    from core.server.middleware import SecurityHeaders, WorkspaceCookie
    from core.server.routes import build_routes
    from core.settings import Settings
    from core.store import open_store

    store = open_store(Settings(home=scratch() / "home"))
    middleware = [Middleware(SecurityHeaders), Middleware(WorkspaceCookie, store=lambda: store)]
    return store, Starlette(routes=build_routes(lambda: store), middleware=middleware)


async def _asked(app: Any, method: str, path: bytes, query: bytes, cookie: bytes) -> int:
    """The status of one request."""
    from urllib.parse import unquote_to_bytes

    status = 0

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(
        {
            "type": "http",
            "method": method,
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "headers": [(b"host", b"localhost"), (b"cookie", cookie.replace(b"\n", b""))],
            "scheme": "http",
            "server": ("localhost", 80),
            "client": ("localhost", 1),
            "root_path": "",
        },
        receive,
        send,
    )
    return status


ADDRESSES = (
    b"/api/shared/abc/1/result.html?x=1#assay_workspace=abc.def",
    b"/api/results/abc/tables/curve.csv",
    b"/api/uploads/table.csv?kind=dataset&workspace=new",
    b"/api/holdouts/abc?name=mine.npz&query=accuracy&claim=0.5&tolerance=1e-3",
    b"/telemetry?parameter=p&event=1&from=2024-03-09T16:00&to=2024-03-09T16:00:01.500",
    b"/assets/fonts/..%2f..%2fapp.py",
)


def _files(*names: str) -> Callable[[], list[bytes]]:
    return lambda: [honest.honest_files()[name] for name in names]


def _page_seeds() -> list[bytes]:
    return [honest.page_of(honest.result_members())]


def _program_text() -> list[bytes]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(honest.program())) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".json")]


DATA = (
    "core.data",
    "core.sources",
    "core.calibration.inspection",
    "core.telemetry.inspection",
    "core.telemetry.ingest",
)
TARGETS: dict[str, Target] = {
    "screen": Target(screen, _program_text, "json", ("core.models.screen", "core.models.operators")),
    "program": Target(program, lambda: [honest.program()], "zip", ("core.models", "core.data.archive")),
    "arrays": Target(arrays, _files("data.npz", "data.npy", "images.idx", "labels.idx.gz", "predictions.npz",
                                    "population.npz", "images.npz"), "zip", (*DATA, "zipfile")),
    "csv": Target(csv, _files("table.csv", "table.tsv", "predictions.csv", "telemetry.csv"), "bytes", DATA),
    "parquet": Target(parquet, _files("table.parquet", "telemetry.parquet"), "bytes", DATA),
    "verify": Target(verify, _page_seeds, "page", ("core.export", "core.store.results", "core.keys", "core.seal")),
    "addresses": Target(addresses, lambda: list(ADDRESSES), "bytes", ("core.server", "core.store", "pages.parts")),
    "weights": Target(weights, _files("model.safetensors", "model.pt", "checkpoints.zip"), "safetensors",
                      ("core.models", "core.data.archive", "torch._weights_only_unpickler")),
    "booster": Target(booster, _files("booster.json", "booster.ubj"), "json", ("core.models",)),
    "zoo": Target(zoo, _files("zoo.zip"), "zip", ("core.models", "core.data.archive")),
    "shapes": Target(shapes, _files("graph.gml", "toy.ts", "Toy_TRAIN.txt", "graphs.zip", "split.zip"), "zip", DATA),
}  # fmt: skip
