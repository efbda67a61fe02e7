"""Mode `inject`: would I have found it, and would I have understood it?"""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs, Step
from core.telemetry.detect_mode import responders_of
from core.telemetry.detect_steps import Read
from core.telemetry.inject_params import InjectParams
from core.telemetry.inject_steps import places_step, size_step

PLAN = (
    "target",
    "kind",
    "cause",
    "cause_value",
    "duration",
    "answer",
    "size_unit",
    "smallest",
    "largest",
    "sizes",
    "repeats",
    "direction",
    "seed",
)


def compute_inject(params: InjectParams, inputs: Inputs) -> Compute:
    """Finds the places, then tries all sizes side by side."""
    source, memory = inputs["telemetry"], estimate_inject(params, inputs).memory
    known = [str(column["name"]) for column in source.details.get("columns") or ()]
    responders = [name for name in responders_of(params.responders, source, known) if name != params.cause]
    asked = {
        "read": Read(source, params.ingest(), params.amplitude, params.seed),
        "recipe": params.recipe(),
        "plan": params.model_dump(include=set(PLAN)),
        "responders": responders,
    }
    (facts,) = yield [
        Step(
            places_step,
            asked,
            device=params.device,
            label="Fitting the first model, finding places",
            share=0.08,
            memory=memory,
        )
    ]
    tables = yield [
        Step(
            size_step,
            {
                **asked,
                "cause_value": facts["cause_value"],
                "starts": facts["starts"],
                "signs": facts["signs"],
                "size": size,
            },
            device=params.device,
            label=f"Events of {size:.3g}{' ' + facts['unit'] if facts['unit'] else ''}",
            share=0.92 / len(facts["sizes"]),
            memory=memory,
        )
        for size in facts["sizes"]
    ]
    import pandas as pd

    from core.telemetry.inject_report import inject_result

    return inject_result(pd.concat(tables, ignore_index=True), facts["cause_value"], facts["notes"])


def estimate_inject(params: InjectParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of rows and columns alone; half of the events are taken as found."""
    details = inputs["telemetry"].details
    file_rows, columns = int(details.get("rows") or 20_000), int(details.get("column_count") or 20)
    rows = min(file_rows, 50_000)
    by_role = [str(column.get("role")) for column in details.get("columns") or ()]
    covariates = len(params.covariates) or by_role.count("covariate") + by_role.count("state")
    fit = 0.5 + rows * 4e-5
    each = 0.02 + rows * 3e-6 + (0.3 + 0.02 * covariates + rows * covariates * 2e-7) * (covariates > 0) / 2
    return Estimate(
        seconds=0.5 + file_rows * columns * 5e-8 + (1 + params.sizes) * fit + params.sizes * params.repeats * each,
        memory=int(450e6 + 24.0 * file_rows + 8.0 * rows * min(columns, 2000) * 5),
        steps=1 + params.sizes,
    )
