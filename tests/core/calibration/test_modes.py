"""The four modes from a source to a result with figures."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, Source, parse_params
from core.calibration.analysis import ANALYSIS
from core.calibration.figures.population_drawing import TABS
from core.calibration.predictions import softmax64
from core.data.builtin_predictions import TRUE_TEMPERATURE
from core.errors import BadInput
from core.export.figures import figures_json
from core.serial import serially
from core.sources import open_source

METRICS = {"ece", "ece_em", "mce", "cwce", "cwce_em", "ks", "kde_ece", "mmce", "smece", "nll", "brier", "auroc"}


def run(inputs: dict[str, Source], **params: Any) -> Result:
    """A run in this process whose figures can all be drawn."""
    result = serially(ANALYSIS, parse_params(ANALYSIS.params, params), inputs)
    drawn = figures_json(ANALYSIS, result)
    json.dumps(drawn, allow_nan=False)
    assert drawn and all(figure["reading"] and figure["alt"] and figure["reference"] for figure in drawn.values())
    return result


def source(tmp_path: Path, kind: Any = "predictions", **arrays: np.ndarray) -> Source:
    """An npz as a source."""
    np.savez(tmp_path / f"{kind}.npz", **arrays)
    return open_source(kind, str(tmp_path / f"{kind}.npz"))


def generated(rows: int, classes: int, temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too large by a factor, and labels from their softmax at the true temperature."""
    rng = np.random.default_rng(seed)
    true = 2 * rng.standard_normal((rows, classes))
    labels = (true + rng.gumbel(size=true.shape)).argmax(axis=1)
    return (temperature * true).astype(np.float32), labels


@pytest.fixture(scope="module")
def evaluated() -> Result:
    """The example."""
    return run({"predictions": open_source("predictions", "overconfident")}, mode="evaluate", resamples=20)


def test_the_table_of_metrics_has_the_promised_names_and_stages(evaluated: Result):
    """metric, bins, stage, value, low, high, floor and p_value, for every promised metric before and after."""
    metrics = evaluated.tables["metrics"]
    assert {"metric", "bins", "stage", "value", "low", "high", "floor", "p_value"} <= set(metrics)
    assert set(metrics.metric) >= METRICS
    assert set(metrics.stage) == {"pre", "post"}
    assert set(metrics[metrics.metric == "ece"].bins) == {5, 10, 15, 20, 25, 50, 100, 200, 500}


def test_the_known_temperature_is_found(evaluated: Result):
    """The interval of the fitted temperature of the overconfident example holds the true one."""
    temperature = evaluated.summary["temperature"]
    assert temperature.low < TRUE_TEMPERATURE < temperature.high
    assert f"{temperature.value:.2f}" in evaluated.answer


def test_a_repair_brings_the_error_to_its_floor(evaluated: Result):
    """Before, ECE is far beyond the floor; after dividing by the temperature it is within its noise."""
    metrics = evaluated.tables["metrics"]
    ece = metrics[(metrics.metric == "ece") & (metrics.bins == 15)].set_index("stage")
    assert ece.value["pre"] > 10 * ece.floor["pre"] and ece.p_value["pre"] < 0.05
    assert ece.value["post"] < 2 * ece.floor["post"]


def test_the_diagram_holds_every_row_once(evaluated: Result):
    """The bins of each stage, of each group together and of each class count all rows."""
    bins = evaluated.tables["reliability_bins"]
    assert set(bins.groupby("stage")["count"].sum()) == {10_000}
    assert evaluated.tables["reliability_groups"]["count"].sum() == 10_000
    assert set(evaluated.tables["reliability_classes"].groupby("class")["count"].sum()) == {10_000}
    histogram = evaluated.tables["confidence_histogram"]
    assert histogram.right.sum() + histogram.wrong.sum() == 10_000


def test_each_decomposition_adds_up_to_the_score(evaluated: Result):
    """Murphy with its two within-bin terms and CORP give one and the same Brier score of the confidence."""
    parts = evaluated.tables["decompositions"]
    score = parts[parts.part == "score"].set_index("decomposition").value
    assert score["murphy"] == pytest.approx(score["corp"], abs=1e-12)


def test_a_calibrated_model_is_not_accused():
    """The answer for the calibrated example speaks of no contradiction."""
    result = run({"predictions": open_source("predictions", "calibrated")}, mode="evaluate", resamples=40)
    assert result.answer.startswith("These data do not contradict perfect calibration")


def test_without_a_validation_part_nothing_is_fitted(tmp_path: Path):
    """There is one stage, no temperature, and a note that says what to add."""
    logits, labels = generated(300, 3, 1.0)
    result = run({"predictions": source(tmp_path, probs=softmax64(logits), labels=labels)}, resamples=20)
    assert set(result.tables["metrics"].stage) == {"pre"} and "temperature" not in result.summary
    assert any("val_logits" in note for note in result.notes)


def test_a_constant_predictor_is_drawn_and_named(tmp_path: Path):
    """Its ECE is near zero; the notes say why that is worth nothing."""
    labels = np.arange(400) % 4
    probs = np.full((400, 4), 0.25)
    result = run({"predictions": source(tmp_path, probs=probs, labels=labels)}, resamples=20)
    assert any("constant predictor" in note for note in result.notes)


def test_numbers_with_narrow_intervals_are_found_out():
    """The 90 % interval of errors 1.5 times too large covers 2 Phi(1.645 / 1.5) - 1 = 72.7 %."""
    result = run({"predictions": open_source("predictions", "narrow_intervals")}, resamples=20)
    assert result.summary["coverage_90"].value == pytest.approx(0.727, abs=0.02)
    assert "too narrow" in result.answer


def test_repairs_are_ranked_by_nll_on_other_rows(tmp_path: Path):
    """The board is in order of NLL, has the model as it came, and each repair can be taken away and applied."""
    from core.calibration.repair.recalibrator import from_json

    logits, labels = generated(1200, 3, 2.0)
    given = source(tmp_path, logits=logits[:800], labels=labels[:800], val_logits=logits[800:], val_labels=labels[800:])
    result = run({"predictions": given}, mode="repair", methods="temperature,vector,histogram")
    board = result.tables["repairs"]
    assert list(board.nll) == sorted(board.nll)
    assert set(board.method) == {"none", "temperature", "vector", "histogram"}
    taken = result.tables["repair_parameters"].set_index("method")
    p = from_json(taken.json["temperature"]).apply(logits[:800])
    nll = -np.log(p[np.arange(800), labels[:800]]).mean()
    assert board.set_index("method").nll["temperature"] == pytest.approx(nll, abs=1e-12)
    assert result.summary["temperature"].value == pytest.approx(2.0, rel=0.2)


def test_without_a_validation_part_the_rows_are_split(tmp_path: Path):
    """Fitted and reported rows together are the rows of the file."""
    logits, labels = generated(600, 3, 2.0)
    given = source(tmp_path, logits=logits, labels=labels)
    result = run({"predictions": given}, mode="repair", methods="temperature", fit_share=0.25)
    assert (result.summary["fit_rows"].value, result.summary["rows"].value) == (150, 450)


def test_an_unknown_repair_is_refused_before_anything_runs():
    """The parameter names what it does not know."""
    with pytest.raises(BadInput, match="Methods"):
        parse_params(ANALYSIS.params, {"mode": "repair", "methods": "magic"})


def test_a_population_is_ranked(tmp_path: Path):
    """Models that differ only in their temperature are ranked by ECE as by temperature, and accuracy is one."""
    logits, labels = generated(400, 3, 1.0)
    factors = np.linspace(1.5, 6, 12)
    noisy = np.random.default_rng(1).standard_normal((12, 400, 3))
    models = (factors[:, None, None] * (logits + 0.3 * noisy)).astype(np.float32)
    names = np.array([f"m{index:02}" for index in range(12)])
    pd.DataFrame({"id": names, "factor": factors}).to_csv(tmp_path / "table.csv", index=False)
    given = {
        "population": source(tmp_path, "population", logits=models, labels=labels, models=names),
        "model_table": open_source("table", str(tmp_path / "table.csv")),
    }
    result = run(given, mode="population", splits=1, resamples=20)
    kendall = result.tables["kendall"]
    assert {"question", "x", "y", "tau", "low", "high", "ceiling", "n"} <= set(kendall)
    row = kendall[(kendall.question == "vii") & (kendall.x == "factor") & (kendall.y == "pre_ECE_15")].iloc[0]
    assert row.tau > 0.9 and row.n == 12
    assert len(result.tables["hcs"]) == 12 and "config" in result.tables["population"]


def test_parts_of_a_population_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Measured in steps of two models or all at once, the numbers are the same."""
    from core.calibration import population_mode

    logits, labels = generated(120, 3, 1.0)
    models = logits * np.linspace(1, 3, 5)[:, None, None]
    given = {"population": source(tmp_path, "population", logits=models, labels=labels)}
    whole = run(given, mode="population", splits=1, resamples=20)
    monkeypatch.setattr(population_mode, "VALUES_A_STEP", 2 * 360)
    parts = run(given, mode="population", splits=1, resamples=20)
    pd.testing.assert_frame_equal(whole.tables["population"], parts.tables["population"])


def test_a_table_of_the_study_is_taken_unchanged(tmp_path: Path):
    """A metrics table in the published names needs nothing else; there is no ceiling then, and a note says so."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"config": range(30), "acc": rng.uniform(0.5, 0.9, 30)})
    for name in ("pre_ECE_15", "post_ECE_15", "pre_cwCE_15", "pre_KSCE", "pre_NLL"):
        frame[name] = rng.uniform(0.01, 0.1, 30)
    frame.to_csv(tmp_path / "study.csv", index=False)
    result = run(
        {"population": open_source("population", str(tmp_path / "study.csv"))}, mode="population", resamples=20
    )
    assert any("no split-half ceiling" in note for note in result.notes)
    assert len(result.tables["population"]) == 30
    drawn = figures_json(ANALYSIS, result)
    assert tabs(drawn) == list(TABS.values())
    empty = {name: figure["reading"] for name, figure in drawn.items() if name.startswith("missing")}
    assert list(empty) == ["missing_i", "missing_ii", "missing_vi", "missing_vii"]
    assert all(reading.startswith(("Bring", "To see")) for reading in empty.values()) and "hcs" in drawn


def test_every_question_has_its_tab_however_little_is_known(tmp_path: Path):
    """A table of one metric answers no question, and each of the seven tabs says what to bring."""
    frame = pd.DataFrame({"config": range(5), "acc": 0.5, "pre_NLL": np.arange(5.0)})
    frame["pre_ECE_15"] = np.nan
    frame.to_csv(tmp_path / "study.csv", index=False)
    result = run({"population": open_source("population", str(tmp_path / "study.csv"))}, mode="population")
    drawn = figures_json(ANALYSIS, result)
    assert tabs(drawn) == list(TABS.values()) and all(name.startswith("missing") for name in drawn)


def tabs(drawn: dict[str, Any]) -> list[str]:
    """The groups of the figures in the order in which the page has them as tabs."""
    return list(dict.fromkeys(figure["group"] for figure in drawn.values()))


def test_a_standard_holdout_overfits_and_ours_does_not():
    """On noise the standard holdout reports above 0.6 and Thresholdout between 0.48 and 0.55."""
    result = run({}, mode="holdout", repeats=1)
    assert result.summary["standard_reported"].value > 0.6
    assert 0.48 < result.summary["thresholdout_reported"].value < 0.55


def test_queries_about_a_model_are_answered_within_the_budget():
    """Every query has a line; what Thresholdout spends is taken from the budget."""
    given = {"predictions": open_source("predictions", "calibrated")}
    result = run(given, mode="holdout", samples=200, features=50, repeats=1, budget=5)
    answers = result.tables["answers"]
    assert (answers.budget_left.diff().dropna() <= 0).all() and answers.budget_left.max() <= 5
    assert set(answers["query"]) == {"accuracy", "brier", "nll"}


def test_the_same_question_gets_the_same_numbers(tmp_path: Path):
    """Two runs agree in every table, bit for bit."""
    logits, labels = generated(300, 3, 2.0)
    given = {"predictions": source(tmp_path, logits=logits, labels=labels)}
    for params in ({"mode": "evaluate", "resamples": 20}, {"mode": "repair", "methods": "temperature,isotonic"}):
        first, second = (run(given, **params) for _ in range(2))
        for name, table in first.tables.items():
            pd.testing.assert_frame_equal(table, second.tables[name])


def test_estimates_need_no_data():
    """The cost is said from the inspection's details alone."""
    nowhere = dataclasses.replace(open_source("predictions", "overconfident"), location="/nowhere.npz")
    for mode in ("evaluate", "repair", "holdout"):
        estimate = ANALYSIS.estimate(parse_params(ANALYSIS.params, {"mode": mode}), {"predictions": nowhere})
        assert estimate.seconds > 0 and estimate.memory > 0 and estimate.steps > 0


def test_the_python_face_is_light():
    """`core.calibration` loads nothing heavy until a name is used, and has the three promised names."""
    code = (
        "import sys, core.catalog, core.calibration as face\n"
        "assert not {'torch', 'sklearn', 'scipy', 'plotly'} & set(sys.modules), sorted(sys.modules)\n"
        "assert all(callable(getattr(face, name)) for name in ('battery', 'fit_temperature', 'Thresholdout'))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
