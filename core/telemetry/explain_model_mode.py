"""Mode `explain_model`: what moves the predictions of an uploaded XGBoost model?"""

from __future__ import annotations

import numpy as np

from core.analysis import Compute, Estimate, Inputs, Step
from core.telemetry.explain_model_params import MOST_CHOSEN, ExplainModelParams
from core.telemetry.explain_model_steps import SHOWN_ROWS, explain_model_step, interactions_step

SECONDS_EACH = 1.2e-8  # of a leaf, a row and a squared level of depth, measured on one core


def compute_explain_model(params: ExplainModelParams, inputs: Inputs) -> Compute:
    """SHAP values of all rows, then the interactions of those that are shown."""
    memory = estimate_explain_model(params, inputs).memory
    model = inputs["model"]
    arguments = {
        "model": model,
        "telemetry": inputs["telemetry"],
        "columns": list(params.columns),
        "rows": params.rows,
        "chosen": list(params.chosen),
    }
    (found,) = yield [
        Step(
            explain_model_step,
            arguments,
            label="SHAP values",
            share=0.6 if params.interactions else 1.0,
            memory=memory,
        )
    ]
    interactions = None
    if params.interactions:
        shown = np.isin(found["rows"], found["shown"])
        (interactions,) = yield [
            Step(
                interactions_step,
                {"model": model, "values": found["values"][shown]},
                label="Interactions",
                share=0.4,
                memory=memory,
            )
        ]
    from core.telemetry.explain_model_report import explain_model_result

    return explain_model_result(params, found, interactions)


def estimate_explain_model(params: ExplainModelParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from what the inspections found."""
    details = inputs["model"].details
    leaves, depth = float(details.get("leaves") or 3_000), int(details.get("max_depth") or 6)
    features, outputs = int(details.get("features") or 50), int(details.get("outputs") or 1)
    table_rows = int(inputs["telemetry"].details.get("rows") or 10_000)
    rows = min(params.rows, table_rows) + len(params.chosen)
    a_row = SECONDS_EACH * leaves * max(depth, 1) ** 2
    seconds = 2.5 + rows * a_row + 2e-8 * table_rows * features
    memory = 400e6 + 500.0 * leaves + 12.0 * rows * features * (outputs + 1) + 16.0 * table_rows
    if params.interactions:
        shown = min(len(params.chosen) or SHOWN_ROWS, MOST_CHOSEN)
        seconds += 1 + 3 * shown * features * a_row
        memory += 12.0 * shown * outputs * features**2
    return Estimate(seconds=seconds, memory=int(memory), steps=2 if params.interactions else 1)
