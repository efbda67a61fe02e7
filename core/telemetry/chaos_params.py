"""The parameters of mode `chaos`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from core.analysis import Params, parameter

FLOW_NAMES = ("lorenz", "rossler", "aizawa", "rucklidge", "sprott_b", "thomas", "halvorsen", "chen")


class ChaosParams(Params):
    """How far ahead the first model sees in chaotic flows, and what chaos costs the detector: no input is needed."""

    mode: Literal["chaos"] = "chaos"
    flows: tuple[str, ...] = parameter(
        (),
        title="Flows",
        description=f"Which flows: {', '.join(FLOW_NAMES)}. None chosen: all of them.",
        main=True,
        max_length=len(FLOW_NAMES),
    )
    preset: Literal["recommended", "paper"] = parameter(
        "recommended",
        title="Forecaster",
        description="recommended: increments from lags of 1, 2 and 4 rows; paper: the level from lags of 1 and 4 rows.",
        main=True,
    )
    horizon: float = parameter(
        4.0,
        title="Horizon",
        description="How far ahead the forecasts go.",
        unit="Lyapunov times",
        main=True,
        minimum=0.5,
        maximum=20.0,
    )
    exponent: Literal["dysts", "measured"] = parameter(
        "dysts",
        title="Exponent from",
        description="Whose largest Lyapunov exponent makes the unit of time: dysts: its table; measured: the rate at which "
        "neighbours part here, which is the better one where the two differ.",
        main=True,
    )
    periods: int = parameter(
        400,
        title="Training length",
        description="Oscillations of each flow that the models are trained on; a quarter as many follow for the test.",
        unit="periods",
        minimum=40,
        maximum=4000,
    )
    rows_per_period: int = parameter(
        16,
        title="Rows a period",
        description="How finely each flow is sampled. A row stands for 15 minutes, so that the presets of mode detect hold.",
        unit="rows",
        minimum=8,
        maximum=200,
    )
    noise: float = parameter(
        0.0,
        title="Noise",
        description="Standard deviation of noise on the measurements, as a share of the series' own.",
        minimum=0.0,
        maximum=1.0,
    )
    event: Literal["step", "spike", "drift", "stuck", "noise"] = parameter(
        "step", title="Event", description="Kind of the fault that is put into the flows for the detector to find."
    )
    sizes: tuple[float, ...] = parameter(
        (0.1, 0.3, 1.0),
        title="Event sizes",
        description="Sizes of the fault, in standard deviations of the series.",
        max_length=12,
    )
    events: int = parameter(
        20,
        title="Events",
        description="How many are put into the test part, far from each other.",
        minimum=2,
        maximum=200,
    )
    starts: int = parameter(
        200, title="Starts", description="Forecasts of each flow that skill is averaged over.", minimum=20, maximum=5000
    )
    resamples: int = parameter(
        400, title="Resamples", description="Of the starts, for the intervals.", minimum=50, maximum=5000
    )
    seed: int = parameter(
        0, title="Seed", description="Of the flows' starts, noise and events.", minimum=0, maximum=2**31 - 1
    )

    @model_validator(mode="after")
    def _flows_are_known(self) -> Self:
        for name in self.flows:
            if name not in FLOW_NAMES:
                raise ValueError(f"Flows: there is no flow {name!r}; there are {', '.join(FLOW_NAMES)}.")
        return self

    @model_validator(mode="after")
    def _sizes_are_positive(self) -> Self:
        if not self.sizes or min(self.sizes) <= 0:
            raise ValueError("Event sizes: one or more numbers above 0 are expected, such as 0.1, 0.3, 1.")
        return self
