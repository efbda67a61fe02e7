"""The parameters of mode `inject`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.telemetry.detection_params import DetectionParams


class InjectParams(DetectionParams):
    """Would I have found it? Events of a chosen kind, size and cause are put into the telemetry, one at a time."""

    mode: Literal["inject"] = "inject"
    target: str = parameter(
        "", title="Parameter", description="Which target the events are put into; empty: the first one.", main=True
    )
    kind: Literal["step", "spike", "drift", "stuck", "noise"] = parameter(
        "step",
        title="Kind",
        description="step: size added; spike: the same for half an hour at most; drift: rising up to size; stuck: frozen at its "
        "first value plus size; noise: a burst with this standard deviation.",
        main=True,
    )
    cause: str = parameter(
        "",
        title="Cause",
        description="The covariate that causes the event: it is set to a value, and the target answers with a lag. Empty: the "
        "sensor alone is at fault.",
        main=True,
    )
    cause_value: float | None = parameter(
        None,
        title="Value of the cause",
        description="What the covariate is set to. Automatic: the one of its smallest and largest values that is further from its median.",
    )
    duration: float = parameter(
        180.0,
        title="Duration",
        description="How long each event lasts.",
        unit="min",
        main=True,
        minimum=0.001,
        maximum=100_000.0,
    )
    answer: float = parameter(
        60.0,
        title="Answer of the target",
        description="Time constant with which the target follows a cause; 0: at once.",
        unit="min",
        minimum=0.0,
        maximum=10_000.0,
    )
    size_unit: Literal["sigma", "unit"] = parameter(
        "sigma",
        title="Sizes in",
        description="sigma: robust standard deviations of the averaged residual; unit: the unit of the target.",
    )
    smallest: float = parameter(2.0, title="Smallest size", description="The first that is tried.", minimum=1e-12)
    largest: float = parameter(100.0, title="Largest size", description="The last that is tried.", minimum=1e-12)
    sizes: int = parameter(
        6,
        title="Sizes",
        description="How many are tried, each larger than the one before by the same factor.",
        minimum=1,
        maximum=40,
    )
    repeats: int = parameter(
        10,
        title="Repeats",
        description="Places in the series at which each size is tried; more make the intervals narrower.",
        minimum=1,
        maximum=500,
    )
    direction: Literal["either", "up", "down"] = parameter(
        "either", title="Direction", description="Sign of the deviation; either: drawn for each place."
    )

    @model_validator(mode="after")
    def _sizes_are_in_order(self) -> Self:
        if self.smallest > self.largest:
            raise ValueError(
                f"Smallest size: {self.smallest:g} is above the largest size, {self.largest:g}; exchange the two."
            )
        return self

    @model_validator(mode="after")
    def _faults_have_no_cause(self) -> Self:
        if self.cause and self.kind in ("stuck", "noise"):
            raise ValueError(
                f"Kind: {self.kind} is a fault of the sensor and has no cause; leave cause empty, or choose step, spike or drift."
            )
        if self.cause and self.cause in (self.target, *self.targets):
            raise ValueError(f"Cause: {self.cause!r} is a target; name a covariate.")
        if self.cause in self.responders and self.cause:
            raise ValueError(
                f"Cause: {self.cause!r} is marked as a responder, which never counts as a cause; take it off that list."
            )
        return self
