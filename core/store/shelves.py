"""Where folders named by a key are kept: in the home folder, or in an object store with the home folder as its cache.

Everybody else sees a `Shelf` and local folders; `open_shelves` is the one place that knows which of the two it is.
"""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from core.settings import Settings
from core.store.bundles import Bundles, Entry
from core.store.cache import Cache, folders_below, held
from core.store.folders import move_into_place, place_of, size_of, take_away, write_whole
from core.store.objects import Objects

STEP_MARKER = "value.json"
LEFT_OVER_SECONDS = 86_400.0  # nothing is written for so long


class Shelf(ABC):
    """Folders of one kind, each under its key, whole or not at all.

    Attributes:
        root: where the folders lie on this machine.
        tmp: where they are written before they are renamed to their place; on the same file system.
        settles: seconds after which a folder that no row of the data base names was certainly left behind.
    """

    settles = 0.0

    def __init__(self, root: Path, tmp: Path) -> None:
        self.root = root
        self.tmp = tmp

    def place(self, key: str) -> Path:
        """Where the folder of a key lies on this machine, whether it is there or not."""
        return place_of(self.root, key)

    @abstractmethod
    def has(self, key: str) -> bool:
        """Whether the folder is kept."""

    @abstractmethod
    def bring(self, key: str) -> Path:
        """The folder of a key, on this machine.

        Raises:
            FileNotFoundError: it is not kept.
            Unavailable: it can't be had at the moment.
        """

    @abstractmethod
    def hold(self, key: str) -> AbstractContextManager[Path]:
        """The same, and within this block nothing takes it away to make room."""

    @abstractmethod
    def keep(self, key: str, fill: Callable[[Path], None]) -> bool:
        """Keeps what `fill` writes into the folder that it is given; False where the key was kept already."""

    @abstractmethod
    def prepare(self, key: str, folder: Path) -> None:
        """Does the slow part of `settle`, before the transaction that this belongs to."""

    @abstractmethod
    def settle(self, key: str, folder: Path) -> None:
        """Moves a filled folder to its place; where the key is kept already, what that lacks is added to it."""

    @abstractmethod
    def hide(self, key: str) -> Callable[[], None]:
        """Takes a folder out of sight at once; what is returned deletes it, which takes its time."""

    @abstractmethod
    def entries(self) -> Iterator[Entry]:
        """Everything that is kept."""

    @abstractmethod
    def sweep(self) -> int:
        """Clears away what writers left behind that were killed; how many of them."""

    def discard(self, key: str) -> None:
        """Deletes a folder; a reader sees all of it or nothing meanwhile."""
        self.hide(key)()


class FolderShelf(Shelf):
    """Folders in the home folder.

    Attributes:
        marker: the file that a whole folder has.
    """

    def __init__(self, root: Path, tmp: Path, marker: str = "") -> None:
        super().__init__(root, tmp)
        self.marker = marker

    @override
    def has(self, key: str) -> bool:
        return (self.place(key) / self.marker).exists()

    @override
    def bring(self, key: str) -> Path:
        if not self.has(key):
            raise FileNotFoundError(key)
        return self.place(key)

    @override
    def hold(self, key: str) -> AbstractContextManager[Path]:
        return nullcontext(self.bring(key))

    @override
    def keep(self, key: str, fill: Callable[[Path], None]) -> bool:
        return write_whole(self.place(key), fill, self.tmp)

    @override
    def prepare(self, key: str, folder: Path) -> None:
        return None

    @override
    def settle(self, key: str, folder: Path) -> None:
        add(folder, self.place(key))

    @override
    def hide(self, key: str) -> Callable[[], None]:
        grave = take_away(self.place(key), self.tmp)
        return lambda: shutil.rmtree(grave, ignore_errors=True)

    @override
    def entries(self) -> Iterator[Entry]:
        return folders_below(self.root)

    @override
    def sweep(self) -> int:
        return 0  # what is left behind lies in `tmp`


class StoreShelf(Shelf):
    """Folders in an object store; the home folder holds a cache of them.

    Attributes:
        bundles: the folders in the object store.
        cache: what bounds the local copies.
    """

    settles = LEFT_OVER_SECONDS

    def __init__(self, root: Path, tmp: Path, bundles: Bundles, cache: Cache) -> None:
        super().__init__(root, tmp)
        self.bundles = bundles
        self.cache = cache

    @override
    def has(self, key: str) -> bool:
        return self.bundles.has(key)

    @override
    def bring(self, key: str) -> Path:
        place = self.place(key)
        if place.is_dir():
            with suppress(OSError):
                os.utime(place)  # the copy that was used longest ago goes first
            return place
        fetched = 0

        def fill(folder: Path) -> None:
            nonlocal fetched
            fetched = self.bundles.bring(key, folder)

        write_whole(place, fill, self.tmp)
        self.cache.grown(fetched)
        return place

    @override
    def hold(self, key: str) -> AbstractContextManager[Path]:
        return held(lambda: self.bring(key))

    @override
    def keep(self, key: str, fill: Callable[[Path], None]) -> bool:
        place = self.place(key)
        if write_whole(place, fill, self.tmp):
            self.cache.grown(size_of(place))
        with held(lambda: place):
            return self.bundles.put(key, files_of(place))

    @override
    def prepare(self, key: str, folder: Path) -> None:
        self.bundles.add(key, files_of(folder))
        self.cache.grown(size_of(folder))

    @override
    def settle(self, key: str, folder: Path) -> None:
        self.bundles.add(key, files_of(folder))  # nothing to do, unless it was deleted since it was prepared
        add(folder, self.place(key))

    @override
    def hide(self, key: str) -> Callable[[], None]:
        left = self.bundles.hide(key)
        grave = take_away(self.place(key), self.tmp)

        def delete() -> None:
            shutil.rmtree(grave, ignore_errors=True)
            self.bundles.objects.delete(left)

        return delete

    @override
    def entries(self) -> Iterator[Entry]:
        return self.bundles.entries()

    @override
    def sweep(self) -> int:
        return self.bundles.sweep(LEFT_OVER_SECONDS)


def add(folder: Path, target: Path) -> None:
    """Moves a folder to its place; where one is there already, it is given the files that it lacks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not move_into_place(folder, target):
        for one in folder.iterdir():
            if not (target / one.name).exists():
                one.rename(target / one.name)


def files_of(folder: Path) -> dict[str, Path]:
    """Name within a folder -> each file below it."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


@dataclass(frozen=True)
class Shelves:
    """What an installation keeps as files.

    Attributes:
        uploads: by the digest of their content.
        results: by the key of their question.
        steps: by the content key of the step.
        tidy: bounds the local copies; does nothing where there are none.
    """

    uploads: Shelf
    results: Shelf
    steps: Shelf
    tidy: Callable[[], int]


def open_shelves(settings: Settings, patience: float = 0.0) -> Shelves:
    """The shelves of an installation.

    Args:
        settings: say where they are.
        patience: seconds during which an object store that does not answer is asked again.

    Raises:
        BadInput: ASSAY_STORE is no address.
    """
    home = settings.home
    roots = {kind: home / kind for kind in ("uploads", "results", "steps")}
    tmp = {"uploads": home / "tmp", "results": home / "tmp", "steps": home / "steps" / "tmp"}
    if not settings.store:
        uploads = FolderShelf(roots["uploads"], tmp["uploads"])
        results = FolderShelf(roots["results"], tmp["results"], "result.json")
        return Shelves(uploads, results, FolderShelf(roots["steps"], tmp["steps"], STEP_MARKER), lambda: 0)
    objects = Objects(settings.store, patience)
    bundles = {kind: Bundles(objects, kind) for kind in roots}
    cache = Cache(roots, home / "tmp", settings.cache_bytes, (bundles["uploads"], bundles["results"]))
    made = {kind: StoreShelf(roots[kind], tmp[kind], bundles[kind], cache) for kind in roots}
    return Shelves(**made, tidy=cache.tidy)
