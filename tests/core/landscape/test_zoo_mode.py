"""Mode `zoo`: from the files of a model zoo to phases, training curves and gains of averaging."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.analysis import Result, parse_params
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.serial import serially
from core.sources import open_source
from tests.core.landscape.phase_map.maps import REPORTED
from tests.core.models.zoos import model_files, packed, run

PHASES = {  # width, batch size -> phase; means of each as the taxonomy's authors report them
    (2, 8): "I", (2, 512): "III", (64, 8): "II", (64, 512): "IV-A", (8, 8): "I", (8, 512): "III", (32, 8): "II", (32, 512): "IV-B",
}  # fmt: skip
GAINS = {"I": -0.3, "II": -0.1, "III": -0.2, "IV-A": 0.01, "IV-B": 0.02}


def ending(phase: str) -> dict[str, Any]:
    """The last line of a model of a phase, by the names of the zoo."""
    means = REPORTED[phase]
    return {
        "train_loss": means["train_loss"],
        "test_acc": 0.9 if phase == "IV-B" else 0.8,
        "log_hessian_trace_train": means["log_trace"],
        "curve_mc_train_error": means["mode_connectivity"],
        "representation_similarity": means["cka"],
        "wiseft_acc_test": 0.81,
        "gitrebasin_acc_test_delta": GAINS[phase],
    }


def zoo_files(change: Callable[[dict[str, Any], list[Any], int], Any] | None = None) -> dict[str, bytes]:
    """Two seeds a cell; `change` may alter settings and lines of each model, by its number."""
    files: dict[str, bytes] = {}
    for number, ((width, batch), phase) in enumerate((cell, phase) for cell, phase in PHASES.items() for _ in range(2)):
        settings, lines = run(width, batch, number % 2, ending(phase))
        if change is not None:
            change(settings, lines, number)
        files |= model_files(f"zoo/run_{number}", settings, lines, {})
    return files


def ask(folder: Path, files: dict[str, bytes], **values: object) -> Result:
    source = open_source("zoo", str(packed(folder / "zoo.zip", files)))
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "zoo", **values}), {"checkpoints": source})


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return ask(tmp_path_factory.mktemp("zoo"), zoo_files())


def test_every_cell_gets_the_phase_that_its_metrics_have(result: Result) -> None:
    """Width and batch size are found as the axes, logarithms are taken back, and small batches are hot."""
    cells = result.tables["phases"].set_index(["load", "temperature"])
    assert cells.phase.to_dict() == PHASES
    assert cells.trace[2, 8] == pytest.approx(math.exp(7.6))
    axes = result.tables["axes"].set_index("axis")
    assert axes.name.tolist() == ["width", "batchsize"]
    assert axes.cold_if_large.tolist() == [False, True]
    assert result.summary["best_phase"].value == "IV-B" and result.summary["epoch"].value == 3
    assert "representation_similarity is biased linear CKA of logits" in result.notes[1]
    assert any("the same at each of its seeds" in note for note in result.notes)


def test_gains_of_averaging_stand_beside_the_phase(result: Result) -> None:
    """A stored delta counts in points; an accuracy counts against that of the model itself."""
    gains = result.tables["gains"].set_index(["method", "load", "temperature"])
    assert gains.gain["Git Re-Basin", 2, 8] == pytest.approx(-30)
    assert gains.gain["WiSE-FT", 2, 8] == pytest.approx(1) and gains.gain["WiSE-FT", 32, 512] == pytest.approx(-9)
    assert gains.phase["Git Re-Basin", 2, 8] == "I" and (gains.models == 2).all()
    assert "Gain in test accuracy by averaging: Git Re-Basin -30.00 points (in I) to +2.00 (in IV-B)" in result.answer
    assert result.summary["gain_git_re_basin_iv_b"].value == pytest.approx(2)


def test_training_curves_of_every_model_are_kept(result: Result) -> None:
    """A row an epoch, with its cell and phase; an error is 100 less the accuracy in per cent."""
    history = result.tables["history"]
    assert len(history) == 16 * 4 and history.phase.notna().all()
    first = history[history.epoch == 0]
    np.testing.assert_allclose(first.test_error, 90)
    assert list(ANALYSIS.figures(result)) == [
        "phase_map", "plane_train_loss", "plane_trace", "plane_mode_connectivity", "plane_cka", "plane_test_error",
        "history_train_loss", "history_test_error", "gains", "plane_gain_1", "plane_gain_2",
    ]  # fmt: skip
    assert all(one.alt and one.reading and one.caption and one.reference for one in ANALYSIS.figures(result).values())


def test_models_that_lack_something_are_named(tmp_path: Path) -> None:
    """A torn last line is said and the line before counts; absent metrics stand in the table; a run that diverged collapsed."""

    def change(settings: dict[str, Any], lines: list[Any], number: int) -> None:
        if number == 0:
            del lines[-1]["representation_similarity"], lines[-1]["log_hessian_trace_train"]
        if number in (2, 3):
            lines[-1]["train_loss"] = math.nan

    files = zoo_files(change)
    files["zoo/run_5/result.json"] = files["zoo/run_5/result.json"][:-9]
    result = ask(tmp_path, files)
    models = result.tables["models"]
    assert models.lacks[0] == "trace, cka" and "cut off" in models.remarks[5]
    assert models.epoch[5] == 2 and models.lacks[5] == "trace, mode connectivity, cka"
    notes = " ".join(result.notes)
    assert "run_5 is taken at an earlier epoch than 3" in notes
    assert "run_5: the last line, 4, of result.json is cut off, and is left out." in notes
    assert "2 models have no log_hessian_trace_train: not measured, or the trace was negative" in notes
    assert result.tables["phases"].set_index(["load", "temperature"]).phase[2, 512] == "collapsed"


def test_what_was_measured_at_another_epoch_is_said(tmp_path: Path) -> None:
    """At an epoch without metrics only the loss decides, and the notes say where metrics are, or what could be measured."""
    result = ask(tmp_path, zoo_files(), epoch=2)
    notes = " ".join(result.notes)
    assert "No model has trace, mode connectivity, cka at this epoch" in notes
    assert "curve_mc_train_error, representation_similarity were measured at epochs 3; choose one of them" in notes
    assert result.tables["phases"].phase.isin(["I or II", "III or IV", "not measured"]).all()
    plain = {"train_loss": 0.1, "test_acc": 0.8}
    files: dict[str, bytes] = {}
    for number, width in enumerate((2, 4)):
        files |= model_files(f"{number}", *run(width, 8, 0, plain), {3: {"w": torch.ones(2)}})
    notes = " ".join(ask(tmp_path, files).notes)
    assert "mode checkpoints measures what is missing" in notes


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        (
            lambda settings, lines, number: settings.update({"optim::lr": 0.1 * number}),
            {},
            "which setting is the temperature can't be told; choose one .* of training::batchsize, optim::lr",
        ),
        (None, {"load": "depth"}, "has no setting in numbers called 'depth'; its models have model::width"),
        (None, {"epoch": 9}, "has no results of epoch 9; it has epochs from 0 to 3"),
        (None, {"trace": "hessian"}, "has no column 'hessian'; it has"),
        (
            lambda settings, lines, number: lines.clear(),
            {},
            "16 models and no results that can be read .*result.json is empty",
        ),
        (lambda settings, lines, number: settings.clear(), {}, "has no settings in numbers"),
    ],
)
def test_zoos_that_do_not_span_a_plane_are_refused(
    tmp_path: Path, change: Callable[[dict[str, Any], list[Any], int], Any], values: dict[str, Any], said: str
) -> None:
    """The candidates, or what there is instead, are named."""
    with pytest.raises(BadInput, match=said):
        ask(tmp_path, zoo_files(change), **values)
