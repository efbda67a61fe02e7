"""The parameters that every mode of telemetry shares."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from core.analysis import parse_params
from core.errors import BadInput
from core.telemetry.ingest.settings import IngestSettings
from core.telemetry.ingest_params import IngestParams


class Detect(IngestParams):
    """A mode with a field of its own."""

    mode: Literal["detect"] = "detect"
    top: int = 3


def parse(**values: Any) -> Detect:
    return parse_params((Detect,), values)


def test_steps_get_what_concerns_reading_alone():
    """`ingest` leaves out the mode's own fields, and survives the way through a step's arguments."""
    params = parse(targets="A, B", resample="600", top=5)
    plain = params.ingest()
    assert "top" not in plain and "mode" not in plain and plain["targets"] == ["A", "B"]
    settings = IngestSettings.of(plain)
    assert settings == IngestSettings.of(params) and settings.targets == ("A", "B") and settings.resample == 600


def test_unknown_fields_are_a_mistake_of_the_caller():
    """A step that hands in more than the ingestion knows is told so."""
    with pytest.raises(TypeError, match="top: not a field of IngestParams"):
        IngestSettings.of({"top": 3})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"timezone": "Mars/Olympus"},
            "Time zone: 'Mars/Olympus' is not known; name one such as UTC or Europe/Madrid.",
        ),
        ({"timezone": "../../etc/passwd"}, "Time zone: '../../etc/passwd' is not known"),
        (
            {"targets": "A", "covariates": "B,A"},
            "Column 'A' is chosen as a target and as a covariate; leave it in one of the two lists.",
        ),
        ({"targets": "A", "ignore": "A"}, "Column 'A' is chosen as a target and as ignored"),
        ({"time": "A", "labels": "A"}, "Column 'A' is chosen as the time column and as the label column"),
        ({"targets": "A", "states": "A"}, "Column 'A' is chosen as a state and as a target; a state can only be a"),
        ({"resample": "0"}, "Time step (s): '0' is not accepted; expected a number from 0.001 to"),
    ],
)
def test_contradictions_are_refused_before_anything_runs(values: dict[str, str], sentence: str):
    """A column in two parts, an unknown zone and a step out of bounds are refused with one sentence."""
    with pytest.raises(BadInput) as refused:
        parse(**values)
    assert str(refused.value).startswith(sentence)


def test_a_state_may_be_named_as_covariate():
    """States are covariates, so naming a column twice there is no contradiction."""
    assert parse(covariates="A,B", states="A").states == ("A",)
