"""The page of topology in mode robustness: its form and its example."""

from __future__ import annotations

from core.analysis import parse_params
from core.catalog import analysis_by_slug
from core.examples import MODE_EXAMPLES, example_inputs
from tests.pages.conftest import Desk, words

PAGE = "topology.py"
ANALYSIS = analysis_by_slug("topology")


def test_robustness_can_be_asked_at_once(desk: Desk) -> None:
    """The form offers all sweeps, and a choice that the theorem can't bound is refused before it runs."""
    app = desk.open(PAGE, {"mode": "robustness", "data": "builtin:two-shapes"})
    assert not app.exception
    assert not next(button for button in app.button if button.label == "Run").disabled
    assert "of computing" in words(app)
    app = next(box for box in app.selectbox if box.label == "Filtration").select("rips").run()
    app = next(box for box in app.selectbox if box.label == "Invariant").select("euler").run()
    assert next(button for button in app.button if button.label == "Run").disabled
    assert "sums over all cliques" in words(app)


def test_the_example_is_short() -> None:
    """It names something built in, and is estimated at less than half a minute on one core."""
    example = MODE_EXAMPLES["topology"]["robustness"]
    params, inputs = parse_params(ANALYSIS.params, example.params), example_inputs(ANALYSIS, example)
    assert ANALYSIS.estimate(params, inputs).seconds < 30
