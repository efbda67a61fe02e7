"""The page of topology in mode score: its form, its example, what it refuses."""

from __future__ import annotations

from core.analysis import parse_params
from core.catalog import analysis_by_slug
from core.examples import EXAMPLES, MODE_EXAMPLES, asked_example, example_inputs
from tests.pages.conftest import Desk, words

PAGE = "topology.py"
ANALYSIS = analysis_by_slug("topology")


def test_the_examples_of_modes_can_be_asked() -> None:
    """Each names a mode of its question and something built in; an address without a known mode means the question's own."""
    for slug, by_mode in MODE_EXAMPLES.items():
        analysis = analysis_by_slug(slug)
        for mode, example in by_mode.items():
            params = parse_params(analysis.params, example.params)
            assert params.mode == mode.partition("-")[0]
            assert analysis.estimate(params, example_inputs(analysis, example)).seconds < 60
            assert asked_example(slug, mode) is example
    assert asked_example("topology", "1") is EXAMPLES["topology"]
    assert asked_example("nothing", "1") is None


def test_a_score_can_be_asked_of_labelled_shapes(desk: Desk) -> None:
    """The form has an estimate and an example; one cloud without classes is refused in a sentence before it runs."""
    app = desk.open(PAGE, {"mode": "score", "data": "builtin:waves"})
    assert not app.exception
    assert not next(button for button in app.button if button.label == "Run").disabled
    assert "of computing" in words(app) and "Under a minute on two cores" in words(app)
    app = desk.open(PAGE, {"mode": "score", "data": "builtin:noisy-circle"})
    assert next(button for button in app.button if button.label == "Run").disabled
    assert "holds one item" in words(app)


def test_the_example_is_asked_by_its_address(desk: Desk) -> None:
    """?example=score queues the score of the series."""
    app = desk.open(PAGE, {"example": "score"})
    assert not app.exception
    assert "oscillations and random walks" in words(app).lower()
