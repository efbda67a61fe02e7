"""The parameters of the first model and of what it calls an event: the same for every mode that detects."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from core.analysis import parameter
from core.telemetry.ingest_params import LONGEST_LIST, IngestParams

MOST_LAGS = 12


class DetectionParams(IngestParams):
    """How each parameter is forecast from its own past, and which deviations count."""

    preset: Literal["recommended", "paper"] = parameter(
        "recommended",
        title="Preset",
        description="recommended: lags of 15, 30 and 60 minutes (1, 2 and 4 rows where rows are much closer), of the change "
        "or of the level, whichever forecasts better; paper: the level from 15 minutes and 1 hour before.",
        main=True,
    )
    top: int = parameter(
        3,
        title="Events listed",
        description="Largest deviations of each parameter that are listed and explained; those below the threshold say so.",
        main=True,
        minimum=1,
        maximum=50,
    )
    nominal_until: str = parameter(
        "",
        title="Nominal until",
        description="All is well before this moment, such as 2024-03-25 or 2024-03-25T12:00: models learn from that part, "
        "and events are looked for behind it. Empty: by labels, or found.",
        main=True,
        max_length=40,
    )
    nominal_rows: int | None = parameter(
        None,
        title="Nominal rows",
        description="The same as a number of rows of the file, from its beginning.",
        unit="rows",
        minimum=10,
        maximum=1_000_000_000,
    )
    responders: tuple[str, ...] = parameter(
        (),
        title="Responders",
        description="Covariates that react to a target instead of moving it, such as a thermostat's heater: a second ranking "
        "leaves them out, and explained shares do without them.",
        max_length=LONGEST_LIST,
    )
    lags: tuple[float, ...] = parameter(
        (),
        title="Lags",
        description="How far back the forecast looks, in seconds; replaces those of the preset. Each becomes the nearest "
        "number of rows.",
        unit="s",
        max_length=MOST_LAGS,
    )
    smoothing: float | None = parameter(
        None,
        title="Smoothing",
        description="Residuals are averaged over so long. Automatic: 30 minutes, or 10 rows where rows are much closer.",
        unit="s",
        minimum=0.001,
        maximum=31_557_600.0,
    )
    causal: bool = parameter(
        False, title="Past only", description="Averages use the past alone, as a live alarm would have to."
    )
    threshold: Literal["automatic", "quantile", "telemanom", "manual"] = parameter(
        "automatic",
        title="Threshold",
        description="quantile: of the nominal rows; telemanom: the nonparametric rule of Hundman et al. (2018); automatic: the "
        "larger of the two; manual: the number under Threshold in sigma.",
    )
    quantile: float = parameter(
        0.999, title="Quantile", description="Of the nominal rows' scores.", minimum=0.5, maximum=0.999999
    )
    sigma: float | None = parameter(
        None,
        title="Threshold in sigma",
        description="For the manual threshold.",
        unit="sigma",
        minimum=0.1,
        maximum=1000.0,
    )
    amplitude: float = parameter(
        1.0,
        title="Amplitude",
        description="Size of the planted events of the built-in spacecraft; files of your own are not changed.",
        minimum=0.0,
        maximum=10.0,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Of the models, of what is drawn, and of the built-in spacecraft.",
        minimum=0,
        maximum=2**31 - 1,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu", title="Device", description="Where the trees grow; gpu waits for a worker that has one."
    )

    @model_validator(mode="after")
    def _choices_fit_each_other(self) -> Self:
        if self.nominal_until and self.nominal_rows is not None:
            raise ValueError("Nominal until and nominal rows are both set; keep one of the two.")
        if self.threshold == "manual" and self.sigma is None:
            raise ValueError("Threshold: manual needs a number under threshold in sigma, such as sigma=6.")
        if any(lag <= 0 for lag in self.lags):
            raise ValueError("Lags: seconds above 0 are expected, such as 900, 3600.")
        self.nominal_end()
        return self

    def nominal_end(self) -> int | None:
        """The end of the nominal part in milliseconds since 1970-01-01 UTC; None where no moment was given."""
        if not self.nominal_until:
            return None
        try:
            moment = datetime.fromisoformat(self.nominal_until.strip())
        except ValueError:
            raise ValueError(
                f"Nominal until: {self.nominal_until!r} is no moment; write it like 2024-03-25 or 2024-03-25T12:00Z."
            ) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.timezone))
        return round(moment.timestamp() * 1000)

    def recipe(self) -> dict[str, Any]:
        """What a step needs to detect, as plain values; see `core.telemetry.detection.recipe`."""
        return {
            "preset": self.preset,
            "nominal_rows": self.nominal_rows,
            "nominal_end": self.nominal_end(),
            "lags": list(self.lags),
            "smoothing": self.smoothing,
            "causal": self.causal,
            "threshold": self.threshold,
            "quantile": self.quantile,
            "sigma": self.sigma,
            "top": self.top,
            "seed": self.seed,
            "device": self.device,
        }
