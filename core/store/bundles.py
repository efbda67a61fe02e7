"""Folders in an object store, each under its key and seen whole or not at all.

An object store renames nothing, so a folder is written as objects under a name of this attempt alone, and last of all its
`whole.json`, which names each file with its attempt, size and digest. A reader looks at that alone: what an attempt
left behind that was killed, or that another one overtook, is invisible, and `sweep` clears it away. No object but
`whole.json` is ever written twice, so who deletes a folder can't meet the files of somebody who writes it anew.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.keys import digest_of_file
from core.store.objects import Damaged, Found, Objects

MARKER = "whole.json"


@dataclass(frozen=True)
class Part:
    """A file of a folder: its bytes, its digest, and the attempt below whose name it lies."""

    bytes: int
    digest: str
    attempt: str


@dataclass(frozen=True)
class Entry:
    """A folder that is kept: its key, the bytes of its files, and when it was written or used last."""

    key: str
    bytes: int
    when: float


class Bundles:
    """The folders of one kind.

    Attributes:
        objects: where they lie.
        kind: "uploads", "results" or "steps"; the first part of their names.
    """

    def __init__(self, objects: Objects, kind: str) -> None:
        self.objects = objects
        self.kind = kind

    def look(self, key: str) -> dict[str, Part]:
        """Name within the folder -> each file under a key.

        Raises:
            FileNotFoundError: nothing whole is there.
            Unavailable: the store does not answer.
        """
        text = self.objects.read(self._name(key, MARKER))
        try:
            return {name: Part(**fields) for name, fields in json.loads(text)["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FileNotFoundError(key) from None

    def has(self, key: str) -> bool:
        """Whether a whole folder is there."""
        try:
            self.look(key)
        except FileNotFoundError:
            return False
        return True

    def put(self, key: str, files: Mapping[str, Path]) -> bool:
        """Keeps files under a key; False where something whole was there already, which is kept as it is.

        Args:
            key: of the folder.
            files: name within the folder -> where the file is now.
        """
        if self.has(key):
            return False
        self._write(key, {}, files)
        return True

    def add(self, key: str, files: Mapping[str, Path]) -> None:
        """Keeps those files under a key that are not there yet, beside those that are."""
        try:
            there = self.look(key)
        except FileNotFoundError:
            there = {}
        missing = {name: path for name, path in files.items() if name not in there}
        if missing:
            self._write(key, there, missing)

    def _write(self, key: str, there: Mapping[str, Part], files: Mapping[str, Path]) -> None:
        attempt = secrets.token_hex(8)
        parts = {name: Part(path.stat().st_size, digest_of_file(path), attempt) for name, path in files.items()}
        self.objects.send([(path, self._name(key, attempt, name)) for name, path in files.items()])
        written = {"files": {name: asdict(part) for name, part in {**there, **parts}.items()}}
        self.objects.write(self._name(key, MARKER), json.dumps(written, indent=1, sort_keys=True).encode())

    def bring(self, key: str, folder: Path) -> int:
        """Fills a folder with the files under a key, each checked against its digest; returns their bytes.

        Raises:
            FileNotFoundError: nothing whole is there.
            Damaged: a file is not what was written.
            Unavailable: the store does not answer.
        """
        parts = self.look(key)
        for name in parts:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        self.objects.bring([(self._name(key, part.attempt, name), folder / name) for name, part in parts.items()])
        for name, part in parts.items():
            if digest_of_file(folder / name) != part.digest:
                raise Damaged(
                    f"The object store returned {name} of {self.kind}/{key[:10]} damaged; its administrator has to "
                    "bring it back from a copy. Or delete it here, and upload or run it again."
                )
        return sum(part.bytes for part in parts.values())

    def hide(self, key: str) -> list[str]:
        """Makes a folder invisible, or raises, at once; returns the names of the objects that are left to be deleted."""
        now = Bundles(self.objects.impatient, self.kind)
        try:
            parts = now.look(key)
        except FileNotFoundError:
            return []
        now.objects.delete([self._name(key, MARKER)])
        return [self._name(key, part.attempt, name) for name, part in parts.items()]

    def entries(self) -> Iterator[Entry]:
        """All folders that are whole."""
        for key, found in self._by_key().items():
            marker = next((one for one in found if one.name == self._name(key, MARKER)), None)
            if marker is not None:
                yield Entry(key, sum(one.bytes for one in found if one is not marker), marker.written)

    def sweep(self, seconds: float) -> int:
        """Deletes what belongs to no whole folder and is older than so many seconds; how many attempts that was."""
        removed = 0
        for key, found in self._by_key().items():
            attempts: dict[str, list[Found]] = defaultdict(list)
            for one in found:
                attempt = one.name.removeprefix(self._name(key, "")).partition("/")[0]
                if attempt != MARKER:
                    attempts[attempt].append(one)
            if any(one.name == self._name(key, MARKER) for one in found):
                if len(attempts) == 1:
                    continue
                with suppress(FileNotFoundError):  # deleted in the meantime
                    for part in self.look(key).values():
                        attempts.pop(part.attempt, None)
            for left in attempts.values():
                if max(one.written for one in left) < time.time() - seconds:
                    self.objects.delete([one.name for one in left])
                    removed += 1
        return removed

    def _by_key(self) -> dict[str, list[Found]]:
        grouped: dict[str, list[Found]] = defaultdict(list)
        for one in self.objects.listing(f"{self.kind}/"):
            parts = one.name.split("/")
            if len(parts) > 3:
                grouped[parts[2]].append(one)
        return grouped

    def _name(self, key: str, *parts: str) -> str:
        return "/".join((self.kind, key[:2], key, *parts))
