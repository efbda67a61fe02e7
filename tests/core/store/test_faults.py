"""Full, read-only and broken disks, and a database that somebody else holds: a sentence each, and nothing half-written."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import NotFound, Unavailable
from core.settings import Settings
from core.store.eviction import evict
from core.store.faults import BROKEN, BUSY, FULL, READ_ONLY, fault_of, writing_files
from core.store.folders import draft_in, left_by_the_dead, write_whole
from core.store.forget import forget_runs
from core.store.results import load_result, result_path
from core.store.runs import Run, delete_run, get_run
from core.store.steps import StepFolder
from core.store.store import Store, open_store
from core.store.uploads import begin_upload, list_uploads
from core.store.workspaces import new_workspace, workspace_exists
from tests.services.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, 4 << 20) as made:
        yield made


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(disk: SmallDisk, npz: Callable[..., bytes]) -> None:
    """Upload, step, folder and row: each says so, leaves nothing behind, and works as soon as there is room."""
    store = open_store(Settings(home=disk.path / "home"))
    workspace = new_workspace(store)
    steps = StepFolder(store.home / "steps")
    disk.fill()

    incoming = begin_upload(store, workspace, "data.npz")
    with pytest.raises(OSError) as refused:
        for _ in range(100):
            incoming.write(bytes(1 << 16))
    assert str(fault_of(refused.value)) == FULL
    incoming.abandon()
    with pytest.raises(Unavailable, match="is full"):
        steps.put("0" * 40, list(range(100_000)))
    with pytest.raises(Unavailable, match="is full"):
        while True:  # the log of SQLite has some room of its own
            new_workspace(store)
    assert list(store.tmp.iterdir()) == []
    assert not list((store.home / "steps").glob("tmp/*")) and not list((store.home / "steps").glob("0*/*"))
    assert list_uploads(store, workspace) == []

    disk.empty()
    steps.put("0" * 40, [1])
    assert steps.get("0" * 40) == [1]
    assert workspace_exists(store, new_workspace(store))


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_held_database_is_one_sentence_and_can_still_be_read(tmp_path: Path, ask: Callable[..., Run]) -> None:
    """Another program holds it longer than our patience; when it lets go, the same act succeeds."""
    store = open_store(Settings(home=tmp_path / "home", database_patience=0.05))
    workspace = new_workspace(store)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.home / "assay.sqlite")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Unavailable, match="holds the database") as held:
            ask(store, workspace)
        assert str(held.value) == BUSY
        assert workspace_exists(store, workspace)
    assert ask(store, workspace).state == "queued"


def test_a_read_only_database_is_one_sentence(store: Store) -> None:
    """What is there can still be read."""
    workspace = new_workspace(store)
    with store.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(Unavailable, match="can't be written"):
        new_workspace(store)
    assert workspace_exists(store, workspace)
    with store.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    assert new_workspace(store)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, FULL),
        (errno.EDQUOT, FULL),
        (errno.EROFS, READ_ONLY),
        (errno.EACCES, READ_ONLY),
        (errno.EIO, BROKEN),
        (errno.ENOENT, None),
    ],
)
def test_what_a_disk_refuses(number: int, sentence: str | None) -> None:
    """Quota and room, rights and read-only mounts, broken disks; what is something else stays what it is."""
    error = OSError(number, "as the kernel says it")
    with pytest.raises(Unavailable if sentence else OSError) as said, writing_files():
        raise error
    assert sentence is None or str(said.value) == sentence
    assert said.value is error or said.value.__cause__ is error


def test_a_device_that_is_full_leaves_no_draft(tmp_path: Path) -> None:
    """A folder whose last file has no room is not there at all."""

    def fill(folder: Path) -> None:
        (folder / "first").write_text("whole")
        with Path("/dev/full").open("w") as stream:
            stream.write("no room")

    with pytest.raises(Unavailable, match="is full"):
        write_whole(tmp_path / "ab" / "abc", fill, tmp_path / "tmp")
    assert not (tmp_path / "ab").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_other_errors_of_the_database_stay_what_they_are(store: Store) -> None:
    """A mistake of ours is no fault of the disk."""
    with pytest.raises(Exception) as raised, store.writing() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert fault_of(raised.value) is None
    with closing(sqlite3.connect(":memory:")) as memory, pytest.raises(sqlite3.OperationalError) as plain:
        memory.execute("nonsense")
    assert fault_of(plain.value) is None


def test_drafts_of_the_dead_are_told_from_those_of_the_living(tmp_path: Path) -> None:
    """A draft names its process: those of one that was killed may go at once, others may be half-written just now."""
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    mine = draft_in(tmp_path)
    theirs = mine.with_name(mine.name.replace(f"-{mine.name.split('-')[-2]}-", f"-{dead.pid}-"))
    foreign = tmp_path / ("elsewhere-1-" + "0" * 32)
    for draft in (mine, theirs, foreign):
        draft.mkdir()
    assert list(left_by_the_dead(tmp_path)) == [theirs]


def test_a_deletion_that_is_cut_off_takes_no_file_away(
    store: Store, workspace: str, ask: Callable[..., Run], answer: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows go first, then the folder: whatever moment a crash comes at, a run that is there has its result."""
    run = ask(store, workspace)
    key = answer(store)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr("core.store.forget.withdraw", crash)  # in the middle of the transaction
        with pytest.raises(KeyboardInterrupt):
            delete_run(store, workspace, run.id)
    assert get_run(store, workspace, run.id).state == "done"
    assert load_result(store, key).key == key

    with monkeypatch.context() as cut:
        cut.setattr("core.store.forget.Graves.delete", crash)  # between the transaction and the folder
        with pytest.raises(KeyboardInterrupt):
            delete_run(store, workspace, run.id)
    assert result_path(store, key).exists()
    assert evict(store).results == 1
    assert not result_path(store, key).exists()


def test_what_is_asked_again_while_it_is_deleted_stays(
    store: Store, workspace: str, stranger: str, ask: Callable[..., Run], answer: Callable[..., str]
) -> None:
    """Somebody asks the same between the end of the rows and that of the folder, and is answered at once."""
    run = ask(store, workspace)
    key = answer(store)
    with store.writing() as connection:
        graves = forget_runs(store, connection, [connection.exec_driver_sql("select * from runs").one()])
    with pytest.raises(NotFound):
        get_run(store, workspace, run.id)
    again = ask(store, stranger)
    graves.delete()
    assert again.state == "done"
    assert load_result(store, key).key == key
