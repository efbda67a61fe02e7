"""Finished results of the examples, which come with the workbench: its store has them from the start and keeps them."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from core.analysis import Scalar
from core.errors import Unavailable
from core.store.folders import size_of
from core.store.results import has_result, record_result
from core.store.store import Store

GALLERY = Path(__file__).resolve().parents[2] / "assets" / "gallery"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shipped:
    """A result that comes with the workbench, as a card shows it; tables, arrays and figures stay on the disk.

    Attributes:
        folder: with the files of the result, as `write_result_folder` left them.
        key: of the result.
        slug: of the question.
        answer: in one sentence.
        summary: the numbers of the answer.
        seconds: that it took to compute.
    """

    folder: Path
    key: str
    slug: str
    answer: str
    summary: dict[str, Scalar]
    seconds: float

    @property
    def name(self) -> str:
        """Of the folder, and of the pictures beside it."""
        return self.folder.name


def shipped_results() -> tuple[Shipped, ...]:
    """The results that come with this version, by name; none where the folder is missing."""
    return _read(GALLERY)


def shipped_keys() -> frozenset[str]:
    """Their keys: what eviction and deletion leave alone."""
    return frozenset(one.key for one in shipped_results())


def put_gallery(store: Store) -> int:
    """Puts the results that come with this version into a store that lacks them; returns how many.

    A store that can't be written to now does without: examples are then computed when they are asked.
    """
    put = 0
    try:
        for one in shipped_results():
            if not has_result(store, one.key):
                store.shelves.results.keep(one.key, _copy_of(one.folder))
                record_result(store, one.key, size_of(one.folder))
                put += 1
    except (OSError, SQLAlchemyError, Unavailable) as error:
        _log.warning("The finished examples could not be put into the store: %s", error)
    return put


def _copy_of(folder: Path) -> Callable[[Path], None]:
    def fill(draft: Path) -> None:
        shutil.copytree(folder, draft, dirs_exist_ok=True)

    return fill


@cache
def _read(gallery: Path) -> tuple[Shipped, ...]:
    return tuple(_shipped(path.parent) for path in sorted(gallery.glob("*/result.json")))


def _shipped(folder: Path) -> Shipped:
    read = json.loads((folder / "result.json").read_text("utf-8"))
    summary = read["summary"]
    scalars = {
        name: Scalar(
            summary[name],
            about["title"],
            about["unit"],
            summary.get(f"{name}_low"),
            summary.get(f"{name}_high"),
            about["description"],
        )
        for name, about in read["quantities"].items()
    }
    return Shipped(
        folder, read["key"], read["analysis"], read["answer"], scalars, float(read["provenance"].get("seconds", 0.0))
    )
