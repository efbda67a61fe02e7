"""The steps of mode `repair`: each reads the file, draws the same parts, and answers with plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.calibration.evaluate_steps import cooled, plain
from core.calibration.reading import Scores, read_classifier

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis import Source
    from core.calibration.repair.conformal import Score
    from core.calibration.repair.split import Split

CURVE_POINTS = 61
CURVE_SPAN = 6.0  # the curve goes from T/6 to 6 T
DIAGRAM_BINS = 15


def parts(source: Source, scores: Scores, fit_share: float, seed: int) -> Split:
    """The rows to fit on and the rows to report on: the file's own parts, or a split class by class."""
    from core.calibration.repair.split import Split, split

    model = read_classifier(source, scores)
    return split(model.report, fit_share, seed) if model.fit is None else Split(model.fit, model.report)


def parts_of_file_step(source: Source, scores: Scores, fit_share: float, seed: int) -> dict[str, Any]:
    """What is fitted on what: `rows`, `fit_rows`, `classes`, `own_parts`, `notes`, and the optimal temperature."""
    from core.calibration.repair.scores import scores_of
    from core.calibration.repair.temperature import find_temperature

    model = read_classifier(source, scores)
    split = parts(source, scores, fit_share, seed)
    found = find_temperature(scores_of(split.fit), split.fit.labels)
    return {
        "rows": split.report.n,
        "fit_rows": split.fit.n,
        "classes": split.report.classes,
        "own_parts": model.fit is not None,
        "notes": [*model.notes, *found.notes],
        "temperature": found.temperature,
        "temperature_error": found.standard_error,
    }


def method_step(
    source: Source,
    scores: Scores,
    fit_share: float,
    seed: int,
    conformal_score: Score,
    conformal_level: float,
    method: str,
) -> dict[str, Any]:
    """One method, or "none": its line of the board, its parameters, conformal sets, diagram and entropies.

    Returns:
        `board` (one row), `json` and `snippet` ("" where nothing was fitted), `conformal` (one row a score), `bins`
        (the reliability diagram), `entropies` (their histogram).
    """
    import pandas as pd

    from core.calibration.metrics.diagrams import binned_diagram
    from core.calibration.metrics.pairs import top_label
    from core.calibration.predictions import Predictions
    from core.calibration.repair.board import BEFORE, compare
    from core.calibration.repair.conformal import SCORES, conformal_sets
    from core.calibration.repair.methods import method_named
    from core.calibration.repair.recalibrator import apply_snippet, to_json
    from core.calibration.repair.scores import log_softmax, scores_of

    split = parts(source, scores, fit_share, seed)
    chosen = () if method == BEFORE else (method_named(method),)
    board = compare(split, chosen, score=conformal_score, level=conformal_level, seed=seed)
    line = board.table[board.table.method == method].drop(columns="seconds")
    found: dict[str, Any] = {"board": plain(line), "json": "", "snippet": ""}
    if method in board.fitted:
        found |= {"json": to_json(board.fitted[method]), "snippet": apply_snippet(board.fitted[method])}
        logs = board.fitted[method].log_apply(scores_of(split.report))
    elif method == BEFORE:
        logs = log_softmax(scores_of(split.report))
    else:
        return found  # it couldn't be fitted; its line says why
    report(0.7, "Conformal sets")
    after = Predictions(logs, np.exp(logs), split.report.labels)
    sets = [conformal_sets(after.probabilities, after.labels, name, conformal_level, seed) for name in SCORES]
    found["conformal"] = pd.DataFrame(
        [(method, one.score, one.level, one.coverage, one.size, one.empty, one.threshold) for one in sets],
        columns=["method", "score", "level", "coverage", "set_size", "empty", "threshold"],
    )
    found["bins"] = plain(binned_diagram(top_label(after), DIAGRAM_BINS, seed=seed).assign(method=method))
    found["entropies"] = plain(board.entropies[board.entropies.method == method])
    return found


def temperature_curve_step(source: Source, scores: Scores, fit_share: float, seed: int) -> pd.DataFrame:
    """NLL of both parts and ECE of the reported one along the temperature: `temperature`, `fit_nll`, `nll`, `ece_15`."""
    import pandas as pd

    from core.calibration.metrics.cuts import equal_width_cuts
    from core.calibration.metrics.ece import ece
    from core.calibration.metrics.nll import nll
    from core.calibration.metrics.pairs import top_label
    from core.calibration.repair.scores import scores_of
    from core.calibration.repair.temperature import find_temperature

    split = parts(source, scores, fit_share, seed)
    optimum = find_temperature(scores_of(split.fit), split.fit.labels).temperature

    rows = []
    for temperature in optimum * np.geomspace(1 / CURVE_SPAN, CURVE_SPAN, CURVE_POINTS):
        reported = cooled(split.report, temperature)
        pairs = top_label(reported)
        error = ece(pairs, equal_width_cuts(pairs, DIAGRAM_BINS))
        rows.append((temperature, nll(cooled(split.fit, temperature)), nll(reported), error))
        report(len(rows) / CURVE_POINTS, "Loss by temperature")
    return pd.DataFrame(rows, columns=["temperature", "fit_nll", "nll", "ece_15"])


def stage_step(source: Source, scores: Scores, fit_share: float, seed: int, stage: str, resamples: int) -> pd.DataFrame:
    """Every metric of the reported rows before ("pre") or after ("post") temperature scaling."""
    from core.calibration.metrics.evaluate import evaluate
    from core.calibration.repair.scores import scores_of
    from core.calibration.repair.temperature import fit_temperature

    split = parts(source, scores, fit_share, seed)
    reported = split.report
    if stage == "post":
        temperature = fit_temperature(scores_of(split.fit), split.fit.labels)
        reported = cooled(reported, temperature)
    table = evaluate(reported, resamples=resamples, seed=seed)
    table.insert(2, "stage", stage)
    return plain(table)
