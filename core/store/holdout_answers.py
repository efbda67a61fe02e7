"""The answer to one question about a holdout: submitted predictions beside stored labels, blurred by a secret."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import sqlalchemy as sql
from numpy.typing import ArrayLike

from core.calibration.holdout.queries import Query, query_named
from core.calibration.holdout.thresholdout import Thresholds
from core.calibration.predictions import Predictions, from_logits, from_probabilities
from core.errors import BadInput

LABEL_TYPE = np.dtype("<i4")  # as labels are stored


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        query: "accuracy", "brier" or "nll".
        holdout: [n, K] predictions for the rows of the holdout, in the order in which it was stored.
        training: [n, K] for those of the training part; None for SparseValidate.
        scores: what the predictions are.
        claim: of SparseValidate: the value that is to be checked, in the unit of the query.
        tolerance: of SparseValidate: by how much the holdout may differ from it.
        subject: what the asker calls the predictions, for the ledger.
    """

    query: str
    holdout: ArrayLike
    training: ArrayLike | None = None
    scores: Literal["logits", "probabilities"] = "probabilities"
    claim: float | None = None
    tolerance: float | None = None
    subject: str = ""


@dataclass(frozen=True, eq=False)
class Checked:
    """A question that fits its holdout.

    Attributes:
        query: what is asked for.
        means: of the query's values, in [0, 1]: of the training part, where there is one, and of the holdout.
        digest: of what the asker sent.
        claim: of SparseValidate.
        tolerance: of SparseValidate.
    """

    query: Query
    means: tuple[float, ...]
    digest: str
    claim: float | None
    tolerance: float | None


def check(row: sql.Row[Any], question: Question) -> Checked:
    """Evaluates a question on the stored labels.

    Raises:
        BadInput: predictions that don't fit the holdout, or a query that can't be asked.
    """
    query = query_named(question.query)
    claim, tolerance = _claim(row.mechanism, query, question)
    parts = _submitted(row, question)
    means = tuple(float(query.values(part).mean()) for part in parts)
    return Checked(query, means, _digest(query, parts, claim, tolerance), claim, tolerance)


def answer(row: sql.Row[Any], asked: Checked) -> tuple[float, bool]:
    """The answer in the unit of the query, and whether it spends; all noise comes from the holdout's secret."""
    if asked.claim is not None and asked.tolerance is not None:
        contradicted = abs(asked.means[-1] * asked.query.scale - asked.claim) > asked.tolerance
        return float(contradicted), contradicted
    rules = Thresholds(row.threshold, row.sigma)
    refreshed = rules.refreshed(_generator(row.noise, f"threshold {row.spent}"))
    found = rules.answer(asked.means[0], asked.means[1], refreshed, _generator(row.noise, f"question {asked.digest}"))
    return found.value * asked.query.scale, found.spends


def _generator(secret: str, purpose: str) -> np.random.Generator:
    seed = hmac.new(bytes.fromhex(secret), purpose.encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(seed, "big"))


def _submitted(row: sql.Row[Any], question: Question) -> tuple[Predictions, ...]:
    """The submitted predictions beside the stored labels: training part first, where there is one."""
    labels = np.frombuffer(zlib.decompress(row.labels), dtype=LABEL_TYPE).reshape(-1, row.samples)
    given = [question.holdout] if question.training is None else [question.training, question.holdout]
    if len(given) != len(labels):
        wanted = "training and holdout rows" if len(labels) == 2 else "holdout rows only"
        raise BadInput(f"{row.name} takes predictions for the {wanted}; {len(given)} part(s) were found.")
    make = from_logits if question.scores == "logits" else from_probabilities
    parts = []
    for name, values, own in zip(("training", "holdout")[-len(given) :], given, labels, strict=True):
        shape = np.shape(values)
        if shape != (row.samples, row.classes):
            raise BadInput(
                f"{row.name}: predictions of shape {shape} were found for the {name} part; "
                f"({row.samples}, {row.classes}) is expected, in the order in which the holdout was stored."
            )
        parts.append(make(values, own))
    return tuple(parts)


def _claim(mechanism: str, query: Query, question: Question) -> tuple[float | None, float | None]:
    if mechanism == "thresholdout":
        if question.claim is not None or question.tolerance is not None:
            raise BadInput("Thresholdout answers with a number and takes no claim; leave claim and tolerance out.")
        return None, None
    claim, tolerance = question.claim, question.tolerance
    if claim is None or tolerance is None or not 0 <= claim <= query.scale or not 0 <= tolerance <= query.scale:
        raise BadInput(
            f"SparseValidate answers yes or no to a claim; a claim and a tolerance from 0 to {query.scale:g} "
            f"{query.unit} are expected, {claim} and {tolerance} were found."
        )
    return float(claim), float(tolerance)


def _digest(query: Query, parts: Sequence[Predictions], claim: float | None, tolerance: float | None) -> str:
    """What makes two questions the same: only what the asker sent.

    Were it what the labels make of it, a free repeat would tell that a change of the predictions made no difference.
    """
    hashed = hashlib.sha256(f"{query.name} {claim!r} {tolerance!r}".encode())
    for part in parts:
        sent = part.predicted.astype(LABEL_TYPE) if query.name == "accuracy" else part.probabilities
        hashed.update(np.ascontiguousarray(sent).tobytes())
        if query.name == "nll" and part.logits is not None:
            hashed.update(np.ascontiguousarray(part.logits, dtype=np.float64).tobytes())
    return hashed.hexdigest()
