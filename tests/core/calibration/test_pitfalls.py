"""Traps of calibration studies that no single module owns."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import parse_params
from core.calibration.analysis import ANALYSIS
from core.calibration.metrics.battery import battery
from core.calibration.metrics.pairs import sorted_pairs
from core.calibration.reading import classifier
from core.cli import main
from core.data.predictions_reading import read_predictions
from core.errors import BadInput
from core.serial import serially
from core.sources import open_source


def test_sums_of_many_rows_keep_their_digits() -> None:
    """A running sum over 300,000 float32 confidences is that of exact arithmetic to 1e-9; in float32 it is not."""
    rng = np.random.default_rng(0)
    scores = rng.random(300_000).astype(np.float32)
    pairs = sorted_pairs(scores, rng.random(300_000) < scores)
    exact = math.fsum((pairs.scores - pairs.outcomes).tolist())
    assert pairs.cumulative[-1] == pytest.approx(exact, abs=1e-9)
    assert abs(float(np.cumsum(pairs.residuals.astype(np.float32))[-1]) - exact) > 1e-4


def test_an_empty_validation_part_is_refused(tmp_path: Path) -> None:
    """Nothing can be fitted on no rows: the sentence names the array."""
    arrays = {"logits": np.eye(3), "labels": np.arange(3)}
    np.savez(tmp_path / "f.npz", **arrays, val_logits=np.empty((0, 3)), val_labels=np.empty(0, int))
    with pytest.raises(BadInput, match=r"f\.npz: val_logits has shape \(0, 3\) and holds nothing"):
        read_predictions(tmp_path / "f.npz", "f.npz")


def test_a_label_of_probability_zero_is_named_as_the_file_shows_it(tmp_path: Path) -> None:
    """The flag of an infinite NLL points at row and line of the csv, also where only a part of it is reported on."""
    path = tmp_path / "f.csv"
    path.write_text("label,p_0,p_1,split\n0,0.6,0.4,val\n1,0.3,0.7,test\n0,0.5,0.5,val\n1,1.0,0.0,test\n")
    model = classifier(read_predictions(path, "f.csv"))
    reason = battery(model.report, bins=[5]).attrs["reasons"]["nll"]
    assert "1 of 2 rows" in reason and "row 4 (line 5)" in reason
    assert "Validation part: 1 of 2 rows have their largest probability in several classes" in " ".join(model.notes)
    assert "row 3 (line 4)" in " ".join(model.notes)


def test_models_no_better_than_chance_are_named_and_left_out_when_asked(tmp_path: Path) -> None:
    """They stay until a least accuracy is chosen, and a note says that they are there."""
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    skills = np.array([0.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    logits = rng.normal(size=(6, 300, 3)) + skills[:, None, None] * np.eye(3)[labels]
    np.savez(tmp_path / "f.npz", logits=logits, labels=labels)
    given = {"population": open_source("population", str(tmp_path / "f.npz"))}
    every, some = (
        serially(
            ANALYSIS,
            parse_params(
                ANALYSIS.params, {"mode": "population", "resamples": 20, "splits": 1, "least_accuracy": least}
            ),
            given,
        )
        for least in (0, 0.45)
    )
    assert any("2 of 6 models are no better than chance" in note for note in every.notes)
    assert every.summary["models"].value == 6 and set(every.tables["kendall"].n) == {6}
    assert any("2 models with an accuracy below 0.45 are left out" in note for note in some.notes)
    assert some.summary["models"].value == 4 and set(some.tables["kendall"].n) == {4}
    assert not any("no better than chance" in note for note in some.notes)


def test_a_model_table_is_called_by_its_file(tmp_path: Path) -> None:
    """A refusal of the table of models names that file, and the row as it stands there."""
    columns = {"config": range(5), "acc": 0.5, "pre_ECE_15": 0.1}
    pd.DataFrame(columns).to_csv(tmp_path / "metrics.csv", index=False)
    pd.DataFrame({"id": [0, 1, None, 3, 4], "fog": 0.5}).to_csv(tmp_path / "models.csv", index=False)
    given = {
        "population": open_source("population", str(tmp_path / "metrics.csv")),
        "model_table": open_source("table", str(tmp_path / "models.csv")),
    }
    with pytest.raises(BadInput, match=r"models\.csv: row 3 \(line 4\) has no id; every model"):
        serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "population"}), given)


def test_seed_and_versions_travel_with_the_result(tmp_path: Path) -> None:
    """Whoever is sent a result can see with which seed and which libraries it was made."""
    arguments = ["mode=evaluate", "resamples=20", "seed=7"]
    np.savez(tmp_path / "f.npz", logits=np.random.default_rng(0).normal(size=(50, 3)), labels=np.arange(50) % 3)
    given = ["--input", f"predictions={tmp_path / 'f.npz'}", "--out", str(tmp_path / "out")]
    assert main(["run", "calibration", *given, *(part for one in arguments for part in ("--set", one))]) == 0
    written = json.loads((tmp_path / "out" / "result.json").read_text())
    assert written["params"]["seed"] == 7
    assert {"numpy", "scipy"} <= set(written["provenance"]["libraries"])
