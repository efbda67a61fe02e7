"""Folders that are seen whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from core.store.faults import writing_files


def place_of(root: Path, key: str) -> Path:
    """Where the folder of a key lies: two characters first, so that no folder grows too long."""
    return root / key[:2] / key


def draft_in(tmp: Path) -> Path:
    """A new name for what is being written or deleted; it says which process of which machine does that."""
    return tmp / f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(16)}"


def left_by_the_dead(tmp: Path) -> Iterator[Path]:
    """The drafts of processes of this machine that were killed in the middle."""
    ours = re.compile(rf"{re.escape(socket.gethostname())}-(\d+)-[0-9a-f]{{32}}")
    for left in tmp.iterdir() if tmp.is_dir() else ():
        if (match := ours.fullmatch(left.name)) and not _lives(int(match[1])):
            yield left


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, but it lives
    return True


def write_whole(target: Path, fill: Callable[[Path], None], tmp: Path) -> bool:
    """Fills a temporary folder, syncs it and renames it to its place.

    Args:
        target: the place.
        fill: writes the files into the folder that it is given.
        tmp: where the temporary folder is made; on the same file system.

    Returns:
        False where the target was there already; that one is kept.

    Raises:
        Unavailable: the disk is full, read-only or broken; nothing of it is kept.
    """
    draft = draft_in(tmp)
    try:
        with writing_files():
            draft.mkdir(parents=True)
            fill(draft)
            sync(draft)
            target.parent.mkdir(parents=True, exist_ok=True)
            return move_into_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def move_into_place(draft: Path, target: Path) -> bool:
    """Renames a folder; False where the target was there already."""
    try:
        draft.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        return False
    _sync_one(target.parent)
    return True


def sync(folder: Path) -> None:
    """Brings every file and folder below to the disk."""
    for root, _, files in os.walk(folder):
        for name in files:
            _sync_one(Path(root, name))
        _sync_one(Path(root))


def take_away(folder: Path, tmp: Path) -> Path:
    """Moves a folder out of sight at once, since deleting it takes its time; returns where it is now."""
    grave = draft_in(tmp)
    with suppress(FileNotFoundError):
        folder.rename(grave)
    return grave


def discard(folder: Path, tmp: Path) -> None:
    """Deletes a folder; a reader sees all of it or nothing meanwhile."""
    shutil.rmtree(take_away(folder, tmp), ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(Path(root, name).stat().st_size for root, _, files in os.walk(folder) for name in files)


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
