"""What mode `explain_model` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.telemetry.explanation.grouping import order_of

if TYPE_CHECKING:
    from core.telemetry.explain_model_params import ExplainModelParams

MOST_ATTRIBUTIONS = 1_000_000  # lines of the table of single SHAP values
LISTED_PAIRS = 200  # strongest interactions of a row and output
WORTH_SAYING = 1e-4  # additivity error relative to the size of the predictions
MARGINS = {
    "binary:": "log-odds",
    "multi:": "log-odds up to a constant (softmax scores)",
    "count:": "logarithms of the counts",
    "reg:logistic": "log-odds",
    "reg:gamma": "logarithms",
    "reg:tweedie": "logarithms",
    "survival:": "the model's own scale before its link",
    "rank:": "ranking scores",
}


def explain_model_result(
    params: ExplainModelParams, found: Mapping[str, Any], interactions: np.ndarray | None
) -> Result:
    """The result of a run.

    Args:
        params: of the run.
        found: by `explain_model_step`.
        interactions: of the rows that are shown [rows, outputs, features, features]; None where not asked for.
    """
    importance = _importance(found)
    tables = {
        "importance": importance,
        "waterfall": _waterfall(found),
        "attributions": _attributions(found),
    }
    if interactions is not None:
        tables["interactions"] = _interactions(found, interactions)
    return Result(
        answer=_answer(found, importance),
        summary=_summary(found, importance),
        tables=tables,
        arrays={
            "rows": found["rows"],
            "values": found["values"],
            "shap": found["shap"],
            "base": found["base"],
            "margin": found["margin"],
            "prediction": found["prediction"],
            "feature_names": np.array(found["features"], dtype=np.str_),
        },
        notes=_notes(params, found),
    )


def _importance(found: Mapping[str, Any]) -> pd.DataFrame:
    """Mean |SHAP| of each feature: for each output, and as their sum (output -1) where there are several."""
    size = np.abs(found["shap"]).mean(axis=0, dtype=np.float64)  # [outputs, features]
    signed = found["shap"].mean(axis=0, dtype=np.float64)
    parts = [(output, size[output], signed[output]) for output in range(len(size))]
    if len(size) > 1:
        parts.insert(0, (-1, size.sum(axis=0), signed.sum(axis=0)))
    tables = []
    for output, mean_size, mean in parts:
        total = mean_size.sum()
        tables.append(
            pd.DataFrame(
                {
                    "output": output,
                    "feature": found["features"],
                    "mean_abs_shap": mean_size,
                    "share": mean_size / total if total > 0 else np.zeros(len(mean_size)),
                    "mean_shap": mean,
                    "order": order_of(mean_size),
                }
            ).sort_values("order")
        )
    return pd.concat(tables, ignore_index=True)


def _attributions(found: Mapping[str, Any]) -> pd.DataFrame:
    """Every SHAP value of as many rows as fit, spread over those that were explained; the shown ones among them."""
    shap, rows = found["shap"], found["rows"]
    outputs, features = shap.shape[1:]
    most = max(MOST_ATTRIBUTIONS // (outputs * features), 1)
    kept = np.arange(len(rows))
    if len(rows) > most:
        kept = np.linspace(0, len(rows) - 1, most).round().astype(np.int64)
    kept = np.union1d(kept, np.flatnonzero(np.isin(rows, found["shown"])))
    return pd.DataFrame(
        {
            "row": np.repeat(rows[kept], outputs * features),
            "output": np.tile(np.repeat(np.arange(outputs), features), len(kept)),
            "feature": np.tile(np.array(found["features"], dtype=object), len(kept) * outputs),
            "value": np.repeat(found["values"][kept], outputs, axis=0).ravel(),
            "shap": shap[kept].ravel(),
        }
    )


def _waterfall(found: Mapping[str, Any]) -> pd.DataFrame:
    """From base to prediction, the largest step first, for each row that is shown and each output."""
    tables = []
    names = np.array(found["features"], dtype=object)
    for place in np.flatnonzero(np.isin(found["rows"], found["shown"])):
        for output, shap in enumerate(found["shap"][place].astype(np.float64)):
            order = np.argsort(-np.abs(shap), kind="stable")
            tables.append(
                pd.DataFrame(
                    {
                        "row": int(found["rows"][place]),
                        "output": output,
                        "order": np.arange(1, len(order) + 1),
                        "feature": names[order],
                        "value": found["values"][place, order].astype(np.float64),
                        "shap": shap[order],
                        "base": float(found["base"][output]),
                        "prediction": float(found["margin"][place, output]),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def _interactions(found: Mapping[str, Any], interactions: np.ndarray) -> pd.DataFrame:
    """The strongest pairs of each row and output; the two halves of a pair are added up."""
    names = np.array(found["features"], dtype=object)
    first, second = np.triu_indices(len(names), k=1)
    tables = []
    for row, of_row in zip(found["shown"], interactions, strict=True):
        for output, matrix in enumerate(of_row.astype(np.float64)):
            together = matrix[first, second] + matrix[second, first]
            order = np.argsort(-np.abs(together), kind="stable")[:LISTED_PAIRS]
            order = order[together[order] != 0]
            tables.append(
                pd.DataFrame(
                    {
                        "row": int(row),
                        "output": output,
                        "order": np.arange(1, len(order) + 1),
                        "feature": names[first[order]],
                        "other": names[second[order]],
                        "interaction": together[order],
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def _answer(found: Mapping[str, Any], importance: pd.DataFrame) -> str:
    whole = importance[importance.output == importance.output.iloc[0]]
    if not whole.mean_abs_shap.any():
        return f"Nothing moves the predictions of these {len(found['rows']):,} rows: every SHAP value is 0."
    leading = [f"{line.feature} ({100 * float(line.share):.0f} %)" for line in whole.head(3).itertuples()]
    others = f", then {' and '.join(leading[1:])}" if len(leading) > 1 else ""
    return (
        f"Over {len(found['rows']):,} rows {leading[0]} moves the predictions most{others} of all mean |SHAP|; base and SHAP "
        f"values add up to each prediction within {found['additivity_error']:.1e}."
    )


def _summary(found: Mapping[str, Any], importance: pd.DataFrame) -> dict[str, Scalar]:
    facts = found["facts"]
    base = found["base"]
    summary = {
        "top_feature": Scalar(
            str(importance.feature.iloc[0]), "Moves it most", description="The column with the largest mean |SHAP|."
        ),
        "additivity_error": Scalar(
            float(found["additivity_error"]),
            "Additivity error",
            description="Largest |base + sum of SHAP values - prediction| over the rows, on the scale of the margins.",
        ),
        "base_value": Scalar(
            float(base[0]) if len(base) == 1 else None,
            "Base value",
            description="Prediction with no column known."
            if len(base) == 1
            else "One for each output: the array `base` holds them.",
        ),
        "rows": Scalar(len(found["rows"]), "Rows explained", unit="rows"),
        "trees_used": Scalar(
            int(facts["trees_used"]),
            "Trees used",
            unit="trees",
            description=f"Of {facts['trees']:,}; predictions use the rounds up to the best one.",
        ),
        "best_iteration": Scalar(
            facts["best_iteration"],
            "Best iteration",
            description="Round at which training was stopped early, from 0; none where it was not.",
        ),
        "outputs": Scalar(int(facts["outputs"]), "Outputs"),
        "features": Scalar(len(found["features"]), "Columns"),
        "mean_abs_margin": Scalar(
            float(np.abs(found["margin"]).mean()), "Mean |prediction|", description="On the scale of the margins."
        ),
    }
    return summary


def _notes(params: ExplainModelParams, found: Mapping[str, Any]) -> tuple[str, ...]:
    facts = found["facts"]
    notes = list(found["notes"])
    scale = next((words for start, words in MARGINS.items() if facts["objective"].startswith(start)), "")
    if scale:
        notes.append(
            f"Objective {facts['objective']}: predictions and SHAP values are {scale}; the array `prediction` holds what the "
            "model gives after its link."
        )
    if facts["best_iteration"] is not None and facts["rounds_used"] < facts["rounds"]:
        notes.append(
            f"Training was stopped early: the first {facts['rounds_used']:,} of {facts['rounds']:,} rounds count, as in "
            "model.predict of scikit-learn's interface; a booster's own predict would use all of them."
        )
    if facts["outputs"] > 1:
        what = "class" if facts["classes"] else "target"
        notes.append(
            f"The model has {facts['outputs']:,} outputs; `output` numbers them from 0, one a {what}, and -1 in the "
            "importances is their sum."
        )
    if facts["booster"] == "dart":
        notes.append(
            "A dart model: each tree counts with its weight after dropping, in predictions and SHAP values alike."
        )
    if found["table_rows"] > len(found["rows"]):
        notes.append(
            f"{len(found['rows']):,} of {found['table_rows']:,} rows were explained, spread evenly over the table."
        )
    if found["shap"].size > MOST_ATTRIBUTIONS:
        notes.append(
            f"The table of attributions holds about {MOST_ATTRIBUTIONS:,} SHAP values of evenly spread rows; the array `shap` "
            "holds all."
        )
    size = float(np.abs(found["margin"]).max(initial=0.0))
    if found["additivity_error"] > WORTH_SAYING * max(size, 1.0):
        notes.append(
            f"SHAP values miss the predictions by up to {found['additivity_error']:.1e}: XGBoost adds float32 numbers, and loses "
            "digits where the target lies far from zero; train on the target minus its mean."
        )
    empty = np.isnan(found["values"]).mean()
    if empty > 0:
        notes.append(
            f"{100 * empty:.1f} % of the cells are empty; the model sends such rows where it learned to send them."
        )
    return tuple(notes)
