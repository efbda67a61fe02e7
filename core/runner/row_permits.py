"""Permits as rows of the job table, for workers that share no folder with their runner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sqlalchemy as sql

from core.errors import BadInput
from core.runner.patience import patiently
from core.settings import settings
from core.store.database import connect, permits, reading, runners, writing


@dataclass(frozen=True)
class RowPermit:
    """A row that exists while a step is wanted, and holds the address of the worker that began it.

    Runner and worker each reach the table by their own ASSAY_DATABASE_URL. While it is away they wait for it.

    Attributes:
        name: of the permit.
        runner: who issued it.
    """

    name: str
    runner: str

    def issue(self) -> None:
        """Enters the row."""
        patiently(self._enter)

    def begin(self, worker: str) -> bool:
        """Notes who runs the step; False where it is no longer wanted.

        Raises:
            BadInput: the worker looks at another table than its runner.
        """
        return patiently(lambda: self._begin(worker))

    def worker(self) -> str:
        """Address of the worker that began the step last; empty where none did."""
        return patiently(self._worker)

    def withdraw(self) -> str:
        """Takes the permit back; returns the address of the worker that may be running the step, or nothing."""
        return patiently(self._withdraw)

    def _enter(self) -> None:
        with writing(_engine()) as connection:
            connection.execute(sql.delete(permits).where(permits.c.name == self.name))
            connection.execute(sql.insert(permits).values(name=self.name, runner=self.runner, worker=""))

    def _begin(self, worker: str) -> bool:
        with writing(_engine()) as connection:
            mine = sql.update(permits).where(permits.c.name == self.name).values(worker=worker)
            if connection.execute(mine).rowcount == 1:
                return True
            known = connection.execute(sql.select(runners.c.runner).where(runners.c.runner == self.runner)).first()
        if known is None:
            raise BadInput(
                f"The worker {worker} does not find its runner in the data base; "
                "set the same ASSAY_DATABASE_URL on every machine."
            )
        return False

    def _worker(self) -> str:
        with reading(_engine()) as connection:
            found = connection.execute(sql.select(permits.c.worker).where(permits.c.name == self.name)).scalar()
        return found or ""

    def _withdraw(self) -> str:
        with writing(_engine()) as connection:
            found = connection.execute(sql.select(permits.c.worker).where(permits.c.name == self.name)).scalar()
            connection.execute(sql.delete(permits).where(permits.c.name == self.name))
        return found or ""


def forget_permits() -> None:
    """Removes the permits of runners that nobody has heard of for long."""
    with writing(_engine()) as connection:
        connection.execute(sql.delete(permits).where(permits.c.runner.not_in(sql.select(runners.c.runner))))


@cache
def _engine() -> sql.Engine:
    return connect(settings().database, settings().database_patience)
