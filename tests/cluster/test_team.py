"""A team's installation on real parts: PostgreSQL, object store, Dask cluster with TLS, two page servers, two runners."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from distributed import Client
from distributed.security import Security

from core.settings import Settings
from core.store import Store, get_run, load_result, new_workspace, open_store, read_cookie, result_path, submit
from core.store.bundles import MARKER
from tests.cluster.conftest import PATIENCE, Installation, Question
from tests.core.runner.sample_analyses import runs
from tests.services.dask_cluster import DaskCluster, make_certificates
from tests.services.object_store import ObjectStore
from tests.services.postgres import Postgres
from tests.services.pretended_card import NAME
from tests.services.runners import runner
from tests.workbench import Workbench, wait_for

pytestmark = pytest.mark.timeout(1200)  # a loaded machine takes long to start so many processes

AWAY = "The data base does not answer at the moment."
QUESTIONS = (Question("landscape", {"mode": "zoo"}, {"checkpoints": "digits-zoo"}),)  # seven tables, a second or two


@pytest.fixture(scope="module")
def pages(installation: Installation) -> tuple[Workbench, Workbench]:
    return installation.start_pages(), installation.start_pages()


@pytest.fixture(scope="module")
def browsers(pages: tuple[Workbench, Workbench]) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """One visitor of both servers: the first one gave out the cookie."""
    with httpx.Client(base_url=pages[0].url) as first, httpx.Client(base_url=pages[1].url) as second:
        first.get("/", headers={"Accept": "text/html"}).raise_for_status()
        second.cookies = first.cookies
        yield first, second


def both(browsers: tuple[httpx.Client, httpx.Client], address: str) -> Any:
    """The content at an address, which is the same on both servers; of a job that goes on, as soon as it stands still."""
    found: list[bytes] = []

    def same() -> bool:
        first, second = (browser.get(address) for browser in browsers)
        assert (first.status_code, second.status_code) == (200, 200), (first.text, second.text)
        found[:] = [first.content]
        return bool(first.content == second.content)

    wait_for(same, 20, f"the same content at {address} on both servers")
    return found[0]


def test_two_page_servers_show_the_same_job_and_its_result(
    installation: Installation, pages: tuple[Workbench, Workbench], browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    """A cookie of one opens the workspace on the other; neither has a runner of its own."""
    again = browsers[1].get("/", headers={"Accept": "text/html"})
    assert (again.status_code, "set-cookie" in again.headers) == (200, False)
    workspace = read_cookie(installation.store, browsers[0].cookies["assay_workspace"])
    assert workspace is not None
    installation.workspace = workspace
    assert all(len(server.descendants()) == 1 for server in pages)

    run = installation.ask(first=1, steps=1, gate="open")
    (listed,) = json.loads(both(browsers, "/api/runs"))
    assert (listed["id"], listed["state"], listed["place"]) == (run.id, "queued", 1)
    installation.ensure_runner()
    installation.wait_for_step("square-1")
    assert json.loads(both(browsers, f"/api/runs/{run.id}"))["state"] == "running"
    installation.open()
    assert installation.wait(run).state == "done"
    assert json.loads(both(browsers, f"/api/results/{run.id}/result.json"))["answer"] == "The sum is 1."


def test_while_the_job_table_is_restarted_nothing_is_lost(
    installation: Installation, server: Postgres, browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    """Pages and routes say it in a sentence, the runner goes on with its steps, and all find the table again."""
    working = installation.ensure_runner()
    run = installation.hold_at_second_step(11)
    server.stop()
    for browser in browsers:
        answer = browser.get(f"/api/runs/{run.id}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["error"].startswith(AWAY)
    page = httpx.get(f"{browsers[0].base_url}", headers={"Accept": "text/html"})  # of somebody new, without a cookie
    assert (page.status_code, page.headers["refresh"]) == (503, "5")
    assert page.text.startswith(AWAY)
    installation.open()
    wait_for(lambda: AWAY in installation.log, PATIENCE, "the word of the runner that the table is away")
    server.start()
    assert installation.wait(run).state == "done"
    assert working.alive
    assert [runs(installation.folder).count(f"square-{number}") for number in (11, 12)] == [1, 1]
    assert json.loads(both(browsers, f"/api/runs/{run.id}"))["state"] == "done"


def test_the_cluster_gives_the_laptop_s_bytes(installation: Installation, tmp_path: Path) -> None:
    """Summary and tables are the same from SQLite, a folder and own workers, and from PostgreSQL, objects and Dask's."""
    installation.ensure_runner()
    alone = open_store(Settings(home=tmp_path / "home", jobs_at_once=len(QUESTIONS)))
    workspace = new_workspace(alone)
    variables = {"ASSAY_HOME": str(alone.home), "ASSAY_WORKERS": "1", "ASSAY_GPUS": "0"}
    pairs = [(submit(alone, workspace, *question.asked), installation.ask_question(question)) for question in QUESTIONS]
    with runner(variables, tmp_path / "runner.log"):
        wait_for(
            lambda: all(get_run(alone, workspace, run.id).state in ("done", "failed") for run, _ in pairs),
            PATIENCE,
            "the end of the runs",
            0.5,
        )
    for here, there in pairs:
        assert installation.wait(there).state == get_run(alone, workspace, here.id).state == "done"
        assert content(alone, here.key) == content(installation.store, there.key)


def content(store: Store, key: str) -> dict[str, bytes]:
    """What a result says: summary and notes as canonical JSON, tables and arrays as the bytes of their files."""
    load_result(store, key)  # brings it here
    folder = result_path(store, key)
    description = json.loads((folder / "result.json").read_bytes())
    said = {name: description[name] for name in ("key", "answer", "summary", "quantities", "notes", "params", "inputs")}
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("tables/*.parquet"))}
    assert files
    return {"said": json.dumps(said, sort_keys=True, allow_nan=False).encode(), **files}


def test_who_has_no_certificate_of_the_authority_is_refused(cluster: DaskCluster, tmp_path: Path) -> None:
    """Not in plain text, and not with a certificate that another authority has signed."""
    with pytest.raises(OSError, match=r"Timed out|closed|refused|reset"):
        Client(cluster.address.replace("tls://", "tcp://"), timeout="2s", set_as_default=False)
    other = make_certificates(tmp_path)
    stranger = Security(
        tls_ca_file=str(cluster.certificates.ca),
        tls_client_cert=str(other.certificate),
        tls_client_key=str(other.key),
        require_encryption=True,
    )
    with pytest.raises(OSError, match=r"Timed out|closed|refused|certificate"):
        Client(cluster.address, security=stranger, timeout="2s", set_as_default=False)


def test_each_step_runs_where_its_device_is(installation: Installation) -> None:
    """Steps for a card go to the worker with GPU=1, the others to the one with CPU=1; the run says what ran it."""
    installation.ensure_runner()
    run = installation.wait(installation.ask(device="gpu", first=51, steps=2))
    assert (run.state, run.device) == ("done", NAME)
    ran_by = dict(line.split() for line in (installation.folder / "runs").read_text().splitlines())
    card, processor = (str(installation.cluster.worker_process(name).pid) for name in ("gpu", "cpu"))
    assert [ran_by[f"square-{number}"] for number in (51, 52, 51**2 + 52**2)] == [card, card, processor]


def test_a_worker_that_dies_costs_its_step_only(installation: Installation) -> None:
    """kill -9 in the middle of a step: it runs again in a fresh process; what was finished is not touched."""
    installation.ensure_runner()
    run = installation.hold_at_second_step(21)
    installation.cluster.worker_process("cpu").kill()
    installation.wait_for_step("square-22", times=2)
    installation.open()
    assert installation.wait(run).state == "done"
    assert [runs(installation.folder).count(f"square-{number}") for number in (21, 22)] == [1, 2]


def test_the_other_runner_takes_over_when_the_leases_of_a_killed_one_have_run_out(
    installation: Installation, objects: ObjectStore
) -> None:
    """kill -9 of the runner in the middle of a job: the other one ends it, and the result is there once."""
    runners = {str(one.pid): one for one in (installation.ensure_runner(), installation.start_runner())}
    run = installation.hold_at_second_step(41)
    before = installation.holder(run)
    (pid,) = [pid for pid in runners if f"-{pid}-" in before]
    runners.pop(pid).kill()
    (other,) = runners
    wait_for(lambda: f"-{other}-" in installation.holder(run), PATIENCE, "the claim of the other runner")
    installation.open()
    assert installation.wait(run).state == "done"
    assert runs(installation.folder).count("square-41") == 1
    found = objects.files().find(installation.shared["ASSAY_STORE"])
    assert len([name for name in found if "/results/" in name and run.key in name and name.endswith(MARKER)]) == 1


def test_after_a_restart_of_the_scheduler_a_job_goes_on_from_its_last_finished_step(installation: Installation) -> None:
    """The runner ends with the scheduler, and both are started again by whoever started them, as the workers are."""
    working = installation.ensure_runner()
    run = installation.hold_at_second_step(31)
    installation.cluster.kill_scheduler()
    wait_for(lambda: not working.alive, PATIENCE, "the end of the runner")
    assert installation.see(run).state == "running"
    installation.cluster.stop()
    installation.cluster.start()
    installation.ensure_runner()
    installation.wait_for_step("square-32", times=2)
    installation.open()
    assert installation.wait(run).state == "done"
    assert [runs(installation.folder).count(f"square-{number}") for number in (31, 32)] == [1, 2]
