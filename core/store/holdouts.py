"""Labelled holdouts that can be asked and never read, with a ledger of who asked what.

The labels are stored once and leave this module only inside means that Thresholdout or SparseValidate lets through
(core.calibration.holdout). All noise is drawn from a secret of the holdout and the question, so the same question gets
the same answer, free of charge, also after a restart.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import sqlalchemy as sql
from numpy.typing import ArrayLike

from core.calibration.holdout.thresholdout import default_budget, default_thresholds
from core.errors import BadInput, NotFound
from core.keys import digest_of_bytes
from core.store.database import holdout_questions, holdouts, workspaces
from core.store.holdout_answers import LABEL_TYPE, Question, answer, check
from core.store.holdout_links import HoldoutKey, find_holdout
from core.store.names import shown
from core.store.store import Store

Mechanism = Literal["thresholdout", "sparse_validate"]
MOST_QUESTIONS = 10_000
MOST_LABELS = 5_000_000


@dataclass(frozen=True)
class Holdout:
    """A holdout as those see it who may ask it.

    Attributes:
        id: of the holdout.
        name: as its owner calls it.
        mechanism: who answers.
        samples: of each part.
        classes: number of classes.
        training: whether there is a training part (SparseValidate needs none).
        threshold: T of Thresholdout.
        sigma: noise of Thresholdout.
        budget: how often the holdout may be used.
        budget_left: until there is silence.
        most_questions: that are answered in all.
        asked: questions answered so far, repeats not counted.
        created: when it was stored.
    """

    id: str
    name: str
    mechanism: Mechanism
    samples: int
    classes: int
    training: bool
    threshold: float | None
    sigma: float | None
    budget: int
    budget_left: int
    most_questions: int
    asked: int
    created: float

    @property
    def silent(self) -> bool:
        """Whether no new question is answered any more."""
        return self.budget_left < 1 or self.asked >= self.most_questions


@dataclass(frozen=True)
class Entry:
    """A line of the ledger.

    Attributes:
        number: of the question, from 1; None where there was no answer.
        query: what was asked for.
        claim: SparseValidate: what was to be checked.
        tolerance: SparseValidate: within which bounds.
        subject: the predictions, as the asker calls them.
        asker: who asked.
        link: label of the link that was used; empty: from the owner's workspace.
        answer: in the unit of the query; SparseValidate: 1 where the holdout contradicts the claim, otherwise 0. None:
            silence.
        spends: whether it cost one unit of the budget.
        time: when it was asked first.
        repeated: whether this question had been answered before, and so was free.
    """

    number: int | None
    query: str
    claim: float | None
    tolerance: float | None
    subject: str
    asker: str
    link: str
    answer: float | None
    spends: bool
    time: float
    repeated: bool = False


def create_holdout(
    store: Store,
    workspace: str,
    name: str,
    holdout_labels: ArrayLike,
    training_labels: ArrayLike | None = None,
    *,
    classes: int | None = None,
    mechanism: Mechanism = "thresholdout",
    threshold: float | None = None,
    sigma: float | None = None,
    budget: int | None = None,
    most_questions: int = MOST_QUESTIONS,
) -> Holdout:
    """Stores the labels of a holdout, once and for all.

    Args:
        store: the store.
        workspace: its owner.
        name: as the owner calls it.
        holdout_labels: [n] classes from 0, guarded.
        training_labels: [n] of the part that askers may know; needed by Thresholdout.
        classes: K; the largest label plus one unless given.
        mechanism: who answers.
        threshold: T of Thresholdout, 4/sqrt(n) unless given.
        sigma: of its noise, 1/(4 sqrt(n)) unless given.
        budget: how often the holdout may be used; a tenth of n unless given.
        most_questions: that are answered in all.

    Raises:
        NotFound: no such workspace.
        BadInput: labels that are no classes, parts of different size, limits out of range, or labels that this
            workspace has stored before: a second ledger would hand out a second budget.
    """
    guarded = _labels(holdout_labels, "holdout labels")
    known = None if training_labels is None else _labels(training_labels, "training labels")
    _check_parts(guarded, known, mechanism)
    highest = int(max(part.max() for part in (guarded, known) if part is not None)) + 1
    count = max(highest, 2) if classes is None else classes
    if count < max(highest, 2):
        raise BadInput(f"Classes: {classes} was found, but the labels run to {highest - 1}; {highest} are expected.")
    limit = default_budget(guarded.size) if budget is None else budget
    if not 1 <= limit <= most_questions:
        raise BadInput(
            f"Budget: {limit} of {most_questions} questions is not accepted; 1 <= budget <= questions is expected."
        )
    rules = default_thresholds(guarded.size, threshold, sigma) if mechanism == "thresholdout" else None
    digest = digest_of_bytes(guarded.tobytes())
    kept = b"".join(part.tobytes() for part in (known, guarded) if part is not None)
    id = secrets.token_urlsafe(16)
    with store.writing() as connection:
        if connection.execute(sql.select(workspaces.c.id).where(workspaces.c.id == workspace)).first() is None:
            raise NotFound()
        mine = sql.and_(holdouts.c.workspace == workspace, holdouts.c.digest == digest)
        before = connection.execute(sql.select(holdouts).where(mine)).one_or_none()
        if before is not None:
            raise BadInput(
                f"These labels are stored already, as {before.name}, with {before.budget - before.spent} of "
                f"{before.budget} left; ask that one: a second ledger would hand out a second budget."
            )
        connection.execute(
            sql.insert(holdouts).values(
                id=id,
                workspace=workspace,
                name=shown(name, "Holdout"),
                mechanism=mechanism,
                samples=guarded.size,
                classes=count,
                labels=zlib.compress(kept),
                digest=digest,
                noise=secrets.token_hex(32),
                threshold=rules.threshold if rules else None,
                sigma=rules.sigma if rules else None,
                budget=limit,
                most_questions=most_questions,
                created=store.clock(),
            )
        )
    return get_holdout(store, HoldoutKey.of_owner(workspace, id))


def list_holdouts(store: Store, workspace: str) -> list[Holdout]:
    """All holdouts of a workspace, the newest first."""
    mine = (
        sql.select(holdouts).where(holdouts.c.workspace == workspace).order_by(holdouts.c.created.desc(), holdouts.c.id)
    )
    with store.reading() as connection:
        return [_holdout(row) for row in connection.execute(mine)]


def get_holdout(store: Store, key: HoldoutKey) -> Holdout:
    """A holdout, for its owner or whoever has a link to it.

    Raises:
        NotFound: absent, foreign, expired and revoked all look the same.
    """
    with store.reading() as connection:
        return _holdout(find_holdout(connection, key, store.clock())[0])


def ask_holdout(store: Store, key: HoldoutKey, question: Question, asker: str = "") -> Entry:
    """Asks a holdout; the answer is written into its ledger. What was answered before is answered again for nothing.

    Args:
        store: the store.
        key: the owner's, or a link.
        question: predictions, and what is to be known of them.
        asker: a name for the ledger.

    Returns:
        The line of the ledger; `answer` is None, and nothing is written, once the holdout has gone silent.

    Raises:
        NotFound: no right to ask.
        BadInput: predictions that don't fit the holdout, or a query that can't be asked.
    """
    with store.reading() as connection:
        row = find_holdout(connection, key, store.clock())[0]
    checked = check(row, question)
    now = store.clock()
    with store.writing() as connection:
        row, link = find_holdout(connection, key, now)  # again: what it says now holds until the end of this block
        asked = sql.and_(holdout_questions.c.holdout == row.id, holdout_questions.c.digest == checked.digest)
        before = connection.execute(sql.select(holdout_questions).where(asked)).one_or_none()
        if before is not None:
            return _entry(before, repeated=True)
        line: dict[str, Any] = {
            "query": checked.query.name,
            "claim": checked.claim,
            "tolerance": checked.tolerance,
            "subject": shown(question.subject, "predictions"),
            "asker": shown(asker, "someone"),
            "link": link,
            "time": now,
        }
        if _holdout(row).silent:
            return Entry(number=None, answer=None, spends=False, **line)
        value, spends = answer(row, checked)
        line |= {"answer": value, "spends": spends, "number": row.asked + 1}
        connection.execute(sql.insert(holdout_questions).values(holdout=row.id, digest=checked.digest, **line))
        counted = {"asked": row.asked + 1, "spent": row.spent + spends}
        connection.execute(sql.update(holdouts).where(holdouts.c.id == row.id).values(**counted))
    return Entry(**line)


def ledger(store: Store, key: HoldoutKey) -> list[Entry]:
    """Every question that was answered, the first one first.

    Raises:
        NotFound: no right to see it.
    """
    with store.reading() as connection:
        row = find_holdout(connection, key, store.clock())[0]
        lines = sql.select(holdout_questions).where(holdout_questions.c.holdout == row.id)
        return [_entry(line) for line in connection.execute(lines.order_by(holdout_questions.c.number))]


def _labels(values: ArrayLike, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or not 2 <= array.size <= MOST_LABELS:
        raise BadInput(f"{name}: an array of shape {array.shape} was found; 2 to {MOST_LABELS:,} classes are expected.")
    whole = array.dtype.kind in "iu" or (array.dtype.kind == "f" and bool((array == np.floor(array)).all()))
    if not whole or array.min() < 0 or array.max() >= np.iinfo(LABEL_TYPE).max:
        raise BadInput(f"{name}: whole class numbers from 0 are expected; write labels as integers.")
    return array.astype(LABEL_TYPE)


def _check_parts(guarded: np.ndarray, known: np.ndarray | None, mechanism: str) -> None:
    if mechanism not in ("thresholdout", "sparse_validate"):
        raise BadInput(f"Mechanism: {mechanism!r} is not accepted; thresholdout or sparse_validate is expected.")
    if mechanism == "thresholdout" and known is None:
        raise BadInput("Thresholdout compares the holdout with a training part; training labels are missing.")
    if known is not None and known.size != guarded.size:
        raise BadInput(
            f"The training part has {known.size:,} labels and the holdout {guarded.size:,}; parts of equal size are "
            "expected, so that both carry the same noise: drop samples of the larger one at random."
        )


def _holdout(row: sql.Row[Any]) -> Holdout:
    return Holdout(
        id=row.id,
        name=row.name,
        mechanism=row.mechanism,
        samples=row.samples,
        classes=row.classes,
        training=row.mechanism == "thresholdout",
        threshold=row.threshold,
        sigma=row.sigma,
        budget=row.budget,
        budget_left=row.budget - row.spent,
        most_questions=row.most_questions,
        asked=row.asked,
        created=row.created,
    )


def _entry(row: sql.Row[Any], repeated: bool = False) -> Entry:
    fields = {name: getattr(row, name) for name in Entry.__dataclass_fields__ if name != "repeated"}
    return Entry(**fields, repeated=repeated)
