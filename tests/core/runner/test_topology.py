"""Sets of clouds through a cluster."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from core.analysis import Source, parse_params
from core.runner.cluster import Cluster, open_cluster
from core.runner.loop import Runner
from core.serial import serially
from core.settings import Settings
from core.sources import open_source
from core.store import Store, get_run, new_workspace, open_store, submit
from core.store.readers import inspect
from core.store.results import StoredResult, load_result
from core.store.uploads import begin_upload, finish_upload, upload_source
from core.topology.analysis import ANALYSIS
from core.topology.vectorize_mode import MOST_CHUNKS, chunks_of
from tests.core.runner.conftest import MIB
from tests.workbench import wait_for

POINTS = 15
PATIENCE = 240.0  # seconds; workers start, load the engine, and give way to all else on the machine
PARAMS = parse_params(ANALYSIS.params, {"mode": "vectorize", "resolution": "8"})
MEMORY = 600 * MIB  # a worker that passes it is stopped


def write_clouds(path: Path, count: int) -> Path:
    """Noisy circles and blobs in turn."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, (count, POINTS))
    circles = np.stack([np.cos(angle), np.sin(angle)], axis=-1) + 0.05 * rng.standard_normal((count, POINTS, 2))
    blobs = 0.5 * rng.standard_normal((count, POINTS, 2))
    np.savez(path, X=np.where(np.arange(count)[:, None, None] % 2 == 0, circles, blobs), y=np.arange(count) % 2)
    return path


@pytest.fixture(autouse=True)
def inspection_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at here; a process for each look is tested elsewhere."""
    monkeypatch.setattr("core.store.uploads.ask", lambda settings, name, reader, *arguments: inspect(*arguments))


def brought(store: Store, workspace: str, path: Path) -> Source:
    """A file in the library of a workspace."""
    content = path.read_bytes()
    incoming = begin_upload(store, workspace, path.name, len(content))
    incoming.write(content)
    return upload_source(finish_upload(store, incoming, "shapes"))


def vectorized(cluster: Cluster, clouds: Path, home: Path) -> StoredResult:
    """The result of a runner with a store of its own."""
    store = open_store(Settings(home=home, job_memory=MEMORY))
    runner = Runner(store, [ANALYSIS], cluster, "runner", home / "runner")
    ended = threading.Event()
    thread = threading.Thread(target=runner.run, args=(ended,))
    thread.start()
    try:
        workspace = new_workspace(store)
        run = submit(store, workspace, ANALYSIS, PARAMS, {"data": brought(store, workspace, clouds)})
        wait_for(
            lambda: get_run(store, run.workspace, run.id).state not in ("queued", "running"),
            PATIENCE,
            "the end of the run",
        )
        seen = get_run(store, run.workspace, run.id)
        assert seen.state == "done", seen
        return load_result(store, run.key)
    finally:
        ended.set()
        thread.join()
        for drive in list(runner.drives.values()):
            drive.stop()
        for one in runner.threads:
            one.join()


def check_against_one_process(found: StoredResult, clouds: Path) -> None:
    """Byte for byte what the steps give one after the other in this process, in the order of the items."""
    expected = serially(ANALYSIS, PARAMS, {"data": open_source("shapes", str(clouds))})
    assert np.isfinite(expected.arrays["features"]).all()
    assert found.result.arrays["features"].tobytes() == expected.arrays["features"].tobytes()
    assert found.result.tables["labels"].item.tolist() == expected.tables["labels"].item.tolist()
    assert found.result.tables["settings"].equals(expected.tables["settings"])


def test_200_clouds_stream_through_two_workers(cluster: Cluster, tmp_path: Path) -> None:
    """In parts of four, in workers that may not hold more than a step's memory; the features are those of one process."""
    assert len(cluster.workers) == 2
    clouds = write_clouds(tmp_path / "clouds.npz", 200)
    check_against_one_process(vectorized(cluster, clouds, tmp_path / "home"), clouds)


def test_one_worker_gives_the_same_features(tmp_path: Path) -> None:
    """Again those of one process, so how many there are changes nothing."""
    alone = open_cluster(Settings(home=tmp_path / "home", workers=1, gpus=0, job_memory=MEMORY), tmp_path / "workers")
    clouds = write_clouds(tmp_path / "clouds.npz", 16)
    try:
        assert len(alone.workers) == 1
        check_against_one_process(vectorized(alone, clouds, tmp_path / "home"), clouds)
    finally:
        alone.close()


@pytest.mark.parametrize("items", [1, 200, 10_000])
def test_parts_are_few_and_no_larger_than_they_must_be(items: int) -> None:
    """All items are in one part each, in their order, and a step holds a sixty-fourth of them at most, or four."""
    chunks = chunks_of(items)
    assert [place for chunk in chunks for place in chunk] == list(range(items))
    assert len(chunks) <= MOST_CHUNKS
    assert max(map(len, chunks)) <= max(4, -(-items // MOST_CHUNKS))
