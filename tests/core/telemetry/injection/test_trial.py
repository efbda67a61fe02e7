"""One injected event in a small series whose causes are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from core.telemetry.detection.detector import DetectorSettings, fit_detector
from core.telemetry.detection.events import EventSettings
from core.telemetry.detection.forecaster import ForecastSettings
from core.telemetry.explanation.explainer import ExplainerSettings
from core.telemetry.grid import Grid
from core.telemetry.injection.pipeline import AlarmSettings, Pipeline
from core.telemetry.injection.trial import Planned, injected_columns, ranked_covariates, try_event

ROWS, CALM, PLACE = 2400, 800, 1700
CAUSED = Planned("step", "heater", 100.0, 18, 3, 2.0)
SENSOR = Planned("step", "", 0.0, 18, 3, 2.0)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    """A temperature that wanders, a heater, a switch and two covariates that tell nothing; rows by 10 minutes."""
    rng = np.random.default_rng(0)
    heater = 50 + 5 * rng.standard_normal(ROWS)
    temperature = 280 + lfilter([1], [1, -0.9], 0.02 * rng.standard_normal(ROWS))
    columns = {
        "temperature": temperature,
        "heater": heater,
        "wheel": np.cumsum(rng.standard_normal(ROWS)),
        "load": rng.standard_normal(ROWS),
        "switch": (np.arange(ROWS) % 300 < 20).astype(float),
    }
    grid = Grid(
        np.arange(ROWS) * 600_000, 600.0, tuple(columns), np.column_stack(list(columns.values())),
        states=frozenset({"switch"}),
    )  # fmt: skip
    nominal = np.arange(ROWS) < CALM
    settings = DetectorSettings((1, 2, 4), ("increment",), 3, forecast=ForecastSettings(rounds=30))
    return Pipeline(
        grid,
        "temperature",
        ("heater", "wheel", "load", "switch"),
        (),
        nominal,
        CALM,
        fit_detector(grid.column("temperature"), nominal, settings),
        AlarmSettings("manual", manual=8.0, events=EventSettings(join=3, blank=72)),
        ExplainerSettings(trees=40, background=20),
    )


def _try(pipeline: Pipeline, event: Planned, sigmas: float):
    size = sigmas * pipeline.detector.scale.scale
    return try_event(pipeline, event, PLACE, size, np.random.default_rng(1))


def test_nothing_injected_changes_nothing(pipeline: Pipeline) -> None:
    """The series as it is has the same score and alarms, asked either way."""
    usual = pipeline.usual()
    same = pipeline.with_event(pipeline.grid.column("temperature"), slice(PLACE, PLACE + 18))
    np.testing.assert_array_equal(same.signed, usual.signed)
    np.testing.assert_array_equal(same.stretches.starts, usual.stretches.starts)


def test_held_out_residuals_are_kept(pipeline: Pipeline) -> None:
    """Far from the event the nominal rows keep the residuals of models that have not seen them."""
    values = injected_columns(pipeline, SENSOR, PLACE, 1.0, np.random.default_rng(0))["temperature"]
    found, usual = pipeline.with_event(values, slice(PLACE, PLACE + 18)), pipeline.usual()
    np.testing.assert_array_equal(found.signed[: PLACE - 5], usual.signed[: PLACE - 5])
    assert not np.array_equal(found.signed[PLACE : PLACE + 3], usual.signed[PLACE : PLACE + 3])


def test_large_events_are_found_and_small_ones_are_not(pipeline: Pipeline) -> None:
    """A step of 40 sigma is found within 20 minutes and listed; one of half a sigma is not found."""
    large = _try(pipeline, SENSOR, 40)
    assert large.detected and large.listed
    assert abs(large.delay_rows) <= 2
    small = _try(pipeline, SENSOR, 0.5)
    assert not small.detected and not small.explained and small.named == ""
    assert np.isnan(small.delay_rows)


def test_cause_is_named(pipeline: Pipeline) -> None:
    """A heater that was never so high is named first when the temperature answers it."""
    outcome = _try(pipeline, CAUSED, 60)
    assert outcome.detected and outcome.explained
    assert (outcome.named, outcome.place) == ("heater", 1)


def test_sensor_fault_is_rightly_explained_by_nothing(pipeline: Pipeline) -> None:
    """A fault of the sensor has no cause; it is rightly explained where the verdict says that no covariate explains it."""
    outcome = _try(pipeline, SENSOR, 40)
    assert outcome.place == 0
    assert outcome.explained == (outcome.verdict == "no covariate explains this")
    assert outcome.explained_share < 0.1


def test_injected_columns(pipeline: Pipeline) -> None:
    """The target answers with the chosen size at its largest, the cause holds its value; nothing else changes."""
    rng = np.random.default_rng(0)
    before = pipeline.grid
    caused = injected_columns(pipeline, CAUSED, PLACE, -0.7, rng)
    change = caused["temperature"] - before.column("temperature")
    assert change.min() == pytest.approx(-0.7)
    assert np.flatnonzero(change).min() == PLACE and np.flatnonzero(change).max() < PLACE + CAUSED.felt_rows
    assert (caused["heater"][PLACE : PLACE + 18] == 100).all()
    assert np.flatnonzero(caused["heater"] != before.column("heater")).max() == PLACE + 17
    assert set(injected_columns(pipeline, SENSOR, PLACE, 1.0, rng)) == {"temperature"}
    drift = Planned("drift", "switch", 1.0, 18, 3, 2.0)
    assert (injected_columns(pipeline, drift, 1640, 1.0, rng)["switch"][1640:1658] == 1).all()
    changed = pipeline.with_columns(caused)
    np.testing.assert_array_equal(changed.column("wheel"), before.column("wheel"))
    np.testing.assert_array_equal(changed.column("heater"), caused["heater"])


def test_drifting_cause_drifts() -> None:
    """With a drift the covariate goes to its value step by step."""
    grid = Grid(np.arange(20), 600.0, ("t", "c"), np.zeros((20, 2)))
    pipeline = Pipeline(grid, "t", ("c",), (), np.ones(20, bool), 0, None)  # type: ignore[arg-type]
    columns = injected_columns(pipeline, Planned("drift", "c", 8.0, 4, 1, 0.0), 5, 1.0, np.random.default_rng(0))
    np.testing.assert_allclose(columns["c"][4:10], [0, 2, 4, 6, 8, 0])


def test_responders_are_left_out_of_the_ranking() -> None:
    """Where responders are marked, the ranking is that of the model that does not see them."""
    attributions = pd.DataFrame(
        {
            "covariate": ["a", "b", "c"],
            "responder": [False, True, False],
            "order": [2, 1, 3],
            "order_without_responders": pd.array([2, None, 1], dtype="Int64"),
        }
    )
    assert ranked_covariates(attributions) == ["c", "a"]
    attributions["responder"] = False
    assert ranked_covariates(attributions) == ["b", "a", "c"]
