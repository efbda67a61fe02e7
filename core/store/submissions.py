"""Predictions for a holdout, read from somebody's file in a process of its own."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import Any

import numpy as np

from core.analysis import Source
from core.calibration.predictions import Predictions
from core.calibration.submission import Submission
from core.store.folders import draft_in
from core.store.holdout_answers import Question
from core.store.inspection import ask
from core.store.sources import source_here
from core.store.store import Store


def submission_of(store: Store, source: Source) -> Submission:
    """Reads both parts of a file; this process sees only the checked numbers.

    Raises:
        BadInput: the file can't be used.
    """
    folder = draft_in(store.tmp)
    folder.mkdir()
    try:
        target = folder / "parts.npz"
        with source_here(store.shelves, source) as local:
            plain = asdict(local) | {"details": {}}
            ask(store.settings, source.name, "core.store.readers.submission", plain, str(target))
        with np.load(target, allow_pickle=False) as arrays:
            known = _part(arrays, "training") if "training_labels" in arrays else None
            return Submission(_part(arrays, "holdout"), known)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def question_of(
    submission: Submission,
    query: str,
    subject: str,
    training: bool,
    claim: float | None = None,
    tolerance: float | None = None,
) -> Question:
    """What a file asks.

    Args:
        submission: the file.
        query: "accuracy", "brier" or "nll".
        subject: what the asker calls the predictions.
        training: whether the mechanism compares with the training part.
        claim: of SparseValidate.
        tolerance: of SparseValidate.
    """
    known = submission.training if training else None
    return Question(
        query=query,
        holdout=_values(submission.holdout),
        training=None if known is None else _values(known),
        scores="probabilities" if submission.holdout.logits is None else "logits",
        claim=claim,
        tolerance=tolerance,
        subject=subject,
    )


def _part(arrays: Any, name: str) -> Predictions:
    logits = arrays.get(f"{name}_logits")
    return Predictions(logits, arrays[f"{name}_probabilities"], arrays[f"{name}_labels"])


def _values(part: Predictions) -> np.ndarray:
    return part.probabilities if part.logits is None else part.logits
