"""Advice for phases and pruning regimes."""

from __future__ import annotations

import pandas as pd
import pytest

from core.landscape.advice import PHASE_ADVICE, PRUNING_ADVICE, PUBLISHED_TEST_ACCURACY, advise
from core.landscape.phase_map.labels import COLLAPSED, PHASES


def _cells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "phase": ["I", "III", "III", "IV-B", "III or IV", COLLAPSED],
            "train_loss": [0.4, 0.004, 0.003, 0.01, 0.002, 2.3],
            "trace": [2000.0, 50.0, 60.0, float("nan"), 30.0, 1.0],
            "mode_connectivity": [-15.0, -8.0, -6.0, 0.1, float("nan"), 0.0],
            "cka": [0.4, 0.5, 0.5, 0.7, float("nan"), 1.0],
        }
    )


def test_each_phase_and_regime_has_advice() -> None:
    """The five phases, the three regimes, and collapsed cells of both."""
    assert {advice.label for advice in PHASE_ADVICE} == {*PHASES, COLLAPSED}
    assert {advice.label for advice in PRUNING_ADVICE} == {"I", "II-A", "II-B", COLLAPSED}


def test_the_papers_own_rules_are_told_from_what_is_read_off_the_map() -> None:
    """The pruning rule and not to train to zero loss in III are the papers'; what to do in I, II and IV-A is the map's."""
    assert {advice.origin for advice in PRUNING_ADVICE if advice.label != COLLAPSED} == {"paper"}
    origins = {(advice.label, advice.turn): advice.origin for advice in PHASE_ADVICE}
    assert origins["III", "stop earlier"] == "paper" and origins["III", "load"] == "map"
    assert {origins[key] for key in (("I", "load"), ("II", "temperature down"), ("IV-A", "temperature up"))} == {"map"}


def test_the_evidence_is_the_cells_own_values() -> None:
    """In III: loss, trace and connectivity of that cell, then what the authors' map says of accuracy."""
    stop, load = advise(_cells(), 1)
    assert [(e.title, e.value) for e in stop.evidence[:3]] == [
        ("training loss", 0.004),
        ("trace of the Hessian", 50.0),
        ("mode connectivity", -8.0),
    ]
    assert [e.value for e in load.evidence[1:]] == list(PUBLISHED_TEST_ACCURACY.values())


def test_the_readers_own_test_errors_replace_the_published_accuracies() -> None:
    """Means by phase: 10 and 20 points in III are 15."""
    cells = _cells().assign(test_error=[30.0, 10.0, 20.0, 5.0, 8.0, 90.0])
    values = {e.title: e.value for e in advise(cells, 3)[0].evidence}
    assert values["mean test error of the cells in III"] == 15 and values["mean test error of the cells in IV-B"] == 5
    assert not any("authors" in title for title in values)


def test_a_phase_that_is_not_known_asks_for_a_measurement() -> None:
    """Without pairs there is no advice on what to turn."""
    (advised,) = advise(_cells(), 4)
    assert advised.advice.turn == "measure"
    (advised,) = advise(pd.DataFrame({"regime": ["not measured"]}), 0, "regime")
    assert advised.advice.turn == "measure"


@pytest.mark.parametrize(("regime", "turn"), [("I", "temperature up"), ("II-A", "temperature down"), ("II-B", "keep")])
def test_the_pruning_rule(regime: str, turn: str) -> None:
    """Raise the temperature below the transition, lower it above, prune as is in II-B."""
    cells = pd.DataFrame({"regime": [regime], "lmc": [-20.0], "cka": [0.9]})
    (advised,) = advise(cells, 0, "regime")
    assert advised.advice.turn == turn and advised.evidence[0].value == -20
