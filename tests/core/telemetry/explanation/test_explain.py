"""The second model from end to end: planted causes are named, faults of a sensor alone are not explained."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xgboost

from core.errors import BadInput
from core.telemetry.explanation.explain import Explanation, explain_target
from core.telemetry.explanation.explainer import ExplainerSettings
from core.telemetry.grid import Grid

ROWS, STEP = 4000, 600.0
CAUSED, SENSOR = (800, 1900, 3100), 2500  # starts of events of 12 rows
SETTINGS = ExplainerSettings(trees=40, rows=2000, background=60)
COVARIATES = ("noise", "heater", "answer", "mode", "wheel")


def telemetry() -> tuple[Grid, np.ndarray]:
    """Three times the heater warms the parameter, to which `answer` responds; once its sensor alone is wrong."""
    rng = np.random.default_rng(0)
    score = rng.normal(0, 1, ROWS)
    noise, wheel = rng.normal(size=ROWS), rng.normal(size=ROWS).cumsum()
    heater = 30 + rng.normal(size=ROWS)
    for start in CAUSED:
        heater[start : start + 12] = 90
        score[start : start + 12] += 20
    score[SENSOR : SENSOR + 12] += 20
    answer = score + rng.normal(0, 0.3, ROWS)  # a thermostat: it knows the parameter better than its cause does
    mode = (np.arange(ROWS) // 37 % 3).astype(float)
    values = np.column_stack([noise, heater, answer, mode, wheel])
    return Grid(np.arange(ROWS) * 600_000, STEP, COVARIATES, values, states=frozenset({"mode"})), score


def events(*starts: int) -> pd.DataFrame:
    starts_ = np.array(starts)
    return pd.DataFrame(
        {
            "parameter": "T",
            "rank": np.arange(1, len(starts) + 1),
            "start_row": starts_,
            "peak_row": starts_ + 5,
            "end_row": starts_ + 11,
        }
    )


NOMINAL = np.arange(ROWS) < 700


def explained(*starts: int, **given: object) -> Explanation:
    grid, score = telemetry()
    return explain_target(grid, COVARIATES, score, NOMINAL, events(*starts), settings=SETTINGS, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def both() -> Explanation:
    """The events without and with the thermostat marked are in `order` and `order_without_responders`."""
    return explained(*CAUSED, SENSOR, responders=("answer",))


def test_both_rankings_are_given(both: Explanation):
    """The responder leads the first one; without it the heater does, and the responder has no place in the second."""
    table = both.attributions.set_index(["rank", "covariate"])
    for rank in (1, 2, 3):
        assert table.order[rank, "answer"] == 1
        assert table.order_without_responders[rank, "heater"] == 1
    assert pd.isna(table.order_without_responders[1, "answer"]) and np.isnan(table.shap_without_responders[1, "answer"])
    assert table.responder[1].to_dict() == {name: name == "answer" for name in COVARIATES}
    for rank in (1, 4):
        assert sorted(table.order[rank]) == [1, 2, 3, 4, 5]
        assert sorted(table.order_without_responders[rank].dropna()) == [1, 2, 3, 4]


def test_the_waterfall_adds_up(both: Explanation):
    """base + sum of SHAP values = prediction, prediction + unexplained = target, the mean score at the peak."""
    _, score = telemetry()
    for row in both.waterfall.itertuples():
        shap = both.attributions[both.attributions["rank"] == row.rank].shap.sum()
        assert row.base + shap == pytest.approx(row.prediction, abs=1e-9)
        assert row.prediction + row.unexplained == pytest.approx(row.target, abs=1e-12)
    assert both.waterfall.target[0] == pytest.approx(score[CAUSED[0] + 4 : CAUSED[0] + 7].mean())


def test_the_features_of_a_covariate_sum_to_it(both: Explanation):
    """And their values are those of the peak row."""
    grid, _ = telemetry()
    features = both.attribution_features
    total = features.groupby(["rank", "covariate"]).shap.sum()
    table = both.attributions.set_index(["rank", "covariate"])
    assert total[table.index].to_numpy() == pytest.approx(table.shap.to_numpy())
    now = features[(features["rank"] == 1) & (features.feature == "heater, change in 1 h")].value.iloc[0]
    peak = CAUSED[0] + 5
    assert now == pytest.approx(grid.column("heater")[peak] - grid.column("heater")[peak - 6], rel=1e-6)
    assert (features[features.covariate == "mode"].feature.nunique()) == 4  # value, two changes, hours in state


def test_a_recurring_cause_is_explained_by_models_that_have_not_seen_it(both: Explanation):
    """The held-out share of caused events is high, that of the fault near 0, though in the sample it is partly fitted."""
    share = both.explained_share.set_index("rank")
    assert (share.explained_share[[1, 2, 3]] > 0.5).all() and share.explained_share[4] < 0.1
    assert (share.share_in_sample[[1, 2, 3]] > 0.9).all() and share.share_in_sample[4] > 0.2
    assert share.verdict[1] == "heater explains it, as it does elsewhere"
    assert share.verdict[4] == "no covariate explains this"


def test_a_responder_that_is_not_marked_explains_even_a_fault():
    """Why marking matters: the thermostat answers the faulty sensor, so it predicts the fault."""
    share = explained(SENSOR).explained_share
    assert share.explained_share[0] > 0.3


def test_a_cause_that_is_seen_once_is_said_to_be():
    """The heater explains the only event in the sample; without it there is nothing to learn that from."""
    grid, score = telemetry()
    values, quiet = grid.values.copy(), score.copy()
    values[:, COVARIATES.index("answer")] = 0.0
    for start in (*CAUSED[1:], SENSOR):
        values[start : start + 12, COVARIATES.index("heater")] = 30.0
        quiet[start : start + 12] -= 20
    once = Grid(grid.times, STEP, COVARIATES, values, states=grid.states)
    found = explain_target(once, COVARIATES, quiet, NOMINAL, events(CAUSED[0]), settings=SETTINGS).explained_share
    assert found.explained_share[0] < 0.1 < found.share_in_sample[0]
    assert found.verdict[0].startswith("heater was never like this elsewhere")


def test_the_change_within_an_hour_is_given_for_comparison(both: Explanation):
    """How far each covariate moved, in its own standard deviations, and its rank by that alone."""
    row = both.attributions.set_index(["rank", "covariate"]).loc[(1, "heater")]
    assert row.difference > 10 and row.order_by_difference == 1


def test_the_background_does_not_depend_on_the_parameter(both: Explanation):
    """So the rows of all parameters share their covariates' values; SHAP values are one a covariate."""
    grid, score = telemetry()
    other = explain_target(grid, COVARIATES, -score[::-1], NOMINAL, events(), settings=SETTINGS)
    assert np.array_equal(other.rows, both.rows) and len(both.rows) == 60
    assert both.shap.shape == (60, 5) and both.shap.dtype == np.float32
    assert other.attributions.empty and list(other.attributions) == list(both.attributions)
    assert list(other.explained_share) == ["parameter", "rank", "explained_share", "share_in_sample", "verdict"]


def test_the_same_question_has_the_same_answer(both: Explanation):
    """Bit for bit: everything that is drawn has a seed."""
    again = explained(*CAUSED, SENSOR, responders=("answer",))
    pd.testing.assert_frame_equal(again.attributions, both.attributions, check_exact=True)
    assert np.array_equal(again.shap, both.shap)


def test_rows_without_a_score_are_left_out():
    """Gaps are neither learned from nor in the way; a covariate may be unknown at the peak."""
    grid, score = telemetry()
    values = grid.values.copy()
    score[1000:1400] = np.nan
    values[1000:1400] = np.nan
    values[CAUSED[0] + 3 : CAUSED[0] + 6, COVARIATES.index("wheel")] = np.nan
    gappy = Grid(grid.times, STEP, COVARIATES, values, states=grid.states)
    found = explain_target(gappy, COVARIATES, score, NOMINAL, events(*CAUSED), ("answer",), SETTINGS)
    assert not set(found.rows) & set(range(1000, 1400))
    first = found.attributions[found.attributions["rank"] == 1].set_index("covariate")
    assert first.order_without_responders["heater"] == 1
    assert found.notes == ("A difference over 15 min is taken over 20 min, the nearest the grid has.",)


@pytest.mark.parametrize(
    ("responders", "words"),
    [(("nothing",), "Responder 'nothing' is none of the covariates"), (COVARIATES, "All covariates are marked")],
)
def test_responders_must_leave_a_cause(responders: tuple[str, ...], words: str):
    """One sentence each."""
    with pytest.raises(BadInput, match=words):
        explained(CAUSED[0], responders=responders)


def test_too_few_rows_are_refused():
    """A model of 50 rows would explain anything."""
    grid, score = telemetry()
    score[50:] = np.nan
    with pytest.raises(BadInput, match="50 rows have a score; at least 100 are needed"):
        explain_target(grid, COVARIATES, score, NOMINAL, events(10), settings=SETTINGS)


def test_explanations_use_one_thread(monkeypatch: pytest.MonkeyPatch):
    """With other jobs on a machine more threads were up to eight times slower."""
    seen = []
    train = xgboost.train

    def watched(parameters: dict[str, object], *args: object, **kwargs: object) -> xgboost.Booster:
        seen.append(parameters["nthread"])
        return train(parameters, *args, **kwargs)

    monkeypatch.setattr(xgboost, "train", watched)
    explained(CAUSED[0])
    assert seen and set(seen) == {1}
