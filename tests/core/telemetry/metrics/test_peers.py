"""Where the definition is the same, the value is the same as that of other libraries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.telemetry.metrics.adtqc import adtqc
from core.telemetry.metrics.affiliation import affiliation
from core.telemetry.metrics.esa_events import count_events
from core.telemetry.metrics.undefined import Undefined
from core.telemetry.metrics.vus import vus
from tests.core.telemetry.metrics.cases import ALARMS, CONSTANT, SCORES, WINDOWS

PEERS = json.loads((Path(__file__).parent / "peers.json").read_text())


@pytest.mark.parametrize("case", SCORES)
@pytest.mark.parametrize("definition", ["tsb_ad", "aeon"])
def test_vus_has_the_digits_of_its_definition(case: str, definition: str) -> None:
    """VUS-PR and VUS-ROC equal those of TSB-AD or of aeon within 1e-9, at every window and for every kind of labels."""
    for window in WINDOWS:
        found = vus(*SCORES[case](), window, definition)  # type: ignore[arg-type]
        assert (found.pr, found.roc) == pytest.approx(PEERS[definition][case][str(window)], abs=1e-9, rel=0), window


def test_vus_of_a_constant_score() -> None:
    """A score that is the same everywhere gets TSB-AD's value; aeon gives 0 there, which is none."""
    found = vus(*CONSTANT, 30)
    assert (found.pr, found.roc) == pytest.approx(PEERS["tsb_ad constant"], abs=1e-9)
    with pytest.raises(Undefined, match="All scores are the same"):
        vus(*CONSTANT, 30, "aeon")


@pytest.mark.parametrize("case", ALARMS)
def test_affiliation_is_that_of_its_authors(case: str) -> None:
    """Affiliation precision and recall equal the authors' code, which TSB-AD carries."""
    found = affiliation(*ALARMS[case]())
    assert (found.precision, found.recall) == pytest.approx(PEERS["affiliation"][case], abs=1e-12)


@pytest.mark.parametrize("case", ALARMS)
def test_events_and_timing_are_those_of_telemeval(case: str) -> None:
    """Found events, false alarms, recall and timing quality equal telemeval's."""
    labels, alarms = ALARMS[case]()
    counts, peer = count_events(labels, alarms), PEERS["telemeval"][case]
    assert counts.found == peer["detected_events"]
    assert counts.false_alarms == peer["false_alarms"]
    assert counts.recall() == pytest.approx(peer["event_wise_recall"], abs=1e-15)
    if peer["adtqc_total"] is None:
        with pytest.raises(Undefined):
            adtqc(labels, alarms)
    else:
        timing = adtqc(labels, alarms)
        assert timing.score == pytest.approx(peer["adtqc_total"], abs=1e-8)  # its events are a nanosecond shorter
        assert timing.after_share == pytest.approx(peer["after_rate"], abs=1e-15)
