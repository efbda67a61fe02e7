"""Mode `detect` on telemetry as it comes: gaps, dead channels, labels in the wrong place, very many parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis import Compute, Result, Step, parse_params
from core.errors import BadInput
from core.serial import serially
from core.sources import open_source
from core.telemetry import detect_mode
from core.telemetry.analysis import ANALYSIS

ROWS, NOMINAL, FAULT = 1_200, 600, 900
TABLES = {
    "events": ["parameter", "rank", "start", "peak", "end", "peak_sigma", "peak_value", "unit", "measured", "predicted",
               "explained_share", "verdict", "over", "threshold", "incident", "start_row", "peak_row", "end_row"],
    "attributions": ["parameter", "rank", "covariate", "shap", "order", "responder", "order_without_responders"],
    "attribution_features": ["parameter", "rank", "covariate", "feature", "value", "shap"],
    "waterfall": ["parameter", "rank", "base", "prediction", "target", "unexplained"],
    "incidents": ["incident", "parameter", "rank", "onset", "end", "order", "lag_minutes", "peak_sigma"],
    "parameters": ["parameter", "unit", "scale", "threshold", "threshold_rule", "rounds", "nominal_rows"],
    "columns": ["column", "role", "unit", "type", "missing_share", "constant", "first", "last", "note"],
    "gaps": ["start", "end", "minutes"],
    "lags": ["asked_s", "rows", "lag_s"],
    "previous": ["parameter", "rank", "previous_start", "previous_peak", "previous_sigma", "similarity"],
}  # fmt: skip
NAMED = {"covariates": "fan", "nominal_rows": str(NOMINAL)}


def telemetry() -> pd.DataFrame:
    """Two AR(1) temperatures by 10 minutes, the first with a fault of its sensor, and a covariate without influence."""
    rng = np.random.default_rng(0)
    values = np.zeros((ROWS, 2))
    for row in range(1, ROWS):
        values[row] = 0.9 * values[row - 1] + rng.normal(0, 0.01, 2)
    values[FAULT : FAULT + 20, 0] += 0.5
    times = pd.date_range("2024-03-01", periods=ROWS, freq="10min")
    return pd.DataFrame(
        {"time": times, "A [K]": 20 + values[:, 0], "B [K]": 10 + values[:, 1], "fan": rng.normal(0, 1, ROWS)}
    )


def run(folder: Path, table: pd.DataFrame, **params: Any) -> Result:
    """The table as a file, run in this process."""
    path = folder / "telemetry.csv"
    table.to_csv(path, index=False)
    chosen = parse_params(ANALYSIS.params, {"mode": "detect", "resamples": "0", **params})
    return serially(ANALYSIS, chosen, {"telemetry": open_source("telemetry", str(path))})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(tmp_path_factory.mktemp("detect"), telemetry(), **NAMED)


def test_the_result_has_the_tables_and_columns_that_pages_read(plain: Result) -> None:
    """Moments are UTC to the millisecond; without labels there are no scores."""
    for name, columns in TABLES.items():
        assert set(columns) <= set(plain.tables[name].columns), name
    assert {str(plain.tables["events"][name].dtype) for name in ("start", "peak", "end")} == {"datetime64[ms, UTC]"}
    assert "scores" not in plain.tables


def test_many_parameters_in_batches_give_what_few_give_one_by_one(
    plain: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch of a step is a matter of scale alone."""
    monkeypatch.setattr(detect_mode, "FEW", 1)
    batched = run(tmp_path, telemetry(), **NAMED)
    np.testing.assert_allclose(plain.arrays["score"], batched.arrays["score"])
    np.testing.assert_array_equal(plain.arrays["residual"], batched.arrays["residual"])
    pd.testing.assert_frame_equal(plain.tables["events"], batched.tables["events"])


@pytest.mark.parametrize("labelled", [False, True])
def test_the_estimate_counts_the_steps_that_are_taken(labelled: bool, tmp_path: Path) -> None:
    """Their shares add up to the whole, and none needs more memory than was said."""
    path = tmp_path / "telemetry.csv"
    (telemetry().assign(label=0) if labelled else telemetry()).to_csv(path, index=False)
    params = parse_params(ANALYSIS.params, {"mode": "detect", "resamples": "0", **NAMED})
    inputs = {"telemetry": open_source("telemetry", str(path))}
    taken: list[Step] = []

    def recorded(params: Any, inputs: Any) -> Compute:
        generator, results = ANALYSIS.compute(params, inputs), None
        while True:
            try:
                batch = generator.send(results)
            except StopIteration as stop:
                return stop.value
            taken.extend(batch)
            results = yield batch

    serially(replace(ANALYSIS, compute=recorded), params, inputs)
    estimate = ANALYSIS.estimate(params, inputs)
    assert len(taken) == estimate.steps
    assert sum(step.share for step in taken) == pytest.approx(1.0, abs=0.2)
    assert {step.memory for step in taken} == {estimate.memory}


def test_gaps_stay_gaps(tmp_path: Path) -> None:
    """Neither values nor residuals are made up, and the past does not reach across."""
    arrays = run(tmp_path, telemetry().drop(index=range(1_000, 1_050)), nominal_rows=str(NOMINAL)).arrays
    assert np.isnan(arrays["values"][1_000:1_050]).all()
    assert np.isnan(arrays["residual"][1_000:1_056]).all()
    assert np.isfinite(arrays["residual"][1_056:]).all()


def test_a_dead_and_a_late_channel_do_not_stop_the_others(tmp_path: Path) -> None:
    """One that moves for the first time has an event there; one that can't be judged is named in a note."""
    table = telemetry()
    table["FLAT [K]"] = np.where(np.arange(ROWS) == 1_100, 5.0, 4.0)
    table["LATE [K]"] = table["B [K]"].where(np.arange(ROWS) >= NOMINAL)
    result = run(tmp_path, table, targets="A [K],FLAT [K],LATE [K]", covariates="fan", nominal_rows=str(NOMINAL))
    assert result.arrays["target_names"].tolist() == ["A [K]", "FLAT [K]"]
    assert any(note.startswith("LATE [K] was left out") for note in result.notes)
    flat = result.tables["events"].query("parameter == 'FLAT [K]'").iloc[0]
    assert abs(flat.peak_row - 1_100) <= 2
    assert np.isfinite(flat.peak_sigma)


def test_labels_mark_the_nominal_rows_where_nobody_did(tmp_path: Path) -> None:
    """All rows labelled as normal, and a note says so."""
    label = (np.arange(ROWS) >= FAULT).astype(int)
    result = run(tmp_path, telemetry().assign(label=label), labels="label")
    np.testing.assert_array_equal(result.arrays["nominal"], label == 0)
    assert any("labelled as normal" in note for note in result.notes)


def test_events_in_the_nominal_part_alone_leave_the_metrics_undefined(tmp_path: Path) -> None:
    """Never 0; the labelled rows are not learned from."""
    label = np.zeros(ROWS, dtype=int)
    label[100:120] = 1
    result = run(tmp_path, telemetry().assign(label=label), labels="label", nominal_rows=str(NOMINAL))
    vus = result.tables["scores"].query("metric == 'vus_pr'")
    assert vus.value.isna().all()
    assert vus.note.str.startswith("undefined").all()
    assert result.arrays["nominal"].sum() == NOMINAL - 20


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"nominal_until": "2023-01-01"}, "has 0 rows, fewer than the longest lag of 6 rows"),
        ({"nominal_rows": "30"}, "24 nominal rows are known .* at least 40"),
    ],
)
def test_too_short_a_nominal_part_is_refused_in_one_sentence(
    params: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    """It names both numbers."""
    with pytest.raises(BadInput, match=sentence):
        run(tmp_path, telemetry(), **params)
