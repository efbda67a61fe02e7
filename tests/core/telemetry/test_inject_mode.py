"""Mode `inject` from a file to its answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, parse_params
from core.errors import BadInput
from core.serial import serially
from core.sources import open_source
from core.telemetry.analysis import ANALYSIS
from core.telemetry.injection.power import power_table, wilson

ROWS, NOMINAL, GAP = 1_500, 500, 900
CHOSEN = {
    "mode": "inject",
    "target": "mirror [K]",
    "targets": "mirror [K]",
    "covariates": "heater,fan",
    "nominal_rows": str(NOMINAL),
    "duration": "120",
    "smallest": "1",
    "largest": "60",
    "sizes": "3",
    "repeats": "4",
    "threshold": "manual",
    "sigma": "8",
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror by 10 minutes that wanders, a heater and a fan; one hour is missing, one event is there already."""
    rng = np.random.default_rng(0)
    mirror = np.full(ROWS, 120.0)
    for row in range(1, ROWS):
        mirror[row] = 120 + 0.95 * (mirror[row - 1] - 120) + rng.normal(0, 0.01)
    mirror[700:712] += 1.0
    table = pd.DataFrame(
        {
            "time": pd.date_range("2024-03-01", periods=ROWS, freq="10min", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
            "mirror [K]": mirror.round(4),
            "heater": rng.normal(20, 1, ROWS).round(3),
            "fan": rng.normal(0, 1, ROWS).round(3),
        }
    ).drop(index=range(GAP, GAP + 6))
    path = tmp_path_factory.mktemp("telemetry") / "mirror.csv"
    table.to_csv(path, index=False)
    return path


def asked(file: Path, **values: str) -> Result:
    source = {"telemetry": open_source("telemetry", str(file))}
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {**CHOSEN, **values}), source)


@pytest.fixture(scope="module")
def sensor(file: Path) -> Result:
    return asked(file)


@pytest.fixture(scope="module")
def caused(file: Path) -> Result:
    return asked(file, cause="heater", cause_value="90", answer="10", sizes="1")


def test_large_events_are_found_and_tiny_ones_are_not(sensor: Result) -> None:
    """One sigma is missed everywhere, sixty sigma are found everywhere; the answer names the size in both units."""
    power = sensor.tables["power"]
    np.testing.assert_allclose(power.size_sigma, [1, np.sqrt(60), 60])
    assert power.detected.tolist()[::2] == [0, 1]
    found = sensor.summary["smallest_found"]
    assert found.unit == "K"
    assert found.value in power["size"].tolist()
    assert sensor.summary["smallest_found_sigma"].value == pytest.approx(
        power.size_sigma[power["size"] == found.value].iloc[0]
    )
    assert "a step of mirror [K] in the sensor alone from" in sensor.answer


def test_power_follows_from_the_injections(sensor: Result) -> None:
    """The table of power is counted from the table of injections, with Wilson intervals."""
    power, injections = sensor.tables["power"], sensor.tables["injections"]
    pd.testing.assert_frame_equal(power, power_table(injections))
    assert len(injections) == 12
    assert (power.detected_low[0], power.detected_high[0]) == wilson(0, 4)


def test_places_are_free(sensor: Result) -> None:
    """No event was put into the nominal part, the gap, or what was an alarm already; each size has the same places."""
    places = sensor.tables["injections"].groupby("size").start.apply(list)
    assert all(one == places.iloc[0] for one in places)
    first = pd.Timestamp("2024-03-01", tz="UTC")
    for start in places.iloc[0]:
        row = (start - first) / pd.Timedelta("10min")
        felt = np.arange(row - 6, row + 12 + 6)
        assert row >= NOMINAL + 6
        assert not np.isin(felt, np.arange(700, 712)).any()
        assert not np.isin(felt, np.arange(GAP, GAP + 6)).any()
    lengths = sensor.tables["injections"].end - sensor.tables["injections"].start
    assert (lengths == pd.Timedelta("110min")).all()


def test_cause_is_named(caused: Result) -> None:
    """A heater that is set to 90 is named first for each event that it causes."""
    injections = caused.tables["injections"]
    assert injections.detected.all()
    assert (injections.named == "heater").all() and (injections.cause_place == 1).all()
    denied = injections.verdict == "no covariate explains this"
    assert (injections.explained == ~denied).all()
    assert any(note.startswith("heater was set to 90 during each event") for note in caused.notes)
    assert "caused by heater" in caused.answer


def test_not_found_is_an_answer(file: Path) -> None:
    """Where even the largest size is missed, the answer says so and the summary has no size."""
    result = asked(file, largest="2", sizes="2", sigma="500", repeats="2")
    assert result.answer.startswith("You would not have found a step of mirror [K] in the sensor alone up to")
    assert result.summary["smallest_found"].value is None
    assert result.summary["right_share"].value is None
    assert list(ANALYSIS.figures(result)) == ["power", "outcomes"]


def test_sizes_in_units(file: Path) -> None:
    """Sizes may be given in the unit of the target; the direction may be chosen."""
    result = asked(
        file, size_unit="unit", smallest="0.5", largest="0.5", sizes="1", direction="down", kind="drift", repeats="2"
    )
    injections = result.tables["injections"]
    assert injections["size"].tolist() == [0.5, 0.5]
    assert (injections.sign == -1).all()
    assert (injections.kind == "drift").all()


def test_unmarked_nominal_part_and_no_covariates_are_said(file: Path) -> None:
    """Without a marked nominal part events go into learned rows too; without covariates nothing is explained."""
    few = {"sizes": "1", "repeats": "2"}
    result = asked(file, covariates="", ignore="heater,fan", nominal_rows="none", **few)
    assert result.tables["injections"].detected.all()
    assert not result.tables["injections"].explained.any()
    assert result.tables["injections"].start.min() < pd.Timestamp("2024-03-04", tz="UTC") + pd.Timedelta(hours=48)
    assert any("No nominal part was marked" in note for note in result.notes)
    assert any("There are no covariates" in note for note in result.notes)
    assert result.answer.endswith("there are no covariates that could explain it.")
    assert result.summary["right_share"].value is None


def test_same_question_same_answer(sensor: Result, file: Path) -> None:
    """The seed decides all; nothing depends on when the question is asked."""
    again = asked(file)
    pd.testing.assert_frame_equal(again.tables["injections"], sensor.tables["injections"])


def test_figures_are_drawn(sensor: Result) -> None:
    """Three figures, each with words for those who can't see it."""
    drawn = ANALYSIS.figures(sensor)
    assert list(drawn) == ["power", "outcomes", "delay"]
    assert all(figure.plot.data and figure.alt and figure.reading for figure in drawn.values())


def test_estimate_needs_no_data(file: Path) -> None:
    """The cost is said before anything is read, and grows with the number of events."""
    source = {"telemetry": open_source("telemetry", str(file))}
    few, many = (
        ANALYSIS.estimate(parse_params(ANALYSIS.params, {**CHOSEN, "repeats": repeats}), source)
        for repeats in ("2", "200")
    )
    assert few.seconds < many.seconds and few.steps == many.steps == 4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"target": "moon"}, r"Parameter: 'moon' is none of the targets, which are mirror \[K\]"),
        ({"cause": "moon"}, "Cause: 'moon' is none of the covariates, which are heater, fan"),
        ({"cause": "mirror [K]"}, "is a target; name a covariate"),
        ({"cause": "heater", "kind": "stuck"}, "stuck is a fault of the sensor and has no cause"),
        ({"cause": "fan", "responders": "fan"}, "is marked as a responder"),
        ({"smallest": "9", "largest": "3"}, "exchange the two"),
        ({"duration": "20000"}, "has no stretch of 333 hours"),
    ],
)
def test_bad_questions_are_refused(file: Path, values: dict[str, str], words: str) -> None:
    """Names, sizes and lengths that don't fit, in one sentence each."""
    with pytest.raises(BadInput, match=words):
        asked(file, **values)
