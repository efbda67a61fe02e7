"""Reads predictions from npz."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from core.data.limits import check_memory, check_size
from core.data.npz_arrays import NpzArrays, open_npz
from core.data.predictions import GaussianFile, ScoreFile, ScoreKind, ScorePart, check_disjoint
from core.errors import BadInput

SAVE = "numpy.savez(path, logits=logits, labels=labels)"
SCORE_NAMES: dict[str, ScoreKind] = {"logits": "logits", "probs": "probabilities"}
REPORT_PREFIXES = ("", "test_")  # of the arrays that are reported on
GAUSSIAN_NAMES = ("mean", "std", "target")
_FLOAT64 = 8


def read_predictions_npz(path: Path, filename: str) -> ScoreFile | GaussianFile:
    """Reads `logits` or `probs` [n, K] with `labels` [n], or `mean`, `std` and `target` [n].

    Optional: `groups` and `samples` [n], and the same arrays with the prefix `val_` for repairs. The reported rows may
    carry the prefix `test_` instead of none.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: a missing array, one of another shape, or a damaged file.
        TooLarge: more than the limits, or than there is memory.
    """
    with open_npz(path, filename, SAVE) as held:
        if all(name in held for name in GAUSSIAN_NAMES):
            mean, deviation, target = (_column(held, name) for name in GAUSSIAN_NAMES)
            return GaussianFile(filename, mean, deviation, target, _optional(held, "groups"))
        report = next(filter(None, (_part(held, prefix) for prefix in REPORT_PREFIXES)), None)
        if report is None:
            raise BadInput(
                f"{filename} has no array called logits or probs (it holds {held.held}); save it with {SAVE}, or with "
                "mean, std and target for predictions of numbers."
            )
        return check_disjoint(ScoreFile(filename, report, _part(held, "val_")))


def _part(held: NpzArrays, prefix: str) -> ScorePart | None:
    names = {prefix + name: kind for name, kind in SCORE_NAMES.items() if prefix + name in held}
    if not names:
        if f"{prefix}labels" in held and prefix:
            raise BadInput(
                f"{held.filename} has {prefix}labels without {prefix}logits or {prefix}probs; add them to the file."
            )
        return None
    if f"{prefix}labels" not in held:
        raise BadInput(
            f"{held.filename} has {next(iter(names))} and no array called {prefix}labels (it holds {held.held}); add the "
            "true class of each row, counted from 0."
        )
    for name in names:
        check_scores(held, name)
    scores = {kind: held.read(name) for name, kind in names.items()}
    return ScorePart(
        scores, held.read(f"{prefix}labels"), _optional(held, f"{prefix}groups"), _optional(held, f"{prefix}samples")
    )


def check_scores(held: NpzArrays, name: str, axes: str = "[rows, classes]") -> None:
    """Refuses, from its header, an array that can't be scores.

    Raises:
        BadInput: another number of axes, not numbers, or nothing in it.
        TooLarge: more than the limits, or than there is memory.
    """
    header = held.headers[name]
    shape, wanted = header.shape, axes.count(",") + 1
    if len(shape) == 3 and wanted == 2:
        raise BadInput(
            f"{held.filename}: {name} has shape {shape}; one model is expected here, {axes}: hand this file in as a "
            "population, or save one model."
        )
    if header.dtype.kind not in "fiu":
        raise BadInput(f"{held.filename}: {name} has type {header.dtype}; numbers are expected.")
    if math.prod(shape) == 0:
        raise BadInput(f"{held.filename}: {name} has shape {shape} and holds nothing; {axes} is expected.")
    if len(shape) == wanted:
        check_size(held.filename, *shape[-2:])  # of one model: many are read one at a time
        check_memory(held.filename, math.prod(shape[-2:]) * (header.dtype.itemsize + 2 * _FLOAT64))


def _column(held: NpzArrays, name: str) -> np.ndarray:
    header = held.headers[name]
    if header.dtype.kind not in "biuf":
        raise BadInput(f"{held.filename}: {name} has type {header.dtype}; numbers are expected.")
    check_size(held.filename, math.prod(header.shape), 1)
    return held.read(name)


def _optional(held: NpzArrays, name: str) -> np.ndarray | None:
    return held.read(name) if name in held else None
