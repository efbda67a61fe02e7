"""The files of a result: whole as zip or one HTML page, its tables as CSV, Parquet or JSON, each figure as a page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from starlette.responses import FileResponse, Response, StreamingResponse

from core.catalog import CATALOG
from core.errors import NotFound
from core.export.csv import table_csv
from core.export.zip import result_zip
from core.store.results import StoredResult, load_result, result_path
from core.store.store import Store

FILENAME = "assay-{slug}-{key}"


def result_file(store: Store, key: str, name: str) -> Response:
    """One file of a result, as an attachment.

    Args:
        store: where the result is; the caller has checked the right to it.
        key: of the result.
        name: `result.zip`, `result.html`, `result.json`, `arrays.npz`, and `tables/NAME.csv`, `.parquet` or `.json`.

    Raises:
        NotFound: the result or the file is not there.
    """
    stored = load_result(store, key)
    stem = FILENAME.format(slug=stored.slug, key=key[:8])
    if name == "result.zip":
        return StreamingResponse(_zipped(store, key), headers=_attachment(f"{stem}.zip"), media_type="application/zip")
    if name == "result.html":
        analysis = next((one for one in CATALOG if one.slug == stored.slug), None)
        if analysis is None:
            raise NotFound()
        from core.export.html import result_html  # its template engine is not needed to start

        page = result_html(result_path(store, key), analysis)
        return Response(page, headers=_attachment(f"{stem}.html"), media_type="text/html; charset=utf-8")
    if name == "result.json":
        return FileResponse(result_path(store, key) / name, headers=_attachment(f"{stem}.json"))
    if name == "arrays.npz" and stored.result.arrays:
        return FileResponse(result_path(store, key) / name, headers=_attachment(f"{stem}.npz"))
    folder, _, file = name.partition("/")
    table, _, ending = file.rpartition(".")
    if folder != "tables" or table not in stored.result.tables:
        raise NotFound()
    headers = _attachment(f"{stem}-{table}.{ending}")
    if ending == "parquet":
        return FileResponse(result_path(store, key) / "tables" / f"{table}.parquet", headers=headers)
    if ending == "csv":
        return Response(table_csv(stored.result.tables[table]), headers=headers, media_type="text/csv; charset=utf-8")
    if ending == "json":
        return Response(table_json(stored, table), headers=headers, media_type="application/json")
    raise NotFound()


def table_json(stored: StoredResult, table: str) -> str:
    """A table with what it was made of and with: question, parameters, inputs, versions, and its rows."""
    made = {
        "analysis": stored.slug,
        "version": stored.version,
        "key": stored.key,
        "params": stored.params,
        "inputs": stored.inputs,
        "provenance": stored.provenance,
        "rows": json.loads(stored.result.tables[table].to_json(orient="records", double_precision=15)),
    }
    return json.dumps(made, indent=1) + "\n"


def _attachment(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "private, no-store"}


def _zipped(store: Store, key: str) -> Iterator[bytes]:
    """The zip, made in a file without a name: a large result never lies in memory."""
    with tempfile.TemporaryFile(dir=Path(store.home) / "tmp") as target:
        result_zip(result_path(store, key), target)
        target.seek(0)
        while block := target.read(1 << 20):
            yield block
