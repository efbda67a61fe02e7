"""The cluster itself: who may join, who may talk to it, which worker takes which step."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client
from distributed.core import Status

from core.analysis import Step
from core.errors import BadInput, TooLarge
from core.runner import cluster as cluster_module
from core.runner.cluster import Cluster, Worker, open_cluster
from core.runner.gpus import visible_gpus
from core.runner.permits import Permit
from core.runner.priority import NICENESS
from core.runner.steps import Order, StepError, run_step, versions
from core.runner.workplace import Workplace
from core.settings import Settings
from tests.core.runner.conftest import MIB, PATIENCE
from tests.core.runner.sample_analyses import square
from tests.workbench import wait_for

STEP = Step(square, {"folder": "", "number": 1}, label="square")


@pytest.fixture(scope="module")
def with_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that was told of a graphics card 7; it is not there, but the worker is started for it."""
    home = tmp_path_factory.mktemp("cards")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "7")
        patch.setattr(cluster_module, "card_of_worker", pretended_card)
        opened = open_cluster(Settings(home=home, workers=1, job_memory=600 * MIB), home / "workers")
    yield opened
    opened.close()


def pretended_card() -> tuple[str, int]:
    return "Pretended card", 8 << 30


def test_every_worker_has_one_device(with_card: Cluster) -> None:
    """One worker for the processor, one for the card; the card's memory counts there."""
    workers = {worker.device: worker for worker in with_card.workers}
    assert (workers["gpu"].name, workers["gpu"].memory) == ("Pretended card", 8 << 30)
    assert workers["cpu"].memory == 600 * MIB


@pytest.mark.parametrize(("device", "card"), [("CPU", ""), ("GPU", "7")])
def test_a_step_goes_to_a_worker_of_its_device_only(with_card: Cluster, device: str, card: str) -> None:
    """Dask would put a task without resources onto the worker of the card too."""
    futures = [
        with_card.client.submit(visible_card, key=f"{device}-{number}", resources={device: 1}) for number in range(6)
    ]
    assert with_card.client.gather(futures) == [card] * 6


def visible_card() -> str:
    return os.environ["CUDA_VISIBLE_DEVICES"]


def test_a_card_that_torch_can_not_use_is_no_card(tmp_path: Path, with_card: Cluster) -> None:
    """The worker is left out, and a step for a card is refused rather than run on the processor."""
    blind = Cluster(with_card.client)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster_module, "card_of_worker", no_card)
        blind.look()
    assert [worker.device for worker in blind.workers] == ["cpu"]
    with pytest.raises(BadInput, match=r'The step "square" needs a graphics card, and no worker has one\.'):
        blind.check(Step(square, {}, device="gpu", label="square"))


def no_card() -> None:
    return None


def test_the_memory_of_the_card_is_compared(with_card: Cluster) -> None:
    """A step for the card is measured against the card, without advice about the processor's limit."""
    with_card.check(Step(square, {}, device="gpu", memory=4 << 30))
    with pytest.raises(TooLarge, match=r"needs about 9 GiB; the largest worker has 8 GiB\. Use a smaller input\.$"):
        with_card.check(Step(square, {}, device="gpu", memory=9 << 30))


def test_the_cards_are_those_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA_VISIBLE_DEVICES restricts the workers as it restricts every CUDA program."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2, GPU-8f6a")
    assert visible_gpus() == ["2", "GPU-8f6a"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert visible_gpus() == []


def test_the_cards_are_those_that_the_driver_lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the variable the driver's own tool is asked."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 0\necho 1\n")
    tool.chmod(0o755)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert visible_gpus() == ["0", "1"]
    tool.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus() == []


def test_a_stranger_on_the_machine_is_not_let_in(cluster: Cluster) -> None:
    """Dask's ports run any code that they are sent: they speak TLS with certificates that only the runner has."""
    address = cluster.client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    with pytest.raises(OSError, match=r"Timed out|refused|closed"):
        Client(address.replace("tls://", "tcp://"), timeout="2s", set_as_default=False)


def test_everything_listens_on_loopback_and_serves_no_pages(cluster: Cluster) -> None:
    """The dashboard's ports can't be left out altogether: they have no routes."""
    pids = {os.getpid(), *cluster.client.run(os.getpid).values()}
    listening = [
        connection.laddr
        for pid in pids
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert 8787 not in {address.port for address in listening}
    for address in listening:
        for page in ("status", "health", "metrics", "info/main/workers.html", "json/identity.json"):
            assert status_of(f"http://127.0.0.1:{address.port}/{page}") in (None, 404)


def status_of(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):  # it speaks TLS
        return None


def test_a_running_scheduler_is_joined_over_tls(cluster: Cluster, tmp_path: Path) -> None:
    """With the three certificate files of its owner, and then sees the same workers."""
    assert cluster.own is not None
    security = cluster.own.security
    files = {}
    for name, content in (
        ("scheduler_ca", security.tls_ca_file),
        ("scheduler_certificate", security.tls_client_cert),
        ("scheduler_key", security.tls_client_key),
    ):
        path = tmp_path / f"{name}.pem"
        path.write_text(content)
        files[name] = str(path)
    settings = Settings(home=tmp_path, scheduler=cluster.client.scheduler.address, **files)
    joined = open_cluster(settings, tmp_path)
    try:
        assert joined.own is None
        assert joined.count("cpu") == 2
    finally:
        joined.client.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://192.0.2.1:8786", "is not accepted: use tls://HOST:PORT with certificates"),
        ("tcp://example.org:8786", "is not accepted"),
        ("ucx://127.0.0.1:8786", "is not accepted"),
        ("tls://192.0.2.1:8786", "set ASSAY_SCHEDULER_CA, ASSAY_SCHEDULER_CERTIFICATE, ASSAY_SCHEDULER_KEY"),
    ],
)
def test_a_scheduler_without_protection_is_refused(tmp_path: Path, address: str, sentence: str) -> None:
    """Plain tcp is taken on the loopback interface only, tls with certificates only."""
    with pytest.raises(BadInput, match=sentence):
        open_cluster(Settings(home=tmp_path, scheduler=address), tmp_path)


def test_a_worker_with_other_versions_is_named(cluster: Cluster, tmp_path: Path) -> None:
    """It would give other numbers under the same key."""
    error = error_of(cluster, order(tmp_path, versions={**versions(), "torch": "1.0.0"}))
    assert "has torch " in error.sentence
    assert error.sentence.endswith("the runner 1.0.0: install the same versions on every machine.")


def test_a_worker_that_does_not_see_the_store_is_named(cluster: Cluster, tmp_path: Path) -> None:
    """On another machine the home folder must be on a shared disk."""
    error = error_of(cluster, order(tmp_path, permits=tmp_path / "elsewhere"))
    assert "does not see the folder" in error.sentence
    assert "ASSAY_HOME" in error.sentence


def order(tmp_path: Path, permits: Path | None = None, versions: dict[str, str] = versions()) -> Order:  # noqa: B008
    permit = Permit((permits or tmp_path) / "permit")
    return Order("0" * 40, "", b"", Workplace(str(tmp_path)), permit, versions)


def error_of(cluster: Cluster, order: Order) -> StepError:
    future = cluster.client.submit(run_step, order, resources={"CPU": 1}, pure=False)
    wait_for(lambda: future.status != "pending", PATIENCE, "the refusal")
    error = future.exception()
    assert isinstance(error, StepError)
    return error


def test_a_worker_that_is_stopped_comes_back(cluster: Cluster) -> None:
    """The nanny starts a fresh process under the same name, and the runner counts on it in between."""
    address, before = next(iter(cluster.client.run(os.getpid).items()))
    cluster.stop_worker(address)
    cluster.look()
    assert cluster.count("cpu") == 2
    wait_for(
        lambda: before not in (pids := cluster.client.run(os.getpid, on_error="ignore").values()) and len(pids) == 2,
        PATIENCE,
        "a new process",
    )


def pause(dask_worker: Any) -> None:
    """What Dask does where the memory of a worker is full."""
    dask_worker.status = Status.paused


def wait_at(gate: str) -> None:
    """A step that runs until somebody opens the other end of a pipe."""
    Path(gate).read_bytes()


def test_a_worker_that_pauses_for_memory_is_started_anew_once_it_runs_nothing(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask gives it steps that it never begins; the one that it runs is not taken from it."""
    monkeypatch.setattr(cluster_module, "PAUSED_TOO_LONG", 0.0)
    address, before = next(iter(cluster.client.run(os.getpid).items()))
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    future = cluster.client.submit(wait_at, str(gate), workers=[address], pure=False)

    def reported() -> Any:
        return cluster.client.scheduler_info()["workers"][address]

    wait_for(lambda: reported()["metrics"]["task_counts"].get("executing") == 1, PATIENCE, "the step")
    cluster.client.run(pause, workers=[address])
    wait_for(lambda: reported()["status"] == "paused", PATIENCE, "the pause")
    cluster.look()
    assert cluster.paused == {}
    gate.write_bytes(b"")
    future.result(PATIENCE)

    def looked() -> bool:
        cluster.look()
        return before not in cluster.client.run(os.getpid, on_error="ignore").values()

    wait_for(looked, PATIENCE, "a new process")
    wait_for(lambda: len(cluster.client.run(os.getpid, on_error="ignore")) == 2, PATIENCE, "both workers")
    cluster.look()
    assert cluster.paused == {}


@pytest.mark.parametrize("fresh", [False, True])
def test_steps_leave_the_processor_to_the_page_server(cluster: Cluster, fresh: bool) -> None:
    """A step runs at a lower priority than the runner, also on a worker that its nanny has started again."""
    if fresh:
        address, before = next(iter(cluster.client.run(os.getpid).items()))
        cluster.stop_worker(address)
        wait_for(
            lambda: (
                before not in (pids := cluster.client.run(os.getpid, on_error="ignore").values()) and len(pids) == 2
            ),
            PATIENCE,
            "a new process",
        )
    futures = [
        cluster.client.submit(niceness, workers=[worker], pure=False, resources={"CPU": 1})
        for worker in cluster.client.run(os.getpid)
    ]
    assert cluster.client.gather(futures) == [min(19, niceness() + NICENESS)] * 2


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)  # of the thread that asks


def test_a_worker_that_has_ended_can_be_stopped_again(cluster: Cluster) -> None:
    """Two jobs may let go of the same worker, or it dies in the very moment: nothing is left to do."""
    before = cluster.client.run(os.getpid)
    cluster.stop_worker("tls://127.0.0.1:1")
    assert cluster.client.run(os.getpid) == before


def test_a_worker_that_stays_away_ends_the_runner(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started again as a whole, the runner has all its workers."""
    watched = Cluster(cluster.client, cluster.own)
    watched.seen["cpu-9"] = (float("-inf"), Worker("cpu", "processor", 1, 1))
    with pytest.raises(ConnectionError, match="cpu-9"):
        watched.look()


def test_of_a_withdrawn_permit_the_worker_is_known_or_the_step_does_not_begin(tmp_path: Path) -> None:
    """The address is in the permit, or `begin` says no."""
    permit = Permit(tmp_path / "permit")
    permit.issue()
    assert permit.begin("tls://127.0.0.1:1")
    assert permit.begin("tls://127.0.0.1:22")  # the step is run again elsewhere
    assert permit.worker() == "tls://127.0.0.1:22"
    assert permit.withdraw() == "tls://127.0.0.1:22"
    assert not permit.begin("tls://127.0.0.1:3")
    assert permit.worker() == permit.withdraw() == ""
