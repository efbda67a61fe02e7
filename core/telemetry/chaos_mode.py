"""Mode `chaos`: how far ahead does the first model see, and what does chaos cost the detector?"""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs, Step
from core.telemetry.chaos_params import FLOW_NAMES, ChaosParams
from core.telemetry.chaos_steps import flow_step


def compute_chaos(params: ChaosParams, inputs: Inputs) -> Compute:
    """One step a flow, side by side."""
    names = _chosen(params)
    estimate = estimate_chaos(params, inputs)
    settings = params.model_dump(exclude={"mode", "flows"})
    found = yield [
        Step(
            flow_step,
            {"name": name, **settings, "sizes": list(params.sizes)},
            label=f"Flow {name}",
            share=1 / len(names),
            memory=estimate.memory,
        )
        for name in names
    ]
    import pandas as pd

    from core.telemetry.chaos_report import chaos_result

    tables = {table: pd.concat([one[table] for one in found], ignore_index=True) for table in found[0]}
    return chaos_result(params, tables)


def estimate_chaos(params: ChaosParams, inputs: Inputs) -> Estimate:
    """The cost on one core; there are no inputs."""
    rows = 1.25 * params.periods * params.rows_per_period
    integrating = 3 + 0.008 * params.periods  # a stiff flow takes longer than an easy one
    training, forecasting = 0.4 + rows * 8e-5, 0.5 + params.starts * params.horizon * params.rows_per_period * 6e-5
    detecting = 0.1 + len(params.sizes) * rows * 2e-5
    flows = len(_chosen(params))
    return Estimate(
        seconds=flows * (integrating + training + forecasting + detecting),
        memory=int(300e6 + 2000 * rows + 800 * params.starts * params.horizon * params.rows_per_period),
        steps=flows,
    )


def _chosen(params: ChaosParams) -> tuple[str, ...]:
    return tuple(dict.fromkeys(params.flows)) or FLOW_NAMES
