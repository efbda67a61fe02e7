"""Remarks on stretches of a run's time, such as "heater test, planned".

They belong to the run of one workspace, not to the result: two workspaces that ask the same question share its result
and see nothing of each other's remarks. Whoever holds a link to the result reads what the workspace that made the link
has written, also later on: a link shows what its owner sees. They are deleted with the run.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sql

from core.errors import BadInput, NotFound
from core.store.database import annotation_rows, runs
from core.store.names import shown
from core.store.rights import look_up
from core.store.shares import look_up_shared
from core.store.store import Store

LONGEST_TEXT = 200  # characters
MOST = 500  # of one run


@dataclass(frozen=True)
class Annotation:
    """A remark.

    Attributes:
        id: to delete it.
        parameter: the column that it is about; empty: all of them.
        start: first moment, milliseconds since 1970-01-01 UTC.
        end: last moment, not before the first.
        text: one line.
        author: as they called themselves.
        created: when it was written, seconds since the epoch.
    """

    id: str
    parameter: str
    start: int
    end: int
    text: str
    author: str
    created: float


def add_annotation(
    store: Store, workspace: str, run: str, parameter: str, start: int, end: int, text: str, author: str = ""
) -> Annotation:
    """Writes a remark on a stretch of a run's time.

    Raises:
        BadInput: no text or too long a one, an end before the start, or too many remarks.
        NotFound: a run that this workspace does not have.
    """
    text = text.strip()
    if not text:
        raise BadInput("The annotation has no text; say in a few words what happened.")
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"The annotation has {len(text)} characters; at most {LONGEST_TEXT} are kept.")
    if end < start:
        raise BadInput("The annotation ends before it starts; swap the two times.")
    made = Annotation(
        secrets.token_urlsafe(16), parameter, int(start), int(end), shown(text), shown(author, "someone"), store.clock()
    )
    with store.writing() as connection:
        row = look_up(connection, runs, made.created, id=run, workspace=workspace)
        there = sql.select(sql.func.count()).where(annotation_rows.c.run == row.id)
        if connection.execute(there).scalar_one() >= MOST:
            raise BadInput(f"This run has {MOST} annotations, as many as are kept; delete some first.")
        connection.execute(
            sql.insert(annotation_rows).values(
                id=made.id,
                workspace=workspace,
                run=row.id,
                parameter=made.parameter,
                start=made.start,
                end=made.end,
                text=made.text,
                author=made.author,
                created=made.created,
            )
        )
    return made


def list_annotations(store: Store, workspace: str, run: str) -> list[Annotation]:
    """The remarks on a run, in the order of time.

    Raises:
        NotFound: a run that this workspace does not have.
    """
    with store.reading() as connection:
        row = look_up(connection, runs, store.clock(), id=run, workspace=workspace)
        return _of_run(connection, row.id)


def list_shared_annotations(store: Store, token: str, place: int) -> list[Annotation]:
    """The remarks on a result behind a link, in the order of time.

    Args:
        store: where they are kept.
        token: of the link.
        place: of the result among those that the link shows, from 1.

    Raises:
        NotFound: forged, expired and revoked links, and a place that the link does not have.
    """
    with store.reading() as connection:
        workspace, keys = look_up_shared(connection, store.clock(), token)
        if not 1 <= place <= len(keys):
            raise NotFound()
        run = sql.select(runs.c.id).where(runs.c.workspace == workspace, runs.c.key == keys[place - 1])
        id = connection.execute(run).scalar()
        return [] if id is None else _of_run(connection, id)


def delete_annotation(store: Store, workspace: str, id: str) -> None:
    """Removes a remark.

    Raises:
        NotFound: one that this workspace does not have.
    """
    with store.writing() as connection:
        row = look_up(connection, annotation_rows, store.clock(), id=id, workspace=workspace)
        connection.execute(sql.delete(annotation_rows).where(annotation_rows.c.id == row.id))


def _of_run(connection: sql.Connection, run: str) -> list[Annotation]:
    found = sql.select(annotation_rows).where(annotation_rows.c.run == run)
    ordered = found.order_by(annotation_rows.c.start, annotation_rows.c.created, annotation_rows.c.id)
    return [
        Annotation(row.id, row.parameter, row.start, row.end, row.text, row.author, row.created)
        for row in connection.execute(ordered)
    ]
