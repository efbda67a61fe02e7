"""The parameters that say how telemetry is read; every mode that takes telemetry has them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from core.analysis import Params, parameter

LONGEST_LIST = 2_000  # names in one role


class IngestParams(Params):
    """Which column plays which part, and the time grid that all columns are brought to."""

    targets: tuple[str, ...] = parameter(
        (),
        title="Targets",
        description="The parameters that may misbehave. None chosen: with covariates chosen all other channels of numbers, "
        "otherwise every channel of numbers that is no state and not constant.",
        main=True,
        max_length=LONGEST_LIST,
    )
    covariates: tuple[str, ...] = parameter(
        (),
        title="Covariates",
        description="The parameters that may explain it. None chosen: with targets chosen all other channels, otherwise the "
        "states alone.",
        main=True,
        max_length=LONGEST_LIST,
    )
    time: str = parameter(
        "",
        title="Time column",
        description="When each row was measured: ISO stamps, epoch numbers (s, ms, us, ns) or stored times.",
    )
    states: tuple[str, ...] = parameter(
        (),
        title="States",
        description="Channels that hold a state rather than a quantity: the last value of a time step counts, not the mean. "
        "Channels of words, truth values or at most 8 different whole numbers are states anyway.",
        max_length=LONGEST_LIST,
    )
    labels: str = parameter(
        "",
        title="Label column",
        description="Rows known to be anomalous: 0 or 1, true or false, normal or anomaly.",
    )
    ignore: tuple[str, ...] = parameter(
        (), title="Ignored", description="Columns that play no part.", max_length=LONGEST_LIST
    )
    resample: float | None = parameter(
        None,
        title="Time step",
        description="Distance of the rows after resampling. Automatic: the file's own step, or as much more as 50,000 rows "
        "ask for.",
        unit="s",
        minimum=0.001,
        maximum=31_557_600.0,
    )
    timezone: str = parameter(
        "UTC",
        title="Time zone",
        description="Of stamps that name none, such as UTC or Europe/Madrid.",
        max_length=60,
    )
    row_seconds: float | None = parameter(
        None,
        title="Seconds a row",
        description="For a file without times: how far its rows are apart.",
        unit="s",
        minimum=0.001,
        maximum=31_557_600.0,
    )

    @model_validator(mode="after")
    def _time_zone_is_known(self) -> Self:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(self.timezone)
        except (LookupError, ValueError, OSError):  # no such zone, not a name, a folder of zones
            raise ValueError(
                f"Time zone: {self.timezone!r} is not known; name one such as UTC or Europe/Madrid."
            ) from None
        return self

    @model_validator(mode="after")
    def _each_column_has_one_part(self) -> Self:
        parts: dict[str, str] = {}
        for part, names in (
            ("a target", self.targets),
            ("a covariate", self.covariates),
            ("ignored", self.ignore),
            ("the time column", (self.time,)),
            ("the label column", (self.labels,)),
        ):
            for name in filter(None, dict.fromkeys(names)):
                if name in parts:
                    raise ValueError(
                        f"Column {name!r} is chosen as {parts[name]} and as {part}; leave it in one of the two lists."
                    )
                parts[name] = part
        both = [name for name in self.states if parts.get(name, "a covariate") != "a covariate"]
        if both:
            raise ValueError(
                f"Column {both[0]!r} is chosen as a state and as {parts[both[0]]}; a state can only be a covariate."
            )
        return self

    def ingest(self) -> dict[str, Any]:
        """The fields of this class alone, as plain values: what a step that reads telemetry takes."""
        fields = self.model_dump(include=set(IngestParams.model_fields) - {"mode"})
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
