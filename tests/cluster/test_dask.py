"""Steps on a Dask cluster of its own: who is let in, where steps go, what a death of a worker or the scheduler costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from distributed import Client
from distributed.security import Security

from tests.cluster.conftest import PATIENCE, Installation
from tests.core.runner.sample_analyses import runs
from tests.services.dask_cluster import DaskCluster, make_certificates
from tests.services.pretended_card import NAME
from tests.workbench import wait_for


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
    run = installation.wait(installation.ask(device="gpu", steps=3))
    assert (run.state, run.device) == ("done", NAME)
    ran_by = dict(line.split() for line in (installation.folder / "runs").read_text().splitlines())
    card, processor = (str(installation.cluster.worker_process(name).pid) for name in ("gpu", "cpu"))
    assert ran_by == {"square-1": card, "square-2": card, "square-3": card, "square-14": processor}


def test_a_worker_that_dies_costs_its_step_only(installation: Installation) -> None:
    """kill -9 in the middle of a step: it runs again in a fresh process; what was finished is not touched."""
    installation.ensure_runner()
    run = installation.hold_at_second_step(21)
    installation.cluster.worker_process("cpu").kill()
    installation.wait_for_step("square-22", times=2)
    installation.open()
    assert installation.wait(run).state == "done"
    assert [runs(installation.folder).count(f"square-{number}") for number in (21, 22)] == [1, 2]


def test_after_a_restart_of_the_scheduler_a_job_goes_on_from_its_last_finished_step(installation: Installation) -> None:
    """The runner ends with the scheduler, and both are started again by whoever started them, as the workers are."""
    runner = installation.ensure_runner()
    run = installation.hold_at_second_step(31)
    installation.cluster.kill_scheduler()
    wait_for(lambda: not runner.alive, PATIENCE, "the end of the runner")
    assert installation.see(run).state == "running"
    installation.cluster.stop()
    installation.cluster.start()
    installation.ensure_runner()
    installation.wait_for_step("square-32", times=2)
    installation.open()
    assert installation.wait(run).state == "done"
    assert [runs(installation.folder).count(f"square-{number}") for number in (31, 32)] == [1, 2]
