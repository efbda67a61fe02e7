"""Results as folders: result.json, tables/NAME.parquet, arrays.npz, figures.json."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sql

from core.analysis import Analysis, Inputs, Params, Result, Scalar, result_key
from core.errors import NotFound, Unavailable
from core.keys import digest_of_file
from core.seal import sealed
from core.store.database import results
from core.store.folders import size_of
from core.store.sources import neutral
from core.store.store import Store

_TOUCH_SECONDS = 60.0  # reading again within this time writes nothing


@dataclass(frozen=True)
class StoredResult:
    """A result with the question that it answers and how it was made.

    Attributes:
        key: `core.analysis.result_key` of the question.
        slug: of the analysis.
        version: of the analysis.
        params: all parameters, defaults filled in, as plain JSON values.
        inputs: slot -> {"kind", "name", "digest"}.
        result: the answer.
        provenance: device, library versions, Python, platform, start, seconds, version of Assay.
        created: when it was computed, seconds since the epoch.
    """

    key: str
    slug: str
    version: int
    params: dict[str, Any]
    inputs: dict[str, dict[str, str]]
    result: Result
    provenance: dict[str, Any]
    created: float


def write_result_folder(
    folder: Path,
    analysis: Analysis,
    params: Params,
    inputs: Inputs,
    result: Result,
    provenance: Mapping[str, Any],
    figures: Mapping[str, Any] | None = None,
) -> None:
    """Writes a result as files into a folder, which is made where it is missing.

    Args:
        folder: the place.
        analysis: what was asked.
        params: with which parameters.
        inputs: of what.
        result: the answer.
        provenance: as `core.provenance` gives it.
        figures: name -> {"title", "reading", "caption", "alt", "reference", "group", "plot"}, plain JSON values.
    """
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    files: list[str] = []
    for name, table in result.tables.items():
        table.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
        files.append(f"tables/{name}.parquet")
    if result.arrays:
        np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **result.arrays)
        files.append("arrays.npz")
    if figures:
        (folder / "figures.json").write_text(_json(figures), "utf-8")
        files.append("figures.json")
    description = {
        "analysis": analysis.slug,
        "version": analysis.version,
        "key": result_key(analysis, params, inputs),
        "params": params.model_dump(mode="json"),
        "inputs": {
            slot: {"kind": source.kind, "name": source.name, "digest": source.digest} for slot, source in inputs.items()
        },
        "answer": result.answer,
        "summary": result.values(),
        "quantities": {
            name: {
                "title": scalar.title,
                "unit": scalar.unit,
                "description": scalar.description,
                "interval": scalar.low is not None or scalar.high is not None,
            }
            for name, scalar in result.summary.items()
        },
        "notes": list(result.notes),
        "provenance": dict(provenance),
        "files": {name: digest_of_file(folder / name) for name in files},
    }
    # Last: a folder with a result.json is a whole one.
    (folder / "result.json").write_text(_json(sealed(_plain(description))), "utf-8")


def read_result_folder(folder: Path) -> StoredResult:
    """Reads what `write_result_folder` wrote.

    Raises:
        FileNotFoundError: there is no result.json.
        ValueError: a file is damaged.
    """
    import pandas as pd

    read = json.loads((folder / "result.json").read_text("utf-8"))
    arrays: dict[str, np.ndarray] = {}
    try:
        if (folder / "arrays.npz").exists():
            with np.load(folder / "arrays.npz", allow_pickle=False) as opened:
                arrays = {name: opened[name] for name in opened.files}
        return StoredResult(
            key=read["key"],
            slug=read["analysis"],
            version=read["version"],
            params=read["params"],
            inputs=read["inputs"],
            result=Result(
                answer=read["answer"],
                summary={name: _scalar(name, about, read["summary"]) for name, about in read["quantities"].items()},
                tables={path.stem: pd.read_parquet(path) for path in sorted((folder / "tables").glob("*.parquet"))},
                arrays=arrays,
                notes=tuple(read["notes"]),
            ),
            provenance=read["provenance"],
            created=read["provenance"].get("started", 0.0) + read["provenance"].get("seconds", 0.0),
        )
    except (KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{folder.name} is no whole result: {error}") from error


def save_result(
    store: Store,
    analysis: Analysis,
    params: Params,
    inputs: Inputs,
    result: Result,
    provenance: Mapping[str, Any],
    figures: Mapping[str, Any] | None = None,
) -> str:
    """Keeps a result under its key and returns the key. One that is there already is kept as it is.

    Others who ask the same question are given the same files, so an upload is named by its content here.
    """
    key = result_key(analysis, params, inputs)
    anonymous = {slot: neutral(source) for slot, source in inputs.items()}

    def fill(folder: Path) -> None:
        write_result_folder(folder, analysis, params, anonymous, result, provenance, figures)

    store.shelves.results.keep(key, fill)
    record_result(store, key, size_of(result_path(store, key)))
    return key


def record_result(store: Store, key: str, size: int) -> None:
    """Enters a result of so many bytes into the table, so that eviction knows of it."""
    row = {"bytes": size, "created": store.clock(), "last_read": store.clock()}
    with store.writing() as connection:
        if connection.execute(
            sql.update(results).where(results.c.key == key).values(last_read=row["last_read"])
        ).rowcount:
            return
        connection.execute(sql.insert(results).values(key=key, **row))


def load_result(store: Store, key: str) -> StoredResult:
    """The result of a key. A key is no permission: look up the run or the share first.

    Raises:
        NotFound: there is none (any more).
    """
    try:
        stored = read_result_folder(store.shelves.results.bring(key))
    except FileNotFoundError:
        raise NotFound() from None
    touch_result(store, key)
    return stored


def load_figures(store: Store, key: str) -> dict[str, dict[str, Any]]:
    """The figures of a result in the order in which they are read; empty where none were drawn.

    Raises:
        NotFound: there is no such result (any more).
    """
    try:
        path = store.shelves.results.bring(key) / "figures.json"
    except FileNotFoundError:
        raise NotFound() from None
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def has_result(store: Store, key: str) -> bool:
    """Whether the question is answered."""
    return store.shelves.results.has(key)


def result_path(store: Store, key: str) -> Path:
    """The folder of a result on this machine, whether it is there or not; `load_result` brings it."""
    return store.shelves.results.place(key)


def touch_result(store: Store, key: str) -> None:
    """Notes that a result was read just now: the least recently read are evicted first.

    What can't be written to can still be read: then it is not noted.
    """
    now = store.clock()
    stale = sql.and_(results.c.key == key, results.c.last_read < now - _TOUCH_SECONDS)
    with store.reading() as connection:
        if connection.execute(sql.select(results.c.key).where(stale)).first() is None:
            return
    with suppress(Unavailable), store.writing() as connection:
        connection.execute(sql.update(results).where(stale).values(last_read=now))


def _scalar(name: str, about: Mapping[str, Any], summary: Mapping[str, Any]) -> Scalar:
    return Scalar(
        summary[name],
        about["title"],
        about["unit"],
        summary.get(f"{name}_low") if about["interval"] else None,
        summary.get(f"{name}_high") if about["interval"] else None,
        about["description"],
    )


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=1)


def _plain(value: Any) -> Any:
    """JSON knows no NaN and no numpy numbers: the first become null, the second Python's."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    return value
