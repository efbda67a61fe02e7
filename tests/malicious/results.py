"""Exported pages and result folders that lie, for `verify`: a forger makes digests and seals anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from core.keys import digest_of_bytes
from core.seal import sealed
from fuzz.honest import npy, npz, page_of, parquet, zipped
from tests.malicious.case import Case, Ingredients, Payload, fixed, nested

MIB = 1 << 20
Change = Callable[[dict[str, Any]], None]


def page_cases(members: dict[str, bytes]) -> Iterator[Case]:
    """Attacks on `verify` by a page. `says` is what a refusal or a failed check has to match."""

    def page(name: str, says: str | None, files: dict[str, bytes]) -> Case:
        return Case(name, "x.html", lambda _: page_of(_forged({**members, **files})), says)

    def said(name: str, says: str | None, change: Change) -> Case:
        return Case(name, "x.html", lambda _: page_of(_forged(members, change)), says)

    yield page("an honest page", None, {})
    yield Case(
        "arrays that are a pickle",
        "x.html",
        lambda given: page_of(_forged({**members, "arrays.npz": _pickled(given)})),
        "can't be read",
    )
    yield page("arrays of 10^12 values", "can't be read", {"arrays.npz": zipped({"a.npy": _claims()})})
    yield page("arrays of an unknown packing", "can't be read", {"arrays.npz": _unknown_packing()})
    yield page("arrays that are cut off", "can't be read", {"arrays.npz": members["arrays.npz"][:-10]})
    yield page(
        "a table of a million rows that are not its own",
        None,
        {"tables/curve.parquet": parquet({"x": np.zeros(10**6)})},
    )
    yield page("a table of nested lists", None, {"tables/curve.parquet": parquet({"x": [[[1]], [[2]]]})})
    yield page("a table with metadata that are none", "can't be read|^$", {"tables/curve.parquet": _odd_metadata()})
    yield page(
        "a table that is cut off", "can't be read", {"tables/curve.parquet": members["tables/curve.parquet"][:-20]}
    )
    yield Case(
        "a result nested 100,000 deep",
        "x.html",
        lambda _: page_of({**members, "result.json": nested(100_000)}),
        "not JSON|nested",
    )
    yield said(
        "a result nested 900 deep", "nested more than", lambda document: document.update(deep=json.loads(nested(900)))
    )
    yield said("an interval of words", "summary", lambda document: document["summary"].update(n_low="a"))
    yield said("a number that is a list", "summary", lambda document: document["summary"].update(n=[1]))
    yield said("parameters of nothing", "analysis", lambda document: document.update(params={"mode": []}))
    yield said(
        "a digest that is a list",
        "no proper input|key",
        lambda document: document["inputs"]["dataset"].update(digest=["a"]),
    )
    yield said(
        "files that are not there", "files", lambda document: document["files"].update({"../../etc/passwd": "0"})
    )
    yield said("notes of markup", None, lambda document: document.update(notes=["<script>alert(1)</script>"]))
    yield Case(
        "a file that leads upwards", "x.html", lambda _: page_of({**members, "../../x": b"1"}), "unexpected file"
    )
    yield Case(
        "a file for a table that is no table",
        "x.html",
        lambda _: page_of({**members, "tables/x.py": b"1"}),
        "unexpected file",
    )
    yield Case(
        "one file twice",
        "x.html",
        lambda _: page_of(members).replace(b"</html>", page_of(members)),
        "unexpected file|title",
    )
    yield Case(
        "content beyond ASCII",
        "x.html",
        lambda _: page_of(members).replace(b'json">"', 'json">"é'.encode()),
        "is damaged",
    )
    yield Case("a page without its end", "x.html", lambda _: page_of(members)[:-8], "truncated")
    yield Case(
        "a page of 40 MB of blocks",
        "x.html",
        lambda _: b"<html>" + b'<script class="assay-file">' * (3 * MIB // 2) + b"</html>",
        "",
    )
    yield Case(
        "a zip instead of a page",
        "x.html",
        lambda _: zipped({"result.json": b"\xff\x00{}"}) + b"\xff",
        "zip archive|not text",
    )
    yield Case(
        "a picture instead of a page", "x.html", fixed(b"\x89PNG\r\n\x1a\n" + bytes(99)), "not text|holds no result"
    )


def _forged(members: dict[str, bytes], change: Change = lambda document: None) -> dict[str, bytes]:
    """The members with digests, key and seal that fit them, as far as they can."""
    document = json.loads(members["result.json"])
    document["files"] = {name: digest_of_bytes(held) for name, held in members.items() if name != "result.json"}
    change(document)
    return {**members, "result.json": json.dumps(sealed(document)).encode()}


def _pickled(given: Ingredients) -> bytes:
    return npz(a=np.array([Payload(given.canary)], dtype=object))


def _claims() -> bytes:
    return npy(np.zeros((2, 3))).replace(b"(2, 3), }", b"(1000000, 1000000), }")


def _unknown_packing() -> bytes:
    content = bytearray(npz(a=np.ones(3)))
    content[content.index(b"PK\x01\x02") + 10] = 77
    return bytes(content)


def _odd_metadata() -> bytes:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    table = pa.table({"x": [1.0]}).replace_schema_metadata({b"pandas": b'{"index_columns": [7], "columns": 3}'})
    pq.write_table(table, stream)
    return stream.getvalue()
