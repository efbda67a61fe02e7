"""A disk of a few megabytes that can be filled up, so that "no space left on device" is the kernel's own word."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
SHARED_MEMORY = Path("/dev/shm")
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")


@dataclass(frozen=True)
class SmallDisk:
    """A file system with little room.

    Attributes:
        path: where it is.
        filler: the file that takes the rest of the room.
    """

    path: Path
    filler: Path

    def fill(self) -> None:
        """Leaves no room: what is written from now on fails."""
        with self.filler.open("ab", buffering=0) as stream:
            for size in (MIB, 4096):
                try:
                    while stream.write(bytes(size)) == size:
                        continue
                except OSError:
                    continue

    def empty(self) -> None:
        """Makes room again."""
        self.filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, size: int = 16 * MIB) -> Iterator[SmallDisk]:
    """A file system in memory, mounted for the time of the block.

    Where mounting is not allowed, as in most containers, their small shared memory is used instead.

    Args:
        folder: an empty one, over which it is mounted.
        size: in bytes.

    Raises:
        RuntimeError: there is neither.
    """
    options = f"size={size},mode=0777"
    command = [*AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if shutil.which(command[0]) and subprocess.run(command, capture_output=True).returncode == 0:
        try:
            yield SmallDisk(folder, folder / "filler")
        finally:
            subprocess.run([*AS_ROOT, "umount", "--lazy", str(folder)], check=True)
        return
    if shutil.disk_usage(SHARED_MEMORY).total > 256 * MIB:
        raise RuntimeError("A small disk needs the right to mount one: run the tests as root, or with sudo.")
    inner = SHARED_MEMORY / f"assay-{secrets.token_hex(8)}"
    inner.mkdir()
    try:
        yield SmallDisk(inner, inner / "filler")
    finally:
        shutil.rmtree(inner)
