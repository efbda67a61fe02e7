"""What mode `chaos` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.telemetry.chaos_params import ChaosParams

OURS = "xgboost"
DIFFERENT = 1.25  # ratio of two exponents from which on it is said


def chaos_result(params: ChaosParams, tables: Mapping[str, pd.DataFrame]) -> Result:
    """The result of a run.

    Args:
        params: of the run.
        tables: of `flow_step`, those of all flows below each other.
    """
    valid = tables["valid"]
    ours = valid[valid.model == OURS].set_index("flow")
    linear = valid[valid.model == "linear_ar"].set_index("flow")
    return Result(
        answer=_answer(ours, linear, tables["detection"], max(params.sizes)),
        summary=_summary(params, ours, linear, tables),
        tables=dict(tables),
        notes=_notes(params, tables["flows"], ours),
    )


def _of(detection: pd.DataFrame, method: str, size: float) -> pd.Series:
    """VUS-PR of a method at one size, by flow."""
    own = detection[(detection.method == method) & (detection.metric == "vus_pr") & (detection["size"] == size)]
    return own.set_index("flow").value


def _answer(ours: pd.DataFrame, linear: pd.DataFrame, detection: pd.DataFrame, size: float) -> str:
    times = ours.valid_lyapunov
    far, near = str(times.idxmax()), str(times.idxmin())
    reach = f"The first model sees {times[far]:.1f} Lyapunov times ahead in {far}"
    if far != near:
        reach += f" and {times[near]:.1f} in {near}"
    found = _of(detection, OURS, size)
    return (
        f"{reach} (median of the flows {times.median():.1f}, a linear autoregression {linear.valid_lyapunov.median():.1f}); "
        f"as a detector of faults of {size:g} standard deviation{'' if size == 1 else 's'} it reaches a VUS-PR of {found.median():.2f}."
    )


def _summary(
    params: ChaosParams, ours: pd.DataFrame, linear: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> dict[str, Scalar]:
    largest = max(params.sizes)
    detection = tables["detection"]
    summary = {
        "valid_time": Scalar(
            float(ours.valid_lyapunov.median()),
            "Sees ahead",
            unit="Lyapunov times",
            low=float(ours.valid_lyapunov.min()),
            high=float(ours.valid_lyapunov.max()),
            description="Valid prediction time of the first model: median over the flows of the median over the starts; from the worst "
            "flow to the best one.",
        ),
        "valid_time_linear": Scalar(
            float(linear.valid_lyapunov.median()),
            "Linear autoregression",
            unit="Lyapunov times",
            low=float(linear.valid_lyapunov.min()),
            high=float(linear.valid_lyapunov.max()),
            description="The same of a linear autoregression of 8 rows.",
        ),
        "vus_pr": Scalar(
            float(_of(detection, OURS, largest).median()),
            f"VUS-PR at {largest:g} sd",
            description=f"Median over the flows, faults of kind {params.event}; TSB-AD's definition, window of one period "
            f"({params.rows_per_period} rows).",
        ),
        "vus_pr_random": Scalar(
            float(_of(detection, "random", largest).median()),
            "VUS-PR of chance",
            description="The same of random scores.",
        ),
    }
    for flow, row in ours.iterrows():
        name = f"valid_time_{str(flow).lower().replace(' ', '_').replace('ö', 'o')}"
        summary[name] = Scalar(
            float(row.valid_lyapunov),
            f"Sees ahead in {flow}",
            unit="Lyapunov times",
            low=float(row.low),
            high=float(row.high),
            description="Median over the starts, with quartiles.",
        )
    return summary


def _notes(params: ChaosParams, flows: pd.DataFrame, ours: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        "The flows are integrated here; every value is synthetic. A row stands for 15 minutes, so that the lags of the "
        "presets are whole rows.",
    ]
    ratio = flows.exponent_dysts / flows.exponent_measured
    for one, factor in zip(flows.to_dict("records"), ratio, strict=True):
        if not 1 / DIFFERENT < factor < DIFFERENT:
            notes.append(
                f"{one['flow']}: dysts' table has a largest exponent of {one['exponent_dysts']:.3f}, neighbours part here at "
                f"{one['exponent_measured']:.3f} ({one['exponent_low']:.3f} to {one['exponent_high']:.3f}); with "
                f"exponent=measured its times read {1 / factor:.2f} times as long."
            )
    beyond = ours[ours.valid_lyapunov >= 0.99 * params.horizon]
    if len(beyond):
        notes.append(
            f"{', '.join(str(name) for name in beyond.index)}: half of the forecasts are still valid at the horizon of "
            f"{params.horizon:g} Lyapunov times; raise the horizon to see where they end."
        )
    return tuple(notes)
