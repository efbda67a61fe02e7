"""The live curve of a job: a few hundred points that its steps report to be watched, gone when the job is done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from core.analysis import LivePoint
from core.store.database import job_curves, jobs
from core.store.store import Store

MOST_POINTS = 300


@dataclass(frozen=True)
class Curve:
    """What is drawn while a job runs.

    Attributes:
        title: of the values.
        axis: what the places count.
        points: (place, value), the places increasing.
    """

    title: str
    axis: str
    points: tuple[tuple[float, float], ...]


def record_curve(store: Store, runner: str, key: str, points: Sequence[LivePoint]) -> None:
    """Adds points to the curve of a job; one at a place that is there already takes its place.

    So a job that goes on after a crash, and repeats a part of its last step, has one curve. When there are too many
    points, every second of the older ones is dropped.

    Args:
        store: the store.
        runner: who holds the lease; without it nothing is written.
        key: of the job.
        points: in the order in which they were reported; what is not finite is left out.
    """
    finite = [point for point in points if math.isfinite(point.at) and math.isfinite(point.value)]
    if not finite:
        return
    with store.writing() as connection:
        held = sql.select(jobs.c.key).where(jobs.c.key == key, jobs.c.runner == runner, jobs.c.state == "running")
        if connection.execute(held).first() is None:
            return
        row = connection.execute(sql.select(job_curves).where(job_curves.c.key == key)).one_or_none()
        merged = dict(map(tuple, row.points)) if row is not None else {}
        merged.update((point.at, point.value) for point in finite)
        kept = thinned(sorted(merged.items()))
        values = {"title": finite[-1].title, "axis": finite[-1].axis, "points": [list(point) for point in kept]}
        if row is None:
            connection.execute(sql.insert(job_curves).values(key=key, **values))
        else:
            connection.execute(sql.update(job_curves).where(job_curves.c.key == key).values(**values))


def list_curves(store: Store) -> dict[str, Curve]:
    """The curves of all jobs that run, by their keys."""
    wanted = sql.select(job_curves).join(jobs, jobs.c.key == job_curves.c.key).where(jobs.c.state == "running")
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    return {row.key: Curve(row.title, row.axis, tuple((at, value) for at, value in row.points)) for row in rows}


def thinned(points: list[tuple[float, float]], most: int = MOST_POINTS) -> list[tuple[float, float]]:
    """At most so many points: while there are more, every second one goes, but neither the first nor the last.

    >>> thinned([(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)], most=3)
    [(0.0, 1.0), (2.0, 3.0), (3.0, 4.0)]
    """
    while len(points) > most:
        points = [*points[:-1:2], points[-1]]
    return points
