"""Mode `chaos` from parameters to figures, on small flows."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis import Analysis, Result, parse_params
from core.errors import BadInput
from core.serial import serially
from core.telemetry.chaos.baselines import mean
from core.telemetry.chaos.detector import baseline_scores, residuals
from core.telemetry.chaos.first_model import fit_first_model
from core.telemetry.chaos.planted import plant_faults
from core.telemetry.chaos_mode import compute_chaos, estimate_chaos
from core.telemetry.chaos_params import FLOW_NAMES, ChaosParams
from core.telemetry.detection.lags import Preset
from core.telemetry.figures.chaos import chaos_figures
from core.telemetry.synthetic.flows import FLOWS

SMALL = {"flows": "lorenz,rossler", "periods": 60, "starts": 40, "events": 5, "sizes": "0.3,2", "horizon": 1.5}
MODE = Analysis("chaos", "", "", (ChaosParams,), (), compute_chaos, chaos_figures, estimate_chaos, 1, ())


@pytest.fixture(scope="module")
def result() -> Result:
    return serially(MODE, parse_params((ChaosParams,), SMALL), {})


def test_model_beats_its_baselines_one_row_ahead(result: Result) -> None:
    """One row ahead the first model beats the linear one, which beats persistence and the mean."""
    skill = result.tables["skill"]
    first = skill[skill.horizon_s == 900].set_index(["flow", "model"]).nrmse
    for flow in ("Lorenz", "Rössler"):
        assert first[flow]["xgboost"] < first[flow]["linear_ar"] < first[flow]["persistence"] < 1
        assert first[flow]["mean"] == pytest.approx(1, abs=0.35)


def test_horizons_are_in_lyapunov_times(result: Result) -> None:
    """A Lyapunov time is 1 / exponent: rows and Lyapunov times have the ratio that exponent and sampling give."""
    skill, flows = result.tables["skill"], result.tables["flows"].set_index("flow")
    for flow, part in skill.groupby("flow"):
        one = flows.loc[flow]
        assert one.exponent == pytest.approx(one.exponent_dysts)
        np.testing.assert_allclose(part.horizon_lyapunov, part.horizon_periods * one.period * one.exponent_dysts)
        np.testing.assert_allclose(part.horizon_s, part.horizon_periods * 16 * 900)
        assert part.horizon_lyapunov.max() == pytest.approx(1.5, abs=0.1)


def test_exponents_are_checked(result: Result) -> None:
    """The table has both exponents, and a note where dysts' is off: Rössler's is twice what neighbours show."""
    flows = result.tables["flows"].set_index("flow")
    assert flows.exponent_measured["Lorenz"] == pytest.approx(0.906, rel=0.05)
    assert flows.exponent_measured["Rössler"] == pytest.approx(0.0714, rel=0.08)
    assert any(note.startswith("Rössler: dysts' table") for note in result.notes)
    assert not any(note.startswith("Lorenz: dysts' table") for note in result.notes)


def test_larger_faults_are_found_better(result: Result) -> None:
    """Faults of two standard deviations stand out of the first model's residual far above chance."""
    volume = result.tables["detection"].query("metric == 'vus_pr'").set_index(["flow", "method", "size"]).value
    for flow in ("Lorenz", "Rössler"):
        assert volume[flow, "xgboost", 2.0] > volume[flow, "random", 2.0] + 0.3
        assert volume[flow, "xgboost", 2.0] > volume[flow, "xgboost", 0.3]


def test_answer_and_summary(result: Result) -> None:
    """The answer names the valid prediction time; the summary has it for each flow, with quartiles."""
    valid = result.tables["valid"].set_index(["flow", "model"])
    one = result.summary["valid_time_lorenz"]
    assert one.value == pytest.approx(valid.loc[("Lorenz", "xgboost"), "valid_lyapunov"])
    assert one.low <= one.value <= one.high
    assert "Lyapunov times ahead in" in result.answer


def test_figures_are_drawn(result: Result) -> None:
    """Four figures, each with words for those who can't see it."""
    drawn = chaos_figures(result)
    assert list(drawn) == ["valid_time", "skill", "detection", "example"]
    assert all(figure.plot.data and figure.alt and figure.reading for figure in drawn.values())


@pytest.mark.parametrize("preset", ["recommended", "paper"])
def test_next_value_is_what_the_row_is_predicted_by(preset: Preset) -> None:
    """Forecasting one row from its history gives the prediction of that row by mode detect's detector."""
    series = np.sin(0.4 * np.arange(500))
    model = fit_first_model(series[:400], preset, 0)
    assert model.detector.settings.lags == ((1, 2, 4) if preset == "recommended" else (1, 4))
    errors = residuals(model.next_value, series, 8)
    assert np.isnan(errors[:8]).all()
    np.testing.assert_allclose(series[8:] - errors[8:], model.detector.score(series).predicted[8:])
    assert np.abs(errors[8:]).max() < 0.1


def test_baselines_are_scored_in_robust_deviations() -> None:
    """An error of ten robust deviations over three rows scores ten."""
    calm = np.random.default_rng(0).standard_normal(20_000)
    shown = np.zeros(100)
    shown[40:43] = 10.0
    scores = baseline_scores(mean(calm), shown, calm, 8)
    assert scores[41] == pytest.approx(10, rel=0.05)
    assert np.isnan(scores[:8]).all()


def test_planted_faults_are_labelled_and_apart() -> None:
    """Labels are where the series was changed; faults are at least two periods apart."""
    series = np.random.default_rng(1).standard_normal(1600)
    shown, labels = plant_faults(series, "step", 0.7, 12, 16, np.random.default_rng(2))
    np.testing.assert_allclose(np.abs(shown - series), 0.7 * labels)
    starts = np.flatnonzero(np.diff(labels.astype(int)) > 0)
    assert len(starts) == 12
    assert np.diff(starts).min() >= 2 * 16


def test_flow_names_are_the_flows() -> None:
    """The names that the parameters accept are those of the flows."""
    assert tuple(one.name for one in FLOWS) == FLOW_NAMES


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"flows": "mars"}, "there is no flow 'mars'; there are lorenz"),
        ({"sizes": "0,1"}, "numbers above 0"),
        ({"periods": "3"}, "Training length"),
    ],
)
def test_bad_parameters_are_refused(values: dict[str, str], words: str) -> None:
    """Unknown flows, sizes and lengths that make no sense."""
    with pytest.raises(BadInput, match=words):
        parse_params((ChaosParams,), values)
