"""Files in a real S3-compatible object store: whole or not at all, shared by homes, bounded at home."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput, NotFound, Unavailable
from core.runner.row_permits import RowPermit, _engine, forget_permits
from core.runner.workplace import Workplace, _shelves, pack, unpacked
from core.settings import Settings, settings
from core.store.bundles import Bundles
from core.store.cache import GRACE_SECONDS
from core.store.eviction import evict
from core.store.jobs import register_runner
from core.store.objects import Objects
from core.store.results import has_result, load_result, result_path
from core.store.runs import Run, delete_run, submit
from core.store.shelves import LEFT_OVER_SECONDS, StoreShelf, files_of
from core.store.sources import here
from core.store.steps import Steps
from core.store.store import Store, open_store
from core.store.uploads import Upload, begin_upload, delete_upload, finish_upload, get_upload, upload_source
from core.store.workspaces import new_workspace
from tests.core.store.conftest import ANALYSIS, Clock, Question
from tests.services.object_store import ObjectStore, object_store

ROOT = Path(__file__).resolve().parents[3]
KEY = "ab" * 20


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    with object_store() as started:
        yield started


@pytest.fixture
def address(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in objects.keys().items():
        monkeypatch.setenv(name, value)
    return objects.address()


@pytest.fixture
def at_home(tmp_path: Path, clock: Clock, address: str) -> Iterator[Callable[..., Store]]:
    """A store with a home folder of that name; all of them share database and object store."""
    opened: list[Store] = []

    def at_home(name: str, **limits: Any) -> Store:
        fields: dict[str, Any] = {"store": address, "secret": "shared", **limits}
        url = f"sqlite:///{tmp_path}/shared.sqlite"
        opened.append(open_store(Settings(home=tmp_path / name, database_url=url, **fields), clock))
        return opened[-1]

    yield at_home
    for store in opened:
        store.engine.dispose()


def bring(store: Store, workspace: str, content: bytes, name: str = "points.npz") -> Upload:
    incoming = begin_upload(store, workspace, name)
    incoming.write(content)
    return finish_upload(store, incoming)


def stored(objects: ObjectStore, address: str, kind: str = "") -> list[str]:
    """Names of all objects below the address, without it."""
    place = address.removeprefix("s3://")
    return sorted(name.removeprefix(f"{place}/") for name in objects.files().find(f"{place}/{kind}"))


def shelf_of(store: Store, kind: str = "results") -> StoreShelf:
    shelf = getattr(store.shelves, kind)
    assert isinstance(shelf, StoreShelf)
    return shelf


def age(folder: Path) -> None:
    """Makes a local copy look as if nobody had asked for it just now."""
    os.utime(folder, (1.0, 1.0))


def test_two_homes_see_the_same_upload_and_result(
    at_home: Callable[..., Store], npz: Callable[..., bytes], ask: Callable[..., Run], answer: Callable[..., str]
) -> None:
    """What one machine took in and computed, another reads byte for byte, whose home folder was empty."""
    server, runner = at_home("server"), at_home("runner")
    workspace = new_workspace(server)
    upload = bring(server, workspace, npz())
    run = ask(server, workspace, dataset=upload_source(upload))
    with here(runner.shelves, {"dataset": upload_source(get_upload(server, workspace, upload.id))}) as found:
        path = Path(found["dataset"].location)
        assert path.is_relative_to(runner.home) and path.read_bytes() == npz()
    assert answer(runner, size=50) == run.key
    assert load_result(server, run.key).result.answer == "It is 1."
    assert [content.read_bytes() for content in files_of(result_path(server, run.key)).values()] == [
        content.read_bytes() for content in files_of(result_path(runner, run.key)).values()
    ]


def test_a_stored_result_has_the_files_of_the_folder_store(
    at_home: Callable[..., Store],
    make_store: Callable[..., Store],
    database_url: str,
    ask: Callable[..., Run],
    answer: Callable[..., str],
) -> None:
    """Names and bytes are the same in the home folder and behind the object store."""
    plain, remote, reader = make_store(), at_home("writer"), at_home("reader")
    for store in (plain, remote):
        ask(store, new_workspace(store))
        key = answer(store, size=50)
    load_result(reader, key)
    ours, theirs = files_of(result_path(plain, key)), files_of(result_path(reader, key))
    assert {name: path.read_bytes() for name, path in ours.items()} == {
        name: path.read_bytes() for name, path in theirs.items()
    }
    assert {"result.json", "arrays.npz", "figures.json", "tables/curve.parquet"} == ours.keys()


DIES = """
import os, sys
from pathlib import Path
from core.store.bundles import Bundles
from core.store.objects import Objects
objects = Objects(sys.argv[1])
objects.write = lambda name, content: os._exit(9)  # all data are there, the last object is not
Bundles(objects, "results").put(sys.argv[2], {"result.json": Path(sys.argv[3]), "arrays.npz": Path(sys.argv[3])})
"""


def test_a_writer_that_was_killed_between_two_objects_left_nothing_to_see(
    objects: ObjectStore, address: str, tmp_path: Path
) -> None:
    """Without the last object there is nothing; the next writer is not disturbed; a day later the rest is swept away."""
    content = tmp_path / "content"
    content.write_bytes(b"half")
    died = subprocess.run([sys.executable, "-c", DIES, address, KEY, str(content)], cwd=ROOT, check=False)
    bundles = Bundles(Objects(address), "results")
    assert (died.returncode, len(stored(objects, address)), bundles.has(KEY)) == (9, 2, False)
    with pytest.raises(FileNotFoundError):
        bundles.bring(KEY, tmp_path)
    assert list(bundles.entries()) == []
    content.write_bytes(b"whole")
    assert bundles.put(KEY, {"result.json": content}) and not bundles.put(KEY, {"result.json": content})
    assert (bundles.sweep(LEFT_OVER_SECONDS), bundles.sweep(-60.0)) == (0, 1)
    bundles.bring(KEY, tmp_path / "brought")
    assert (tmp_path / "brought" / "result.json").read_bytes() == b"whole"
    assert len(stored(objects, address)) == 2


def test_a_damaged_object_is_never_taken_for_the_right_one(
    at_home: Callable[..., Store],
    objects: ObjectStore,
    address: str,
    ask: Callable[..., Run],
    answer: Callable[..., str],
) -> None:
    """Digests are checked: a result says what is wrong, a step is computed again."""
    writer, reader = at_home("writer"), at_home("reader")
    ask(writer, new_workspace(writer))
    key = answer(writer)
    Steps(writer.shelves.steps).put(KEY, {"loss": np.arange(3)})
    for name in stored(objects, address):
        if name.endswith(("arrays.npz", "value.json")):
            objects.files().pipe_file(f"{address.removeprefix('s3://')}/{name}", b"other")
    with pytest.raises(Unavailable, match=r"arrays\.npz of results/.* damaged; .* run it again"):
        load_result(reader, key)
    assert list((reader.home / "results").rglob("*.json")) == []
    with pytest.raises(KeyError):
        Steps(reader.shelves.steps).get(KEY)
    Steps(reader.shelves.steps).put(KEY, 1)
    assert Steps(at_home("third").shelves.steps).get(KEY) == 1


def test_what_is_deleted_goes_from_the_object_store_and_from_every_cache(
    at_home: Callable[..., Store],
    objects: ObjectStore,
    address: str,
    npz: Callable[..., bytes],
    ask: Callable[..., Run],
    answer: Callable[..., str],
) -> None:
    """Upload, result and their objects are gone at once; another machine drops its copies when it tidies its cache."""
    server, runner = at_home("server"), at_home("runner")
    workspace = new_workspace(server)
    upload = bring(server, workspace, npz())
    ask(server, workspace, dataset=upload_source(upload))
    with here(runner.shelves, {"dataset": upload_source(upload)}):
        key = answer(runner)
    other = ask(server, workspace, 2)
    answer(runner)
    delete_upload(server, workspace, upload.id)
    assert (has_result(server, key), has_result(runner, key)) == (False, False)
    assert [name.split("/")[2] for name in stored(objects, address) if name.endswith("whole.json")] == [other.key]
    copies = [
        shelf_of(runner, "uploads").place(upload.digest),
        result_path(runner, key),
        result_path(runner, other.key),
    ]
    for copy in copies:
        age(copy)
    assert (runner.shelves.tidy(), [copy.exists() for copy in copies]) == (2, [False, False, True])
    delete_run(server, workspace, other.id)
    assert stored(objects, address) == []


def test_an_upload_that_is_deleted_and_brought_again_at_the_same_time_is_whole(
    at_home: Callable[..., Store], npz: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its objects are looked at once more in the transaction that enters it."""
    here_, there = at_home("here"), at_home("there")
    first, second = new_workspace(here_), new_workspace(there)
    upload = bring(there, second, npz())
    shelf = shelf_of(here_, "uploads")
    prepare = shelf.prepare

    def prepare_and_be_overtaken(key: str, folder: Path) -> None:
        prepare(key, folder)
        delete_upload(there, second, upload.id)

    monkeypatch.setattr(shelf, "prepare", prepare_and_be_overtaken)
    again = bring(here_, first, npz())
    with here(at_home("third").shelves, {"dataset": upload_source(again)}) as found:
        assert Path(found["dataset"].location).read_bytes() == npz()


def test_the_same_bytes_under_two_endings_are_one_object(
    at_home: Callable[..., Store], objects: ObjectStore, address: str
) -> None:
    """Each workspace reads them under the ending that it gave them."""
    server, runner = at_home("server"), at_home("runner")
    table = b"x,y\n" + b"".join(b"%d,%d\n" % (n, n % 2) for n in range(20))
    first = bring(server, new_workspace(server), table, "a.csv")
    second = bring(server, new_workspace(server), table, "a.txt")
    assert first.digest == second.digest
    for upload in (second, first):
        with here(runner.shelves, {"dataset": upload_source(upload)}) as found:
            path = Path(found["dataset"].location)
            assert (path.name, path.read_bytes()) == (upload.path.name, table)


def test_eviction_acts_on_the_object_store(
    at_home: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, npz: Callable[..., bytes], tmp_path: Path
) -> None:
    """The oldest steps go first; an upload that no row names goes once nobody can be about to enter it."""
    store = at_home("runner", step_bytes=1)
    steps = Steps(store.shelves.steps)
    steps.put(KEY, "a value of some bytes")
    orphan = tmp_path / "orphan"
    orphan.mkdir()
    (orphan / "content.npz").write_bytes(npz())
    store.shelves.uploads.prepare(KEY, orphan)
    evicted = evict(store)
    assert (evicted.steps, evicted.uploads, steps.has(KEY)) == (1, 0, False)
    monkeypatch.setattr(StoreShelf, "settles", -60.0)
    assert (evict(store).uploads, store.shelves.uploads.has(KEY)) == (1, False)


def test_the_cache_keeps_within_its_limit_and_never_takes_what_is_held(at_home: Callable[..., Store]) -> None:
    """The copy that was used longest ago goes first, but not from under who uses it; all can be had again."""
    store = at_home("worker", cache_bytes=1)
    steps, keys = Steps(store.shelves.steps), [f"{n:02d}" * 20 for n in range(3)]
    places = [store.shelves.steps.place(key) for key in keys]
    for key in keys:
        steps.put(key, key)
    assert all(place.exists() for place in places)  # they were asked for less than GRACE_SECONDS ago
    assert GRACE_SECONDS > 0
    for place in places[:2]:
        age(place)
    with store.shelves.steps.hold(keys[1]):
        age(places[1])
        assert store.shelves.tidy() == 1
    assert [place.exists() for place in places] == [False, True, True]
    age(places[1])
    assert (store.shelves.tidy(), places[1].exists(), [steps.get(key) for key in keys]) == (1, False, keys)


def test_a_store_that_is_away_or_full_is_a_sentence_and_loses_nothing(
    at_home: Callable[..., Store], objects: ObjectStore, npz: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there is there afterwards, and what was refused can be done again."""
    server, cold = at_home("server"), at_home("cold")
    workspace = new_workspace(server)
    kept = bring(server, workspace, npz(1))
    objects.stop()
    try:
        with pytest.raises(Unavailable, match=r"can't be reached at the moment\. Nothing is lost"):
            bring(server, workspace, npz(2))
        with pytest.raises(Unavailable), here(cold.shelves, {"dataset": upload_source(kept)}):
            pass
        with here(server.shelves, {"dataset": upload_source(kept)}) as found:  # a local copy needs nobody
            assert Path(found["dataset"].location).read_bytes() == npz(1)
    finally:
        objects.start()
    with objects.full(), pytest.raises(Unavailable, match=r"it may be full\. Nothing is lost"):
        bring(server, workspace, npz(2))
    assert list(server.tmp.iterdir()) == []
    assert bring(server, workspace, npz(2)).digest != kept.digest
    with here(cold.shelves, {"dataset": upload_source(kept)}) as found:
        assert Path(found["dataset"].location).read_bytes() == npz(1)


def test_patience_waits_for_a_store_that_comes_back(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runner asks again; its work is not thrown away for a short outage."""
    patient, slept = Objects(address, patience=60.0), list[float]()
    patient.write("a", b"1")
    monkeypatch.setattr("core.store.objects.sleep", slept.append)
    answers = iter((OSError("cut"), OSError("cut"), None))

    def cat_file(path: str) -> bytes:
        if (error := next(answers)) is not None:
            raise error
        return b"1"

    monkeypatch.setattr(patient._files, "cat_file", cat_file)
    assert (patient.read("a"), slept) == (b"1", [1.0, 2.0])


def test_within_a_transaction_nobody_waits_for_the_store(
    objects: ObjectStore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait for the transaction, so a deletion that can't be done now fails at once, even where patience is usual."""
    bundles, slept = Bundles(Objects(address, patience=60.0), "results"), list[float]()
    monkeypatch.setattr("core.store.objects.sleep", slept.append)
    objects.stop()
    try:
        with pytest.raises(Unavailable):
            bundles.hide(KEY)
    finally:
        objects.start()
    assert slept == []


def test_refused_keys_and_a_missing_bucket_are_said(
    objects: ObjectStore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither passes by itself, so it is not tried again; the sentence names what the administrator looks at."""
    with pytest.raises(Unavailable, match="no such bucket as ASSAY_STORE names"):
        Objects("s3://another/prefix", patience=60.0).write("a", b"1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    for act in (lambda: Objects(address, 60.0).write("a", b"1"), lambda: Objects(address, 60.0).read("a")):
        with pytest.raises(Unavailable, match=r"refuses the keys .* AWS_ACCESS_KEY_ID"):
            act()


@pytest.mark.parametrize("wrong", ["bucket/prefix", "s3://", "nowhere://bucket"])
def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path, wrong: str) -> None:
    """The sentence names the setting."""
    with pytest.raises(BadInput, match="ASSAY_STORE="):
        open_store(Settings(home=tmp_path, store=wrong))


def test_without_an_object_store_none_is_imported(tmp_path: Path) -> None:
    """The page server of one computer knows nothing of fsspec and botocore."""
    look = (
        "import sys; from core.store.store import open_store; open_store(); print({'fsspec', 's3fs'} & {*sys.modules})"
    )
    variables = {**os.environ, "ASSAY_HOME": str(tmp_path), "ASSAY_STORE": ""}
    said = subprocess.run([sys.executable, "-c", look], cwd=ROOT, env=variables, capture_output=True, check=True)
    assert said.stdout.decode().strip() == "set()"


def look_into(content: Any) -> str:
    """A step of these tests."""
    return str(content)


def test_a_step_finds_its_files_on_the_machine_of_its_worker(
    at_home: Callable[..., Store],
    npz: Callable[..., bytes],
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sources are found by their digests wherever they stand in the arguments; built-ins stay what they are."""
    from core.analysis import Source, Step

    server = at_home("server")
    source = upload_source(bring(server, new_workspace(server), npz()))
    builtin = Source("dataset", "Wine", "0" * 40, "builtin:wine")
    parcel = pack(Step(look_into, {"content": {"deep": [source, builtin]}}))
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "worker"))
    monkeypatch.setenv("ASSAY_STORE", address)
    settings.cache_clear()
    _shelves.cache_clear()
    try:
        with unpacked(parcel, Workplace(str(server.home), address)) as step:
            found, same = step.arguments["content"]["deep"]
            assert Path(found.location).is_relative_to(tmp_path / "worker")
            assert (Path(found.location).read_bytes(), same.location) == (npz(), "builtin:wine")
            assert step.key == Step(look_into, {"content": {"deep": [source, builtin]}}).key
        with pytest.raises(BadInput, match="its runner ASSAY_STORE=s3://other"):
            Workplace(str(server.home), "s3://other/prefix").shelves()
    finally:
        settings.cache_clear()
        _shelves.cache_clear()


def test_permits_in_rows_say_who_runs_a_step_and_whether_it_is_wanted(
    at_home: Callable[..., Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawn permit has named its worker, or the step does not begin; a worker on another table is told so."""
    store = at_home("server")
    register_runner(store, "runner", "host", 1, [])
    monkeypatch.setenv("ASSAY_DATABASE_URL", f"sqlite:///{tmp_path}/shared.sqlite")
    settings.cache_clear()
    _engine.cache_clear()
    try:
        begun, idle = RowPermit("a", "runner"), RowPermit("b", "runner")
        for permit in (begun, idle):
            permit.issue()
        assert begun.begin("tls://1") and begun.worker() == "tls://1"
        assert (begun.withdraw(), idle.withdraw(), begun.withdraw()) == ("tls://1", "", "")
        assert not idle.begin("tls://1")
        with pytest.raises(BadInput, match="does not find its runner in the data base"):
            RowPermit("c", "of another table").begin("tls://1")
        left = RowPermit("d", "died long ago")
        left.issue()
        forget_permits()
        assert left.withdraw() == ""
    finally:
        _engine().dispose()
        settings.cache_clear()
        _engine.cache_clear()


def test_a_stored_result_answers_at_once_from_every_home(
    at_home: Callable[..., Store], ask: Callable[..., Run], answer: Callable[..., str]
) -> None:
    """The question is asked on another machine: no second job is made."""
    one, two = at_home("one"), at_home("two")
    ask(one, new_workspace(one))
    key = answer(one)
    run = submit(two, new_workspace(two), ANALYSIS, Question(n=1), {})
    assert (run.key, run.state) == (key, "done")
    with pytest.raises(NotFound):
        load_result(two, KEY)
