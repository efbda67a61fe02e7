"""An object store, reached by fsspec: files under names, and one sentence where it does not do what is asked of it."""

from __future__ import annotations

import copy
import errno
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from core.errors import BadInput, Unavailable

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

S3: dict[str, Any] = {  # endpoint, region and keys come from the variables that botocore reads
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "max_attempts": 3}},
}
ALWAYS: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}  # others write there too
OPTIONS: dict[str, dict[str, Any]] = {"s3": S3 | ALWAYS, "s3a": S3 | ALWAYS, "file": {"auto_mkdir": True}}
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0  # seconds between two attempts

OWN_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)  # of this machine, not of the store

_NO_KEYS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "PermissionError")
_FULL = ("QuotaExceeded", "XMinioStorageFull", "ServiceQuotaExceededException", "EntityTooLarge")
_LATER = "Nothing is lost: what is stored stays, and finished steps are kept. Try again in a minute."


class Damaged(Unavailable):
    """An object is not what was written."""


@dataclass(frozen=True)
class Found:
    """An object of a listing: its name, its size in bytes, and when it was written (seconds since the epoch)."""

    name: str
    bytes: int
    written: float


class Objects:
    """Objects below one address.

    Every method raises `Unavailable`, with a sentence for people, where the store does not answer, refuses the keys, has
    no such bucket or no room.

    Attributes:
        address: "s3://BUCKET/PREFIX", or another address of fsspec.
        patience: seconds during which what may pass (no answer, no room) is tried again.
    """

    def __init__(self, address: str, patience: float = 0.0) -> None:
        """Opens an address; nothing is asked of the store yet.

        Raises:
            BadInput: no such kind of store, or its package is not installed.
        """
        self.address = address.rstrip("/")
        self.patience = patience
        self._protocol, separator, self._root = self.address.partition("://")
        if not separator or not self._root:
            raise BadInput(f"ASSAY_STORE={address}: an address such as s3://BUCKET/PREFIX is expected.")
        import fsspec

        try:
            fsspec.get_filesystem_class(self._protocol)
        except ImportError as error:
            needed = "pip install -r requirements-s3.txt" if self._protocol.startswith("s3") else str(error)
            raise BadInput(f"ASSAY_STORE={address} needs a package that is not installed: {needed}.") from None
        except ValueError:
            raise BadInput(f"ASSAY_STORE={address}: {self._protocol}:// is no kind of store that is known.") from None

    @cached_property
    def impatient(self) -> Objects:
        """The same objects, asked once: for within a transaction, which others wait for."""
        once = copy.copy(self)
        once.patience = 0.0
        return once

    def read(self, name: str) -> bytes:
        """The content of an object.

        Raises:
            FileNotFoundError: there is none of that name.
        """
        return bytes(self._try(lambda: self._files.cat_file(self._path(name))))

    def write(self, name: str, content: bytes) -> None:
        """Writes an object: who reads it sees all of the content, or what was there before."""
        self._try(lambda: self._files.pipe_file(self._path(name), content))

    def send(self, files: Sequence[tuple[Path, str]]) -> None:
        """Writes files as objects, several at a time."""
        if files:
            paths, names = zip(*((str(path), self._path(name)) for path, name in files), strict=True)
            self._try(lambda: self._files.put(list(paths), list(names)))

    def bring(self, objects: Sequence[tuple[str, Path]]) -> None:
        """Writes objects to files, several at a time.

        Raises:
            FileNotFoundError: one of them is not there.
        """
        if objects:
            names, paths = zip(*((self._path(name), str(path)) for name, path in objects), strict=True)
            self._try(lambda: self._files.get(list(names), list(paths)))

    def delete(self, names: Sequence[str]) -> None:
        """Deletes objects; those that are not there are left out."""
        for name in names:  # one by one: not every store takes a list
            try:
                self._try(lambda name=name: self._files.rm_file(self._path(name)))  # type: ignore[misc]
            except FileNotFoundError:
                continue

    def listing(self, prefix: str) -> Iterator[Found]:
        """The objects whose names begin with a prefix that ends a folder."""
        place = self._path(prefix)
        for path, info in self._try(lambda: self._files.find(place, detail=True)).items():
            written = info.get("LastModified") or info.get("mtime") or info.get("created") or 0.0
            seconds = written if isinstance(written, int | float) else written.timestamp()
            yield Found(f"{prefix}{path[path.index(place) + len(place) :]}", int(info["size"]), float(seconds))

    @cached_property
    def _files(self) -> Any:
        import fsspec

        files = fsspec.filesystem(self._protocol, **OPTIONS.get(self._protocol, {}))
        files.retries = 1  # botocore tries again by itself, and so does `_try`
        return files

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _try(self, ask: Callable[[], Answer]) -> Answer:
        """Asks until there is an answer or patience ends."""
        deadline, pause = monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                return ask()
            except Exception as error:
                code = _code(error)
                missing = isinstance(error, FileNotFoundError) and code != "NoSuchBucket"
                if missing or (isinstance(error, OSError) and not code and error.errno in OWN_DISK):
                    raise
                sentence, passes = _sentence(error, code)
                if not passes or monotonic() + pause > deadline:
                    raise Unavailable(sentence) from error
                _log.warning("%s (%s: %s)", sentence, type(error).__name__, error)
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _code(error: Exception) -> str:
    """What the store itself calls the error; empty where it did not answer."""
    response = getattr(error.__cause__, "response", None) or getattr(error, "response", None)
    if not isinstance(response, dict):
        return ""
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return "XMinioStorageFull" if status == 507 else str(response.get("Error", {}).get("Code", ""))


def _sentence(error: Exception, code: str) -> tuple[str, bool]:
    """What people read, and whether it may pass by itself."""
    if code in _FULL:
        return f"The object store that keeps uploads and results is full. {_LATER}", True
    if code == "NoSuchBucket":
        return "The object store has no such bucket as ASSAY_STORE names; its administrator has to make it.", False
    if type(error).__name__ in _NO_KEYS:
        return (
            "The object store refuses the keys of this installation; its administrator has to look at "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at what they may do.",
            False,
        )
    if code:
        return (
            f"The object store that keeps uploads and results failed ({code}); it may be full. {_LATER}",
            True,
        )
    return f"The object store that keeps uploads and results can't be reached at the moment. {_LATER}", True
