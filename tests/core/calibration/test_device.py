"""The graphics card as a place to measure: which steps go there, what they need, and what happens without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis import Source, Step, parse_params
from core.calibration.analysis import ANALYSIS
from core.errors import BadInput
from core.serial import serially
from core.sources import open_source


def population_file(folder: Path) -> Source:
    rng = np.random.default_rng(0)
    np.savez(folder / "models.npz", logits=rng.normal(size=(4, 50, 3)), labels=np.arange(50) % 3)
    return open_source("population", str(folder / "models.npz"))


def second_batch(inputs: dict[str, Source], **params: Any) -> list[Step]:
    """The steps that follow once the file was read."""
    chosen = parse_params(ANALYSIS.params, params)
    generator = ANALYSIS.compute(chosen, inputs)
    return generator.send([step.run() for step in next(generator)])


def test_the_metrics_of_a_model_go_to_the_card() -> None:
    """The resampled metrics of both stages wait for a card; diagrams and decompositions stay on the processor."""
    inputs = {"predictions": open_source("predictions", "overconfident")}
    steps = second_batch(inputs, mode="evaluate", device="gpu")
    assert [step.device for step in steps] == ["gpu", "gpu", "cpu", "cpu", "cpu"]
    assert {step.device for step in second_batch(inputs, mode="evaluate")} == {"cpu"}


def test_the_models_of_a_file_go_to_the_card(tmp_path: Path) -> None:
    """Every measuring step of a population waits for a card, and asks for the card's memory."""
    inputs = {"population": population_file(tmp_path)}
    steps = second_batch(inputs, mode="population", device="gpu")
    estimate = ANALYSIS.estimate(parse_params(ANALYSIS.params, {"mode": "population", "device": "gpu"}), inputs)
    assert [(step.device, step.memory) for step in steps] == [("gpu", estimate.memory)]


@pytest.mark.parametrize("mode", ["evaluate", "population"])
def test_without_a_card_it_is_refused(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing falls back to the processor in silence: the sentence says what to choose."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    inputs = {
        "evaluate": {"predictions": open_source("predictions", "overconfident")},
        "population": {"population": population_file(tmp_path)},
    }[mode]
    params = parse_params(ANALYSIS.params, {"mode": mode, "device": "gpu", "resamples": 20})
    with pytest.raises(BadInput, match=r"Device gpu: this machine has no graphics card that can be used; choose cpu\."):
        serially(ANALYSIS, params, inputs)
