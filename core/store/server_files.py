"""Files in folders that the administrator offers (ASSAY_DATA_FOLDERS): listed, and copied into the store as uploads.

Nothing outside these folders can be reached: a place is the number of a folder and the names below it, each name is
opened relative to the folder before it, and symbolic links are never followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import BadInput, NotFound
from core.settings import Settings
from core.store.store import Store
from core.store.uploads import Upload, begin_upload, finish_upload

MOST_LISTED = 2_000
DEEPEST = 8  # folders below an offered one
SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".parquet", ".pq", ".zip"),
    *(".npz", ".npy", ".idx", ".safetensors", ".pt", ".pth", ".pt2", ".json", ".ubj"),
)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class ServerFile:
    """A file that may be brought in.

    Attributes:
        folder: number of the offered folder, counted from 0.
        place: names below it, separated by "/".
        name: as people see it: the folder's own name and the place.
        bytes: its size.
    """

    folder: int
    place: str
    name: str
    bytes: int


def list_server_files(settings: Settings) -> list[ServerFile]:
    """The files below the offered folders, in alphabetical order, at most `MOST_LISTED`; links and hidden files are left out."""
    found: list[ServerFile] = []
    for number, folder in enumerate(settings.folders_offered):
        root = folder.resolve()
        for path, size in _files(root, DEEPEST):
            if len(found) == MOST_LISTED:
                return found
            place = path.relative_to(root).as_posix()
            found.append(ServerFile(number, place, f"{folder.name}/{place}", size))
    return found


def bring_server_file(store: Store, workspace: str, folder: int, place: str) -> Upload:
    """Copies a file of an offered folder into the store, within the limits of any upload.

    Args:
        store: where it goes.
        workspace: whose upload it will be.
        folder: number of the offered folder.
        place: names below it, separated by "/".

    Raises:
        NotFound: no such folder or file, a link, or a place that leads out of the folder: all look the same.
        TooLarge: past the limits of an upload.
        BadInput: the readers' refusal, or a file that changed while it was copied.
    """
    descriptor = _open(store.settings, folder, place)
    with os.fdopen(descriptor, "rb") as stream:
        size = os.fstat(descriptor).st_size
        incoming = begin_upload(store, workspace, PurePosixPath(place).name, size)
        try:
            while block := stream.read(_BLOCK):
                incoming.write(block)
            if incoming.received != size:
                raise BadInput(f"{incoming.name} changed while it was copied; bring it again when nobody writes to it.")
            return finish_upload(store, incoming)
        except BaseException:
            incoming.abandon()
            raise


def _files(folder: Path, deeper: int) -> Iterator[tuple[Path, int]]:
    """Regular files of accepted endings and their sizes; a folder that can't be read counts as empty."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            if deeper:
                yield from _files(Path(entry.path), deeper - 1)
        elif entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(SUFFIXES):
            yield Path(entry.path), entry.stat(follow_symlinks=False).st_size


def _open(settings: Settings, folder: int, place: str) -> int:
    """A descriptor of a regular file, reached name by name so that nobody can swap a folder for a link in between."""
    folders, names = settings.folders_offered, place.split("/")
    unfit = any(name in ("", ".", "..") or "\0" in name or name.startswith(".") for name in names)
    if not 0 <= folder < len(folders) or unfit or not place.lower().endswith(SUFFIXES):
        raise NotFound()
    opened: list[int] = []
    try:
        opened.append(os.open(folders[folder].resolve(), os.O_RDONLY | os.O_DIRECTORY))
        for name in names[:-1]:
            opened.append(os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=opened[-1]))
        # Without O_NONBLOCK opening a named pipe would wait for somebody who writes to it.
        file = os.open(names[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=opened[-1])
    except OSError:
        raise NotFound() from None
    finally:
        for descriptor in opened:
            os.close(descriptor)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NotFound()
    return file
