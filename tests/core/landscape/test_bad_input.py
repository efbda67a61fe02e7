"""What modes `checkpoints` and `metrics` say of input that can't be measured, or only in part."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.analysis import Result, Source, parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.own.brought import Brought
from core.landscape.own.measure_steps import curvature_step, pair_step
from core.models.architectures import Mlp
from core.models.networks import build
from core.serial import serially
from core.sources import open_source

CONFIG = Mlp(inputs=64, hidden=(3,), classes=10)


def state(scale: float) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {name: scale * value for name, value in build(CONFIG).state_dict().items()}


def packed(folder: Path, **scales: float) -> Source:
    """A checkpoint a name, all weights of one network times a number."""
    with zipfile.ZipFile(folder / "runs.zip", "w") as archive:
        for name, scale in scales.items():
            stream = io.BytesIO()
            torch.save(state(scale), stream)
            archive.writestr(f"{name}.pt", stream.getvalue())
    return open_source("checkpoints", str(folder / "runs.zip"))


def brought(folder: Path, **scales: float) -> Brought:
    return Brought(packed(folder, **scales), builtin_dataset_source("digits"), None, "", "", "none", 60)


def metrics(folder: Path, table: pd.DataFrame) -> Result:
    table.to_csv(folder / "metrics.csv", index=False)
    inputs = {"table": open_source("table", str(folder / "metrics.csv"))}
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "metrics"}), inputs)


def test_a_checkpoint_whose_loss_is_not_finite_is_named(tmp_path: Path) -> None:
    """The curvature of the one that diverged is refused by its name."""
    with pytest.raises(
        BadInput, match=r"b.pt: The loss of batch 0 is nan, which is not finite: the model has diverged"
    ):
        curvature_step(brought(tmp_path, a=1.0, b=1e25), 1, 1, 20, 60, "eval", 0)


def test_similarity_to_a_constant_is_undefined(tmp_path: Path) -> None:
    """A network of zeros gives one output for every row: CKA has no value, and the result says so instead of 0."""
    from core.landscape.checkpoints_report import pair_notes, pair_summary

    pair = pair_step(brought(tmp_path, a=0.0, b=1.0), 0, 1, 1, 0.02, 60, 60, 0)
    assert all(np.isnan(value) for _, value in pair["flavours"])
    assert pair_summary([pair])["cka"].value == "undefined"
    assert (
        "CKA is undefined for a.pt and b.pt: one of the two gives the same outputs"
        in pair_notes(("a.pt", "b.pt"), [pair])[0]
    )


def test_a_negative_trace_is_shown_as_it_is(tmp_path: Path) -> None:
    """It stands in the table with its sign, its cell has a note, and the loss alone tells sharp from flat."""
    table = pd.DataFrame(
        {"load": [1, 2, 3, 4], "temperature": 1, "train_loss": [0.1, 0.2, 1e-3, 1e-3], "trace": [-5.0, 300, 10, 12],
         "mode_connectivity": [-10, -12, 0.1, 0.2], "cka": [0.5, 0.5, 0.6, 0.9]}
    )  # fmt: skip
    result = metrics(tmp_path, table)
    cells = result.tables["phases"]
    assert cells.trace[0] == -5 and cells.phase[0] == "I"
    assert cells.note[0] == "The mean trace is -5, which has no logarithm: the loss alone decides."
    assert any(
        "The mean trace of 1 cell is negative, as of a saddle: it is shown as it is" in note for note in result.notes
    )


def test_one_seed_leaves_what_needs_pairs_unmeasured(tmp_path: Path) -> None:
    """Without pairs a cell is sharp or flat and no more, its note says what is not measured, and the advice is to measure."""
    table = pd.DataFrame(
        {"load": [1, 2, 3], "temperature": 1, "train_loss": [0.3, 1e-3, np.inf], "trace": [300.0, 10, np.nan],
         "mode_connectivity": np.nan, "cka": np.nan}
    )  # fmt: skip
    result = metrics(tmp_path, table)
    cells = result.tables["phases"]
    assert cells.phase.tolist() == ["I or II", "III or IV", "collapsed"]
    assert "Mode connectivity: not measured; it needs two seeds." in cells.note[0]
    assert cells.note[2] == "No loss is finite: training diverged."
    assert result.tables["advice"].turn[0] == "measure"
    assert result.answer == "metrics.csv: of 3 cells 1 in I or II and 1 in III or IV, and 1 learned nothing."
    nothing = metrics(tmp_path, table.assign(train_loss=np.nan))
    assert nothing.answer == "metrics.csv: of 3 cells 3 learned nothing."
