"""Mode `detect` from a file to its result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, Source, parse_params
from core.cli import main
from core.errors import BadInput
from core.keys import digest_of_file
from core.serial import serially
from core.sources import open_source
from core.telemetry.analysis import ANALYSIS

ROWS, NOMINAL = 1_600, 900
KICKS = (500, 760, 1_100, 1_400)  # rows at which the heater is on and drives the panel
FAULT = 1_250  # row from which the mirror's sensor alone is off


def written(folder: Path, **more: Any) -> Path:
    """Two temperatures by 10 minutes: the panel follows a heater, the mirror's sensor fails once."""
    rng = np.random.default_rng(0)
    heater = rng.normal(20, 1, ROWS)
    for row in KICKS:
        heater[row : row + 18] = 90
    panel, mirror = np.full(ROWS, 290.0), np.full(ROWS, 120.0)
    for row in range(1, ROWS):
        panel[row] = 290 + 0.95 * (panel[row - 1] - 290) + 0.01 * (heater[row] - 20) + rng.normal(0, 0.01)
        mirror[row] = 120 + 0.95 * (mirror[row - 1] - 120) + rng.normal(0, 0.01)
    mirror[FAULT : FAULT + 12] += 1.0
    labels = np.zeros(ROWS, int)
    for row in (*KICKS, FAULT):
        labels[row : row + 18] = 1
    table = pd.DataFrame(
        {
            "time": pd.date_range("2024-03-01", periods=ROWS, freq="10min", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
            "panel [K]": panel.round(4),
            "mirror [K]": mirror.round(4),
            "heater": heater.round(3),
            "fan": rng.normal(0, 1, ROWS).round(3),
            "anomaly": labels,
            **more,
        }
    )
    path = folder / "satellite.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("telemetry"))


CHOSEN = {
    "mode": "detect",
    "targets": "panel [K],mirror [K]",
    "covariates": "heater,fan",
    "labels": "anomaly",
    "resamples": "20",
}


def asked(file: Path, **values: str) -> Result:
    source = open_source("telemetry", str(file))
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {**CHOSEN, **values}), {"telemetry": source})


@pytest.fixture(scope="module")
def result(file: Path) -> Result:
    return asked(file, nominal_rows=str(NOMINAL))


def test_the_planted_events_are_found(result: Result) -> None:
    """Behind the nominal part each kick is the panel's and the fault the mirror's largest event."""
    events = result.tables["events"]
    panel = events[(events.parameter == "panel [K]") & events.over]
    assert sorted(panel.peak_row.iloc[:2] // 50) == [KICKS[2] // 50, KICKS[3] // 50]
    mirror = events[events.parameter == "mirror [K]"].iloc[0]
    assert FAULT - 3 <= mirror.peak_row <= FAULT + 15
    assert mirror.start == pd.Timestamp("2024-03-01", tz="UTC") + pd.Timedelta(minutes=10 * int(mirror.start_row))


def test_the_cause_is_named_and_a_sensor_fault_is_not_explained(result: Result) -> None:
    """The heater explains the panel's events, held out; no covariate explains the mirror's."""
    events, attributions = result.tables["events"], result.tables["attributions"]
    first = attributions[(attributions.parameter == "panel [K]") & (attributions["rank"] == 1)].set_index("order")
    assert first.covariate[1] == "heater"
    share = events.set_index(["parameter", "rank"]).explained_share
    assert share["panel [K]", 1] > 0.3
    assert share["mirror [K]", 1] < 0.1


def test_attributions_sum_to_the_prediction(result: Result) -> None:
    """Base value + contributions of all covariates = what the second model says, in each event."""
    sums = result.tables["attributions"].groupby(["parameter", "rank"]).shap.sum()
    waterfall = result.tables["waterfall"].set_index(["parameter", "rank"])
    assert (waterfall.base + sums - waterfall.prediction).abs().max() < 1e-5
    assert (waterfall.prediction + waterfall.unexplained - waterfall.target).abs().max() < 1e-9


def test_arrays_lie_on_the_grid(result: Result) -> None:
    """Every series has one row a time step, and a score exists wherever the past is known."""
    arrays = result.arrays
    assert np.all(np.diff(arrays["time"]) == 600_000)
    for name in ("values", "predicted", "residual"):
        assert arrays[name].shape == (ROWS, 2)
    assert arrays["score"].shape == (ROWS,)
    assert np.isnan(arrays["score"][:2]).all()
    assert np.isfinite(arrays["score"][10:]).all()
    assert arrays["nominal"].sum() == NOMINAL - 2 * 18


def test_scores_stand_beside_the_comparators(result: Result) -> None:
    """With labels each comparator has a VUS in both definitions, and the base rate is that of the judged rows."""
    scores = result.tables["scores"]
    vus = scores[scores.metric == "vus_pr"].set_index(["method", "definition"])["value"]
    assert {"assay", "pca", "sub_pca", "isolation_forest", "kmeans_ad", "absolute_z", "random"} <= {
        method for method, _ in vus.index
    }
    assert vus["assay", "tsb_ad"] > vus["random", "tsb_ad"]
    rate = scores[scores.metric == "base_rate"]["value"].iloc[0]
    assert rate == pytest.approx(54 / (ROWS - NOMINAL))


def test_the_same_question_has_the_same_answer(file: Path, result: Result) -> None:
    """Same file, parameters and seed give the same numbers."""
    again = asked(file, nominal_rows=str(NOMINAL))
    pd.testing.assert_frame_equal(again.tables["events"], result.tables["events"])
    assert np.array_equal(again.arrays["residual"], result.arrays["residual"], equal_nan=True)


def test_a_moment_marks_what_a_number_of_rows_marks(file: Path, result: Result) -> None:
    """Nominal until the time of a row is the same as that many nominal rows."""
    until = pd.Timestamp("2024-03-01", tz="UTC") + pd.Timedelta(minutes=10 * NOMINAL)
    marked = asked(file, nominal_until=until.isoformat())
    pd.testing.assert_frame_equal(marked.tables["events"], result.tables["events"])


def test_paper_preset_uses_its_two_lags(file: Path) -> None:
    """15 minutes and 1 hour are 2 and 6 rows of 10 minutes, and the result says so."""
    lags = asked(file, preset="paper", nominal_rows=str(NOMINAL), labels="").tables["lags"]
    assert lags.rows.tolist() == [2, 6]
    assert lags.asked_s.tolist() == [900, 3600]


def test_without_a_mark_the_nominal_rows_are_found(file: Path) -> None:
    """Neither mark nor labels: the parameter's first fit leaves out its largest residuals, and a note says so."""
    found = asked(file, labels="", ignore="anomaly")
    assert any("large residuals" in note for note in found.notes)
    assert 0.5 < found.arrays["nominal"].mean() < 1
    assert "scores" not in found.tables


def test_labels_without_an_event_behind_the_nominal_part_are_undefined(tmp_path: Path) -> None:
    """No labelled event in the judged rows: the scores are undefined, never 0, and a note says why."""
    file = written(tmp_path, anomaly=np.zeros(ROWS, int))
    result = asked(file, nominal_rows=str(NOMINAL))
    own = result.tables["scores"].query("method == 'assay' and metric == 'vus_pr'")
    assert own["value"].isna().all()
    assert any("vus_pr is undefined" in note for note in result.notes)
    assert result.summary["vus_pr"].value is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"nominal_rows": "5"}, "Nominal rows"),
        ({"nominal_rows": "10", "lags": "36000"}, "fewer than the longest lag of 60 rows"),
        ({"nominal_rows": "900", "nominal_until": "2024-03-05"}, "keep one of the two"),
        ({"nominal_until": "yesterday"}, "'yesterday' is no moment"),
        ({"threshold": "manual"}, "sigma=6"),
        ({"covariates": "panel [K],fan"}, "'panel [K]' is chosen as a target and as a covariate"),
        ({"responders": "pump"}, "Responder 'pump' is none of the covariates"),
    ],
)
def test_what_can_not_be_used_is_refused(file: Path, values: dict[str, str], words: str) -> None:
    """One sentence says what is wrong and what to do."""
    with pytest.raises(BadInput) as refused:
        asked(file, **values)
    assert words in str(refused.value)


def test_command_line(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same by `python -m core run telemetry`, with the files that scripts rely on."""
    sets = [f"{name}={value}" for name, value in {**CHOSEN, "nominal_rows": "900", "top": "2"}.items()]
    arguments = ["run", "telemetry", "--input", f"telemetry={file}"]
    for one in sets:
        arguments += ["--set", one]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert json.loads(capsys.readouterr().out)["events"] >= 3
    events = pd.read_parquet(tmp_path / "out" / "tables" / "events.parquet")
    assert events.groupby("parameter")["rank"].max().tolist() == [2, 2]
    assert {"start", "peak", "end", "peak_sigma", "peak_value", "explained_share"} <= set(events)
    with np.load(tmp_path / "out" / "arrays.npz") as arrays:
        assert arrays["score"].shape == (ROWS,)


def test_estimate_needs_no_data(file: Path) -> None:
    """The cost is told from the inspection alone, and grows with the parameters."""
    details = open_source("telemetry", str(file)).details
    source = Source("telemetry", "satellite.csv", digest_of_file(file), "nowhere", details)
    few = ANALYSIS.estimate(parse_params(ANALYSIS.params, {**CHOSEN, "targets": "panel [K]"}), {"telemetry": source})
    more = ANALYSIS.estimate(parse_params(ANALYSIS.params, CHOSEN), {"telemetry": source})
    assert 0 < few.seconds < more.seconds


def test_interactions_on_demand(file: Path) -> None:
    """Asked for, each event has what pairs of covariates do together; over all pairs they sum to the SHAP values."""
    found = asked(file, nominal_rows=str(NOMINAL), labels="", targets="panel [K]", interactions="true")
    keys = ["parameter", "rank"]
    sums = found.tables["interactions"].groupby(keys).interaction.sum()
    assert (sums - found.tables["attributions"].groupby(keys).shap.sum()).abs().max() < 1e-3
    assert "interactions" in ANALYSIS.figures(found)
