"""Result folders as files: which names belong to one, and writing one where a person wants it."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.analysis import Analysis, Inputs, Params, Result
from core.errors import BadInput

RESULT = "result.json"
_FILE = re.compile(r"result\.json|figures\.json|arrays\.npz|tables/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.parquet")


def is_result_file(name: str) -> bool:
    """Whether a relative path (with forward slashes) is one that a result folder may hold."""
    return _FILE.fullmatch(name) is not None


def files_below(folder: Path) -> list[str]:
    """Relative paths, with forward slashes, of everything below a folder that is not itself a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def result_files(folder: Path) -> list[str]:
    """Relative paths of the files of a result folder; `result.json` first.

    Raises:
        BadInput: the folder holds no result.
    """
    names = [name for name in files_below(folder) if is_result_file(name)]
    if RESULT not in names:
        raise BadInput(f"{folder} holds no result: there is no {RESULT} in it.")
    return [RESULT, *(name for name in names if name != RESULT)]


def refuse_occupied(folder: Path, force: bool) -> None:
    """Makes sure that a result may be written to a folder, before the work starts.

    Raises:
        BadInput: the folder is a file; or holds a result and `force` is not set; or holds anything else, which
            is never deleted.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadInput(f"--out {folder} is a file; name a folder that is new or empty.")
    present = files_below(folder)
    foreign = [name for name in present if not is_result_file(name)]
    if foreign:
        raise BadInput(f"--out {folder} holds other files ({foreign[0]}); name a folder that is new or empty.")
    if present and not force:
        raise BadInput(f"--out {folder} holds a result already; name another folder, or replace it with --force.")


def replace_folder(
    folder: Path,
    analysis: Analysis,
    params: Params,
    inputs: Inputs,
    result: Result,
    provenance: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> None:
    """Writes a result folder beside its place and moves it there whole; a result that was there goes last."""
    from core.store.folders import sync
    from core.store.results import write_result_folder

    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(4)
    fresh, old = (folder.with_name(f".{folder.name}.{state}-{mark}") for state in ("new", "old"))
    try:
        write_result_folder(fresh, analysis, params, inputs, result, provenance, figures)
        sync(fresh)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
