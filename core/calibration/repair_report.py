"""What mode `repair` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.calibration.repair_params import RepairParams

HALF_INTERVAL = 1.645  # standard errors on either side of a 90 % interval
WORTH_NAMING = 1e-3  # nats by which the best method beats temperature scaling before it is called better


def repair_result(
    params: RepairParams,
    facts: Mapping[str, Any],
    methods: Sequence[Mapping[str, Any]],
    curve: pd.DataFrame,
    before: pd.DataFrame,
    after: pd.DataFrame,
) -> Result:
    """The result of a comparison of repairs.

    Args:
        params: of the run.
        facts: of `parts_of_file_step`.
        methods: of `method_step`, the model as it came first.
        curve: of `temperature_curve_step`.
        before: metrics before temperature scaling.
        after: and after it, on the same rows.
    """
    board = pd.concat([found["board"] for found in methods], ignore_index=True)
    board = board.sort_values("nll", kind="stable", ignore_index=True)
    tables = {
        "repairs": board,
        "conformal": _stacked(methods, "conformal"),
        "temperature_curve": curve,
        "entropies": _stacked(methods, "entropies"),
        "repaired_bins": _stacked(methods, "bins"),
        "metrics": pd.concat([before, after], ignore_index=True),
        "repair_parameters": _parameters(methods, board.method.tolist()),
    }
    return Result(
        answer=_answer(board, facts),
        summary=_summary(board, facts, params),
        tables={name: table for name, table in tables.items() if len(table)},
        notes=_notes(board, facts, params),
    )


def _stacked(methods: Sequence[Mapping[str, Any]], part: str) -> pd.DataFrame:
    found = [one[part] for one in methods if part in one]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _parameters(methods: Sequence[Mapping[str, Any]], ranked: list[str]) -> pd.DataFrame:
    """The fitted repairs as JSON text, with the lines that apply them: what a person takes away, the best first."""
    rows = [(one["board"].method.iloc[0], one["json"], one["snippet"]) for one in methods if one["json"]]
    rows.sort(key=lambda row: ranked.index(row[0]))
    return pd.DataFrame(rows, columns=["method", "json", "snippet"])


def _answer(board: pd.DataFrame, facts: Mapping[str, Any]) -> str:
    before, repaired = _line(board, "none"), board[board.method != "none"].dropna(subset=["nll"])
    if repaired.empty:
        return "No recalibrator could be fitted; the notes on the board say why."
    best = repaired.iloc[0]
    measured = f"measured on {facts['rows']:,} rows after a fit on {facts['fit_rows']:,} others"
    if not best.nll < before.nll:
        return (
            f"No recalibrator lowers the NLL of {before.nll:.4f}, {measured}: the model is best left as it is "
            f"({best.method} comes closest, with {best.nll:.4f})."
        )
    answer = (
        f"{_named(best.method)} repairs it best: NLL falls from {_number(before.nll)} to {best.nll:.4f} and ECE from "
        f"{100 * before.ece_15:.1f} % to {100 * best.ece_15:.1f} %, {measured}."
    )
    if "temperature" in set(repaired.method) and best.method != "temperature":
        gain = _line(repaired, "temperature").nll - best.nll
        if gain < WORTH_NAMING:
            answer += f" Plain temperature scaling (T = {facts['temperature']:.2f}) does as well within {WORTH_NAMING:g} nats."
    trap = repaired.iloc[int(repaired.ece_15.argmin())]
    if trap.method != best.method and trap.nll > best.nll + WORTH_NAMING:
        answer += (
            f" The smallest ECE, {100 * trap.ece_15:.1f} %, belongs to {_named(trap.method).lower()}, whose NLL is "
            f"{_number(trap.nll)}: never choose by ECE alone."
        )
    return answer


def _line(board: pd.DataFrame, method: str) -> pd.Series:
    line: pd.Series = board[board.method == method].iloc[0]
    return line


def _summary(board: pd.DataFrame, facts: Mapping[str, Any], params: RepairParams) -> dict[str, Scalar]:
    before, best = _line(board, "none"), board[board.method != "none"].iloc[0]
    error = HALF_INTERVAL * facts["temperature_error"]
    summary = {
        "best_method": Scalar(
            _named(best.method),
            "Best by NLL",
            description="Lowest negative log-likelihood on rows it was not fitted on.",
        ),
        "best_nll": Scalar(_finite(best.nll), "NLL after", unit="nats", description=f"{_named(best.method)}."),
        "nll_before": Scalar(
            _finite(before.nll), "NLL before", unit="nats", description="The model as it came, same rows."
        ),
        "temperature": Scalar(
            facts["temperature"],
            "Temperature",
            low=_finite(facts["temperature"] - error),
            high=_finite(facts["temperature"] + error),
            description="What the logits are divided by, fitted by NLL; 90 % interval.",
        ),
        "ece_before": Scalar(_finite(before.ece_15), "ECE before", description="15 bins, the model as it came."),
        "best_ece": Scalar(_finite(best.ece_15), "ECE after", description=f"15 bins, {_named(best.method)}."),
        "coverage": Scalar(
            _finite(best.coverage),
            "Conformal coverage",
            description=f"{params.conformal_score.upper()} sets of {_named(best.method)}; {100 * params.conformal_level:g} % was asked for.",
        ),
        "set_size": Scalar(
            _finite(best.set_size), "Conformal set size", unit="classes", description="Mean number of classes in a set."
        ),
        "rows": Scalar(facts["rows"], "Rows reported on", unit="rows"),
        "fit_rows": Scalar(facts["fit_rows"], "Rows fitted on", unit="rows"),
    }
    return summary


def _notes(board: pd.DataFrame, facts: Mapping[str, Any], params: RepairParams) -> tuple[str, ...]:
    notes = list(facts["notes"])
    if not facts["own_parts"]:
        notes.append(
            f"The file has no validation part: {facts['fit_rows']:,} of its rows were drawn to fit on (seed {params.seed}), "
            f"and all numbers, those before the repair too, are of the other {facts['rows']:,}."
        )
    notes.append(
        f"Brier scores on the board are sums over the classes; those of the table of metrics are means, smaller by K = "
        f"{facts['classes']}, as the study has them."
    )
    infinite = board[board.infinite_nll.fillna(0) > 0].method.tolist()
    if infinite:
        notes.append(
            f"Infinite NLL, not clipped: {', '.join(map(_named, infinite))} give some label probability zero, so they can't be used "
            "where being surely wrong has a price."
        )
    failed = board[board.nll.isna()]
    notes += [f"{_named(str(line.method))}: {line.note}" for line in failed.itertuples()]
    if facts["fit_rows"] < 20 * facts["classes"]:
        notes.append(
            f"{facts['fit_rows']:,} rows for {facts['classes']} classes are few: methods with a parameter a class will "
            "overfit; temperature scaling needs the least."
        )
    return tuple(notes)


def _named(method: str) -> str:
    from core.calibration.repair.methods import method_named

    return "The model as it came" if method == "none" else method_named(method).title


def _number(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else "infinity"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
