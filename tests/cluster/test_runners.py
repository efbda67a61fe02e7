"""Two runners on one job table: one that dies loses its jobs to the other."""

from __future__ import annotations

from tests.cluster.conftest import PATIENCE, Installation
from tests.core.runner.sample_analyses import runs
from tests.workbench import wait_for


def test_the_other_runner_takes_over_when_the_leases_of_a_killed_one_have_run_out(installation: Installation) -> None:
    """kill -9 of the runner in the middle of a job: the other one ends it, and the result is there once."""
    runners = {str(runner.pid): runner for runner in (installation.start_runner(), installation.start_runner())}
    run = installation.hold_at_second_step(41)
    before = installation.holder(run)
    (pid,) = [pid for pid in runners if f"-{pid}-" in before]
    runners.pop(pid).kill()
    (other,) = runners
    wait_for(lambda: f"-{other}-" in installation.holder(run), PATIENCE, "the claim of the other runner")
    installation.open()
    assert installation.wait(run).state == "done"
    assert runs(installation.folder).count("square-41") == 1
    results = [path.name for path in (installation.home / "results").glob("*/*")]
    assert results.count(run.key) == 1
    assert not list((installation.home / "tmp").iterdir())
