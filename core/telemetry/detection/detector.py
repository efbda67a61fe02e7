"""One parameter from its values to its score: forecaster, scale, smoothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.errors import BadInput
from core.telemetry.detection.forecaster import Forecaster, ForecastSettings, fit_forecaster
from core.telemetry.detection.nominal import without_largest
from core.telemetry.detection.own_past import Form, OwnPast, own_past
from core.telemetry.detection.residual_scale import (
    NORMAL_MAD,
    ResidualScale,
    blocked_residuals,
    residual_scale,
)
from core.telemetry.detection.robust_score import clipped, moving_mean

FEWEST_ROWS = 40  # to learn from
FINDING_ROUNDS = 60  # of boosting, of the models that only say which rows to leave out


@dataclass(frozen=True)
class DetectorSettings:
    """How a parameter is forecast and scored.

    Attributes:
        lags: in rows, ascending.
        forms: of the forecast that are tried; of several the one with the smaller error in the last fifth of the nominal rows is kept.
        smoothing: rows that residuals are averaged over.
        causal: averages use the past only.
        forecast: settings of the trees.
    """

    lags: tuple[int, ...]
    forms: tuple[Form, ...] = ("increment", "level")
    smoothing: int = 6
    causal: bool = False
    forecast: ForecastSettings = field(default_factory=ForecastSettings)


@dataclass(frozen=True, eq=False)
class Score:
    """What a detector says of a series.

    Attributes:
        predicted: [rows] forecast of the value, in its unit; NaN where the past is not known.
        sigmas: [rows] residual in sigma, cut off at +-50.
        deviation: [rows] measured - predicted, averaged, in the parameter's unit.
        signed: [rows] the averaged `sigmas`, in units of their own size where all is well.
    """

    predicted: np.ndarray
    sigmas: np.ndarray
    deviation: np.ndarray
    signed: np.ndarray


@dataclass(frozen=True, eq=False)
class Detector:
    """A fitted first model of one parameter, with what it takes to score any stretch of it.

    Attributes:
        settings: it was fitted with.
        form: of the forecast.
        forecaster: the trees.
        scale: one sigma of single residuals.
        spread: one sigma of averaged ones.
        rows: [n] rows it was fitted on.
        held_out: [n] their residuals, each of a model that has not seen the row's block of time.
    """

    settings: DetectorSettings
    form: Form
    forecaster: Forecaster
    scale: ResidualScale
    spread: float
    rows: np.ndarray
    held_out: np.ndarray

    def score(self, values: np.ndarray) -> Score:
        """Scores any series of the parameter on the same grid."""
        past = own_past(values, self.settings.lags, self.form)
        return self._scored(values, values - past.offset - self._predicted(past))

    def score_own(self, values: np.ndarray) -> Score:
        """Scores the series that it was fitted on; on the rows it learned from, by the models that have not seen them."""
        past = own_past(values, self.settings.lags, self.form)
        residual = values - past.offset - self._predicted(past)
        residual[self.rows] = self.held_out
        return self._scored(values, residual)

    def _predicted(self, past: OwnPast) -> np.ndarray:
        known = past.known
        predicted = np.full(len(known), np.nan)
        if known.any():
            predicted[known] = self.forecaster.predict(past.features[known])
        return predicted

    def _scored(self, values: np.ndarray, residual: np.ndarray) -> Score:
        smoothing, causal = self.settings.smoothing, self.settings.causal
        sigmas = clipped(self.scale.robust(residual))
        signed = moving_mean(sigmas, smoothing, causal) / self.spread
        return Score(values - residual, sigmas, moving_mean(residual, smoothing, causal), signed)


def fit_detector(values: np.ndarray, nominal: np.ndarray, settings: DetectorSettings) -> Detector:
    """Fits the first model of a parameter on its nominal rows.

    Args:
        values: [rows], NaN where unknown.
        nominal: [rows] bool.
        settings: of forecast and score.

    Raises:
        BadInput: too few nominal rows with a known past.
    """
    fits = [_fit_form(values, nominal, settings, form) for form in settings.forms]
    form, past, rows, model = min(fits, key=lambda fit: fit[3].error)
    held_out = blocked_residuals(past, rows, max(model.rounds, 1), settings.forecast)
    scale = residual_scale(held_out, values[rows], values)
    sigmas = np.full(len(values), np.nan)
    sigmas[rows] = clipped(scale.robust(held_out))
    averaged = moving_mean(sigmas, settings.smoothing, settings.causal)[rows]
    # residuals of a good forecast are near white noise, whose averages are as large as this; where most are 0, so is the median
    spread = max(NORMAL_MAD * float(np.median(np.abs(averaged))), settings.smoothing**-0.5)
    return Detector(settings, form, model, scale, spread, rows, held_out)


def _fit_form(
    values: np.ndarray, nominal: np.ndarray, settings: DetectorSettings, form: Form
) -> tuple[Form, OwnPast, np.ndarray, Forecaster]:
    """The parameter as a regression, the rows to learn from, and the model."""
    past = own_past(values, settings.lags, form)
    rows = _rows_to_learn(past, nominal, settings)
    return form, past, rows, fit_forecaster(past.features[rows], past.target[rows], settings.forecast)


def find_nominal(values: np.ndarray, settings: DetectorSettings) -> np.ndarray:
    """[rows] bool: the rows that a parameter may be learned from where nobody marked any.

    Small forecasters (the first of the forms, 60 rounds) are fitted on all rows but a block; the rows with the largest
    averaged residuals are left out with a margin. Larger ones would learn the anomalies of the other blocks, and one
    that has seen a row would not be surprised by it.

    Args:
        values: [rows], NaN where unknown.
        settings: of forecast and score.

    Raises:
        BadInput: too few rows with a known past.
    """
    past = own_past(values, settings.lags, settings.forms[0])
    rows = _rows_to_learn(past, np.ones(len(values), dtype=bool), settings)
    residual = np.full(len(values), np.nan)
    residual[rows] = blocked_residuals(past, rows, FINDING_ROUNDS, settings.forecast)
    averaged = moving_mean(residual - np.nanmedian(residual), settings.smoothing)
    return without_largest(np.abs(averaged), settings.smoothing)


def _rows_to_learn(past: OwnPast, nominal: np.ndarray, settings: DetectorSettings) -> np.ndarray:
    """Nominal rows with a known past.

    Raises:
        BadInput: too few of them.
    """
    rows = np.flatnonzero(past.known & nominal)
    if len(rows) < FEWEST_ROWS:
        raise BadInput(
            f"{len(rows):,} nominal rows are known together with the {settings.lags[-1]:,} rows before them; at least "
            f"{FEWEST_ROWS} are needed: mark a longer nominal range, or choose shorter lags with lags=SECONDS,SECONDS."
        )
    return rows
