"""The first model of mode `detect`, on a single series and asked for row after row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.detection.detector import Detector, DetectorSettings, fit_detector
from core.telemetry.detection.forecaster import ForecastSettings
from core.telemetry.detection.lags import Preset, choose_lags, choose_smoothing
from core.telemetry.detection.own_past import Form, own_past

ROW_SECONDS = 900.0  # a row of a flow stands for a quarter of an hour, for which the presets were made
FORMS: dict[Preset, tuple[Form, ...]] = {"recommended": ("increment", "level"), "paper": ("level",)}


@dataclass(frozen=True, eq=False)
class FirstModel:
    """A fitted detector as a forecaster."""

    detector: Detector

    def next_value(self, history: np.ndarray) -> np.ndarray:
        """[starts] the value one row after histories [starts, rows], at least as many rows as the longest lag."""
        settings = self.detector.settings
        memory = settings.lags[-1]
        ends = np.arange(memory, len(history) * (memory + 1), memory + 1)
        # one histories after the other, each with a place for its next value, as one long series
        series = np.column_stack([history[:, -memory:], np.zeros(len(history))]).ravel()
        past = own_past(series, settings.lags, self.detector.form)
        return past.offset[ends] + self.detector.forecaster.predict(past.features[ends])


def fit_first_model(training: np.ndarray, preset: Preset, seed: int) -> FirstModel:
    """Fits the first model on a training part [rows], all of which is nominal."""
    settings = DetectorSettings(
        lags=choose_lags(preset, ROW_SECONDS).rows,
        forms=FORMS[preset],
        smoothing=choose_smoothing(ROW_SECONDS),
        forecast=ForecastSettings(seed=seed),
    )
    return FirstModel(fit_detector(training, np.ones(len(training), dtype=bool), settings))
