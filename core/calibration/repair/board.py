"""The board: every recalibrator on the same rows, ranked by a proper score.

A calibration error alone is a trap: the smallest one may belong to the method that destroyed the ranking. So the board
is ranked by NLL, and Brier score, AUROC, accuracy and conformal sets stand beside the ECE.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.analysis import report
from core.calibration.metrics.auroc import auroc
from core.calibration.metrics.brier import brier
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.ece import ece
from core.calibration.metrics.nll import nll_terms
from core.calibration.metrics.pairs import Pairs, top_label
from core.calibration.metrics.undefined import Undefined
from core.calibration.predictions import Predictions
from core.calibration.repair.conformal import Score, conformal_sets
from core.calibration.repair.entropies import entropy_histogram
from core.calibration.repair.method import Method
from core.calibration.repair.methods import METHODS
from core.calibration.repair.recalibrator import Recalibrator, repaired
from core.calibration.repair.scores import log_softmax, scores_of
from core.calibration.repair.split import Split, same_rows
from core.errors import BadInput

BINS = 15
BEFORE = "none"
COLUMNS = (
    "method",
    "nll",
    "brier",
    "ece_15",
    "ece_em_15",
    "auroc",
    "accuracy",
    "coverage",
    "set_size",
    "infinite_nll",
    "seconds",
    "note",
)


@dataclass(frozen=True, eq=False)
class Board:
    """What came of a comparison.

    Attributes:
        table: one row a method, best NLL first; method `none` is the model before any repair.
        fitted: the repairs by method, without those that couldn't be fitted.
        entropies: `entropy_histogram` of the report rows for each method, `none` among them.
    """

    table: pd.DataFrame
    fitted: Mapping[str, Recalibrator]
    entropies: pd.DataFrame


def board(
    fit: Predictions,
    report_on: Predictions,
    methods: Sequence[Method] = METHODS,
    *,
    score: Score = "lac",
    level: float = 0.9,
    seed: int = 0,
) -> pd.DataFrame:
    """The table of `compare`: one row a method, ranked by NLL.

    Args:
        fit: rows that the recalibrators are fitted on.
        report_on: other rows, on which all methods and the model before any repair are measured.
        methods: which to compare.
        score: conformal score of coverage and set size.
        level: coverage that the conformal sets ask for.
        seed: of methods that draw random numbers and of the conformal halves.

    Returns:
        Columns `method`, `nll` (nats; infinite where a label got probability zero, which is never clipped), `brier`
        (sum over classes), `ece_15`, `ece_em_15`, `auroc` (of the confidence), `accuracy`, `coverage`, `set_size`,
        `infinite_nll` (rows whose NLL is infinite), `seconds` (of the fit), `note`. A method that couldn't be fitted
        has no values, comes last, and its note says why.

    Raises:
        BadInput: The two parts have different classes, or are the same rows.
    """
    return compare(Split(fit, report_on), methods, score=score, level=level, seed=seed).table


def compare(
    parts: Split, methods: Sequence[Method] = METHODS, *, score: Score = "lac", level: float = 0.9, seed: int = 0
) -> Board:
    """Fits each method on one part and measures all on the other. Arguments and errors as in `board`."""
    if parts.fit.classes != parts.report.classes:
        raise BadInput(
            f"Fit part: {parts.fit.classes} classes were found, {parts.report.classes} in the rows to report on; "
            "both parts of one model are expected."
        )
    scores, labels = scores_of(parts.fit), parts.fit.labels
    if same_rows(parts):
        raise BadInput(
            "Fit part: its rows are those to report on; a repair looks better on its own fit rows than it is, so hand "
            "in other val rows, or none and let the rows be split."
        )
    entropies = [entropy_histogram(BEFORE, log_softmax(scores_of(parts.report)))]
    fitted: dict[str, Recalibrator] = {}
    lines = [{"method": BEFORE, **_measured(parts.report, score, level, seed), "note": ""}]
    for index, method in enumerate(methods):
        report(index / len(methods), f"Fit {method.title}")
        started = time.perf_counter()
        try:
            fitted[method.name] = method.fit(scores, labels, seed)
        except BadInput as refusal:
            lines.append({"method": method.name, "note": f"Not fitted: {refusal}"})
            continue
        seconds = time.perf_counter() - started
        after = repaired(fitted[method.name], parts.report)
        entropies.append(entropy_histogram(method.name, scores_of(after)))
        measured = _measured(after, score, level, seed)
        note = _note(method, fitted[method.name], parts.fit, measured)
        lines.append({"method": method.name, **measured, "seconds": seconds, "note": note})
    table = pd.DataFrame(lines, columns=list(COLUMNS)).sort_values("nll", kind="stable", ignore_index=True)
    return Board(table.astype({"infinite_nll": "Int64"}), fitted, pd.concat(entropies, ignore_index=True))


def _measured(after: Predictions, score: Score, level: float, seed: int) -> dict[str, float]:
    pairs = top_label(after)
    terms = nll_terms(after)
    sets = conformal_sets(after.probabilities, after.labels, score, level, seed) if after.n > 1 else None
    return {
        "nll": float(terms.mean()),
        "brier": brier(after),
        "ece_15": ece(pairs, equal_width_cuts(pairs, BINS)),
        "ece_em_15": ece(pairs, equal_mass_cuts(pairs, BINS)),
        "auroc": _or_missing(pairs),
        "accuracy": float(after.correct.mean()),
        "coverage": sets.coverage if sets else np.nan,
        "set_size": sets.size if sets else np.nan,
        "infinite_nll": int(np.isinf(terms).sum()),
    }


def _or_missing(pairs: Pairs) -> float:
    try:
        return auroc(pairs)
    except Undefined:
        return np.nan


def _note(method: Method, fitted: Recalibrator, fit: Predictions, measured: Mapping[str, float]) -> str:
    notes = list(fitted.notes)
    if measured["infinite_nll"]:
        notes.insert(0, f"Gives {measured['infinite_nll']:,} labels probability zero: infinite NLL, not clipped.")
    if method.uses_logits and fit.logits is None:
        notes.append("Fitted on log-probabilities, since no logits are known.")
    return " ".join(notes)
