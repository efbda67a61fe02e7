"""The live curve of a job: merged, bounded, gone with it."""

from __future__ import annotations

import sqlalchemy as sql

from core.analysis import LivePoint
from core.store.curves import MOST_POINTS, record_curve
from core.store.database import job_curves
from core.store.jobs import claim_job, fail_job, finish_job
from core.store.runs import delete_run
from core.store.store import open_store
from tests.core.store.conftest import kept_curve


def _points(*pairs: tuple[float, float]) -> list[LivePoint]:
    return [LivePoint(at, value, "Loss", "iteration") for at, value in pairs]


def test_a_curve_goes_on_over_calls_and_repeated_places_count_once(store, workspace, ask):
    """A job that goes on after a crash reports some iterations again; what is not finite is left out."""
    run = ask(store, workspace)
    claim_job(store, "r")
    assert kept_curve(store, run.key) is None
    record_curve(store, "r", run.key, _points((0, 5.0), (1, 4.0), (2, 3.0)))
    record_curve(store, "r", run.key, _points((2, 3.5), (3, float("nan")), (4, 2.0)))
    curve = kept_curve(store, run.key)
    assert curve.points == ((0, 5.0), (1, 4.0), (2, 3.5), (4, 2.0))
    assert (curve.title, curve.axis) == ("Loss", "iteration")


def test_a_curve_stays_small(store, workspace, ask):
    """However many points are reported, a few hundred stay, with the first and the last."""
    run = ask(store, workspace)
    claim_job(store, "r")
    for start in range(0, 5000, 100):
        record_curve(store, "r", run.key, _points(*((at, -float(at)) for at in range(start, start + 100))))
    points = kept_curve(store, run.key).points
    assert MOST_POINTS / 3 < len(points) <= MOST_POINTS
    assert (points[0], points[-1]) == ((0.0, 0.0), (4999.0, -4999.0))


def test_only_the_holder_of_the_lease_writes(store, workspace, ask):
    """A runner that lost the job adds nothing to its curve."""
    run = ask(store, workspace)
    claim_job(store, "r")
    record_curve(store, "somebody else", run.key, _points((0, 1.0), (1, 2.0)))
    assert kept_curve(store, run.key) is None


def test_a_curve_ends_with_its_job(store, workspace, ask):
    """A done job has its numbers in the result, and a deleted one has nothing."""
    done = ask(store, workspace, n=1)
    claim_job(store, "r")
    record_curve(store, "r", done.key, _points((0, 1.0), (1, 2.0)))
    assert kept_curve(store, done.key) is not None
    finish_job(store, "r", done.key, "cpu")
    assert kept_curve(store, done.key) is None
    deleted = ask(store, workspace, n=2)
    claim_job(store, "r")
    record_curve(store, "r", deleted.key, _points((0, 1.0), (1, 2.0)))
    fail_job(store, "r", deleted.key, "It stopped.")
    assert kept_curve(store, deleted.key) is not None
    delete_run(store, workspace, deleted.id)
    assert kept_curve(store, deleted.key) is None


def test_a_store_from_before_there_were_curves_opens(store, workspace, ask):
    """The table is made when it is missing; what was there stays."""
    run = ask(store, workspace)
    with store.writing() as connection:
        connection.execute(sql.text(f"DROP TABLE {job_curves.name}"))
    again = open_store(store.settings)
    claim_job(again, "r")
    record_curve(again, "r", run.key, _points((0, 1.0)))
    assert kept_curve(again, run.key).points == ((0.0, 1.0),)
