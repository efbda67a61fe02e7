"""Files that people bring: hashed while they stream in, inspected elsewhere, stored once under their digest."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, get_args

import sqlalchemy as sql

from core.analysis import Kind, Source
from core.errors import BadInput, NotFound, TooLarge
from core.keys import DIGEST_BYTES, digest_of_file
from core.sizes import in_bytes
from core.store.allowances import Allowance, allowance_of, bytes_of, check_open
from core.store.database import runs, uploads, workspaces
from core.store.folders import draft_in, sync
from core.store.forget import Graves, forget_runs
from core.store.inspection import ask
from core.store.names import file_suffix, shown
from core.store.rights import look_up
from core.store.sources import held_file
from core.store.store import Store


@dataclass(frozen=True)
class Upload:
    """A file of a workspace.

    Attributes:
        id: of the row; the address of the upload within its workspace.
        workspace: whose it is.
        kind: one of `Kind`, "weights" (a model without its architecture) or "labels" (of a data set).
        name: as the person calls it; shown, never a path.
        digest: of the content.
        bytes: its size.
        created: when it came, seconds since the epoch.
        details: what the inspection found.
        path: of the file on this machine, once `core.store.sources.here` has brought it.
    """

    id: str
    workspace: str
    kind: str
    name: str
    digest: str
    bytes: int
    created: float
    details: dict[str, Any]
    path: Path


@dataclass
class Incoming:
    """A file on its way in: `write` its chunks, then `finish_upload` it or `abandon` it."""

    store: Store
    workspace: str
    name: str
    suffix: str
    limit: int  # bytes that this workspace may still bring in one file
    too_large: TooLarge  # said of a file that has more
    folder: Path
    stream: BinaryIO
    received: int = 0  # bytes
    hasher: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=DIGEST_BYTES))

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            TooLarge: the file or the workspace grows past its limit; nothing of the file is kept.
        """
        self.received += len(chunk)
        if self.received > self.limit:
            self.abandon()
            raise self.too_large
        self.hasher.update(chunk)
        self.stream.write(chunk)

    def abandon(self) -> None:
        """Forgets the file."""
        with suppress(OSError):  # a full disk refuses what the stream still holds
            self.stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def begin_upload(store: Store, workspace: str, filename: str, declared_bytes: int | None = None) -> Incoming:
    """Opens a place for a file.

    Raises:
        BadInput: the workspace is blocked.
        NotFound: no such workspace.
        TooLarge: the declared size is past the limit.
    """
    with store.reading() as connection:
        if connection.execute(sql.select(workspaces.c.id).where(workspaces.c.id == workspace)).first() is None:
            raise NotFound()
        allowance = allowance_of(connection, store.settings, workspace)
        check_open(allowance)
        limit = min(store.settings.upload_bytes, allowance.workspace_bytes - bytes_of(connection, workspace))
    name, suffix = shown(filename), file_suffix(filename)
    too_large = _too_large(store, name, allowance)
    if (declared_bytes or 0) > limit:
        raise too_large
    folder = draft_in(store.tmp)
    folder.mkdir()
    stream = (folder / f"content{suffix}").open("wb")
    return Incoming(store, workspace, name, suffix, limit, too_large, folder, stream)


def finish_upload(store: Store, incoming: Incoming, kind_hint: str | None = None) -> Upload:
    """Inspects a file that has come in and keeps it. The same content in the same workspace is the same upload.

    Raises:
        BadInput: the readers' refusal; nothing is kept.
        TooLarge: the workspace was filled in the meantime.
    """
    try:
        incoming.stream.close()
        digest = incoming.hasher.hexdigest()
        known = _known(store, incoming.workspace, digest)
        if known is not None:
            return known
        path = incoming.folder / f"content{incoming.suffix}"
        arguments = (str(path), incoming.name, kind_hint)
        kind, details = ask(store.settings, incoming.name, "core.store.readers.inspect", *arguments)
        return _keep(store, incoming.workspace, path, digest, kind, incoming.name, details)
    finally:
        incoming.abandon()


def list_uploads(store: Store, workspace: str, kind: str | None = None) -> list[Upload]:
    """A workspace's files, the newest first."""
    mine = sql.select(uploads).where(uploads.c.workspace == workspace).order_by(uploads.c.created.desc(), uploads.c.id)
    with store.reading() as connection:
        rows = connection.execute(mine if kind is None else mine.where(uploads.c.kind == kind)).all()
    return [_upload(store, row) for row in rows]


def get_upload(store: Store, workspace: str, id: str) -> Upload:
    """One file.

    Raises:
        NotFound: this workspace has none of that id.
    """
    with store.reading() as connection:
        return _upload(store, look_up(connection, uploads, store.clock(), id=id, workspace=workspace))


def rename_upload(store: Store, workspace: str, id: str, name: str) -> None:
    """Calls a file otherwise."""
    with store.writing() as connection:
        row = look_up(connection, uploads, store.clock(), id=id, workspace=workspace)
        connection.execute(sql.update(uploads).where(uploads.c.id == id).values(name=shown(name, row.name)))


def delete_upload(store: Store, workspace: str, id: str) -> None:
    """Deletes a file with everything derived from it in this workspace: files, runs, links, and results no one else has."""
    with store.writing() as connection:
        row = look_up(connection, uploads, store.clock(), id=id, workspace=workspace)
        mine = connection.execute(sql.select(uploads).where(uploads.c.workspace == workspace)).all()
        doomed = _with_derived(row, mine)
        digests = {one.digest for one in doomed}
        history = connection.execute(sql.select(runs).where(runs.c.workspace == workspace)).all()
        derived = [run for run in history if any(source["digest"] in digests for source in run.inputs.values())]
        graves = forget_runs(store, connection, derived)
        for one in doomed:
            connection.execute(sql.delete(uploads).where(uploads.c.id == one.id))
            _forget_content(store, connection, one.digest, graves)
    graves.delete()


def attach_architecture(store: Store, workspace: str, id: str, config: Mapping[str, Any]) -> Upload:
    """Turns weights into a model by saying what network they belong to.

    Raises:
        BadInput: the weights do not fit the architecture, or the upload is not weights.
    """
    weights = get_upload(store, workspace, id)
    if weights.kind != "weights":
        raise BadInput(f"{weights.name} is a {weights.kind}; an architecture is attached to weights only.")
    with _draft(store, ".safetensors") as target, held_file(store.shelves, weights.digest, weights.path.name) as path:
        arguments = (str(path), weights.name, dict(config), str(target))
        kind, details = ask(store.settings, weights.name, "core.store.readers.attach", *arguments)
        digest = digest_of_file(target)
        return _keep(store, workspace, target, digest, kind, weights.name, details, [weights.digest])


def attach_labels(store: Store, workspace: str, images_id: str, labels_id: str) -> Upload:
    """Makes one data set of an upload of images and an upload of their labels.

    Raises:
        BadInput: the two do not belong together.
    """
    images, labels = get_upload(store, workspace, images_id), get_upload(store, workspace, labels_id)
    if images.kind != "dataset" or labels.kind != "labels":
        raise BadInput(
            f"{images.name} is a {images.kind} and {labels.name} is {labels.kind}; a dataset and its labels are expected."
        )
    with (
        _draft(store, ".npz") as target,
        held_file(store.shelves, images.digest, images.path.name) as path,
        held_file(store.shelves, labels.digest, labels.path.name) as labels_path,
    ):
        arguments = (str(path), images.name, str(labels_path), labels.name, str(target))
        kind, details = ask(store.settings, images.name, "core.store.readers.pair", *arguments)
        digest, parts = digest_of_file(target), [images.digest, labels.digest]
        return _keep(store, workspace, target, digest, kind, images.name, details, parts)


def upload_source(upload: Upload) -> Source:
    """The upload as the input of an analysis.

    Raises:
        BadInput: weights and labels are none by themselves.
    """
    for kind in get_args(Kind):
        if upload.kind == kind:
            return Source(kind, upload.name, upload.digest, str(upload.path), upload.details)
    missing = "an architecture" if upload.kind == "weights" else "the data set that they label"
    raise BadInput(f"{upload.name} needs {missing} before it can be used; add it on the Library page.")


@contextmanager
def _draft(store: Store, suffix: str) -> Iterator[Path]:
    folder = draft_in(store.tmp)
    folder.mkdir()
    try:
        yield folder / f"content{suffix}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(
    store: Store,
    workspace: str,
    path: Path,
    digest: str,
    kind: str,
    name: str,
    details: dict[str, Any],
    derived_from: list[str] | None = None,
) -> Upload:
    size = path.stat().st_size
    sync(path.parent)
    store.shelves.uploads.prepare(digest, path.parent)
    with store.writing() as connection:
        known = connection.execute(_by_digest(workspace, digest)).one_or_none()
        if known is not None:
            return _upload(store, known)
        allowance = allowance_of(connection, store.settings, workspace)
        if bytes_of(connection, workspace) + size > allowance.workspace_bytes:
            raise _too_large(store, name, allowance)
        row = {
            "id": secrets.token_urlsafe(16),
            "workspace": workspace,
            "kind": kind,
            "name": name,
            "digest": digest,
            "file": path.name,
            "bytes": size,
            "created": store.clock(),
            "details": details,
            "derived_from": derived_from or [],
        }
        connection.execute(sql.insert(uploads).values(**row))
        # Inside the transaction, so that nobody deletes the folder as orphaned before the row is seen.
        # Beside the content lies the copy that its inspection may have made.
        store.shelves.uploads.settle(digest, path.parent)
        return _upload(store, connection.execute(_by_digest(workspace, digest)).one())


def _known(store: Store, workspace: str, digest: str) -> Upload | None:
    with store.reading() as connection:
        row = connection.execute(_by_digest(workspace, digest)).one_or_none()
    return None if row is None else _upload(store, row)


def _by_digest(workspace: str, digest: str) -> sql.Select[Any]:
    return sql.select(uploads).where(uploads.c.workspace == workspace, uploads.c.digest == digest)


def _with_derived(row: sql.Row[Any], mine: Sequence[sql.Row[Any]]) -> list[sql.Row[Any]]:
    doomed = [row]
    for one in doomed:  # grows while it is walked
        doomed += [other for other in mine if one.digest in other.derived_from and other not in doomed]
    return doomed


def _forget_content(store: Store, connection: sql.Connection, digest: str, graves: Graves) -> None:
    if connection.execute(sql.select(uploads.c.id).where(uploads.c.digest == digest)).first() is None:
        graves.add(store.shelves.uploads, digest)


def _upload(store: Store, row: sql.Row[Any]) -> Upload:
    path = store.shelves.uploads.place(row.digest) / row.file
    return Upload(row.id, row.workspace, row.kind, row.name, row.digest, row.bytes, row.created, row.details, path)


def _too_large(store: Store, name: str, allowance: Allowance) -> TooLarge:
    one, all_of_them = in_bytes(store.settings.upload_bytes), in_bytes(allowance.workspace_bytes)
    return TooLarge(
        f"{name} is too large: one upload may have {one} and all of a workspace together {all_of_them}; "
        "bring a smaller file, or delete uploads on the Library page."
    )
