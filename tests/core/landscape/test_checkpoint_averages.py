"""Averages in mode `checkpoints`: what a person reads of copies of one network, of cells, and of fine-tuned networks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.analysis import Result, Source, parse_params
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.connectivity.units import units_of
from core.models.architectures import Mlp
from core.models.networks import build
from core.serial import serially
from core.sources import open_source

CONFIG = Mlp(inputs=5, hidden=(8, 6), classes=3)
SMALL = {
    "mode": "checkpoints",
    "curve_epochs": "1",
    "surface_points": "3",
    "products": "20",
    "eigenvalues": "1",
    "most_pairs": "0",
    "fisher_rows": "10",
    "line_points": "3",
}


def rows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three classes around centres of their own."""
    generator = np.random.default_rng(seed)
    y = np.arange(90) % 3
    return (2 * np.eye(3, 5)[y] + generator.normal(size=(90, 5))).astype(np.float32), y


def trained(seed: int, steps: int = 60, start: dict[str, torch.Tensor] | None = None) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(CONFIG)
    if start is not None:
        network.load_state_dict(start)
    X, y = (torch.from_numpy(part) for part in rows(0))
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(X), y).backward()
        optimiser.step()
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def shuffled(state: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    units, generator = units_of(build(CONFIG)), np.random.default_rng(seed)
    return units.reordered(state, {group: generator.permutation(size) for group, size in units.sizes.items()})


def ask(
    folder: Path, states: dict[str, dict[str, torch.Tensor]], table: dict[str, list[object]] | None, **values: str
) -> Result:
    with zipfile.ZipFile(folder / "runs.zip", "w") as archive:
        for name, state in states.items():
            stream = io.BytesIO()
            torch.save(state, stream)
            archive.writestr(name, stream.getvalue())
    inputs: dict[str, Source] = {"checkpoints": open_source("checkpoints", str(folder / "runs.zip"))}
    for slot, seed in (("dataset", 0), ("held_out", 1)):
        X, y = rows(seed)
        np.savez(folder / f"{slot}.npz", X=X, y=y)
        inputs[slot] = open_source("dataset", str(folder / f"{slot}.npz"))
    if table is not None:
        pd.DataFrame(table).to_csv(folder / "how.csv", index=False)
        inputs["table"] = open_source("table", str(folder / "how.csv"))
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {**SMALL, **values}), inputs)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Two cells: one network in two orders of its units, and two networks that were trained apart."""
    one = trained(0)
    states = {"a.pt": one, "b.pt": shuffled(one, 1), "c.pt": trained(1), "d.pt": trained(2)}
    table: dict[str, list[object]] = {"file": list(states), "load": [8] * 4, "temperature": [1, 1, 2, 2]}
    return ask(tmp_path_factory.mktemp("cells"), states, table)


def test_copies_of_one_network_lose_nothing_once_aligned(cells: Result) -> None:
    """Their aligned mean is the network: its accuracy and loss, gain 0 and no error; as they are it is another one."""
    own = cells.tables["averaging"].query("temperature == 1 and method == 'mean'")
    moved, plain = own[own.aligned], own[~own.aligned]
    np.testing.assert_allclose(moved.value, moved.mean_member, rtol=1e-5)
    np.testing.assert_allclose(moved[["gain", "standard_error"]], 0, atol=1e-5)
    assert (plain.gain < -plain.standard_error).all()


def test_values_are_those_of_the_rows_that_chose_nothing(cells: Result) -> None:
    """63 of 90 held-out rows are reported on, and the best member's accuracy is a whole number of them."""
    table = cells.tables["averaging"].query("metric == 'accuracy'")
    hits = table.best_member * 63 / 100
    np.testing.assert_allclose(hits, hits.round(), atol=1e-6)
    assert any("63 rows of held_out.npz" in note for note in cells.notes)


def test_each_cell_has_its_phase_beside_the_gain(cells: Result) -> None:
    """As the map has it; all checkpoints together are in no cell."""
    phases = cells.tables["phases"].set_index("temperature").phase
    own = cells.tables["averaging"].drop_duplicates("family").set_index("family")
    assert own.phase.tolist() == [phases[1], phases[2], ""]
    assert own.members.tolist() == [2, 2, 4]
    gains = cells.tables["averaging_phases"].query("metric == 'accuracy' and method == 'mean' and alignment == 'none'")
    assert gains.cells.sum() == 2
    drawn = ANALYSIS.figures(cells)
    assert {"averages", "averages_by_phase"} <= set(drawn)
    advice = cells.tables["advice"]
    assert set(advice[advice.turn.isin(["average", "align and average", "keep", "keep apart"])].temperature) == {1, 2}
    assert set(advice.whose) <= {"the paper's", "read off the map"}


def test_fine_tuned_checkpoints_lie_on_a_line_from_their_start(tmp_path: Path) -> None:
    """The ends of the curve are the checkpoints' own accuracies on the held-out rows that are reported and on the data set;
    the start is averaged with none."""
    start = trained(0, steps=3)
    states = {"start.pt": start, "one.pt": trained(1, start=start), "two.pt": trained(2, steps=20, start=start)}
    found = ask(tmp_path, states, {"file": list(states), "pretrained": [1, 0, 0]})
    curve = found.tables["fine_tuning"]
    X, y = (torch.from_numpy(part) for part in rows(0))
    network = build(CONFIG)
    for alpha, name in ((0.0, "start.pt"), (1.0, "two.pt")):
        network.load_state_dict(states[name])
        accuracy = 100 * (network(X).argmax(1) == y).double().mean().item()
        own = curve.query("checkpoint == 'two.pt' and data == 'data set'").set_index("alpha")
        told = own.accuracy[alpha]
        assert told == pytest.approx(accuracy)
    table = found.tables["averaging"]
    assert set(table.family) == {"all checkpoints", "one.pt", "two.pt"}
    assert set(table[table.family == "all checkpoints"].members) == {2}
    assert set(table[table.family == "one.pt"].method) == {"WiSE-FT, alpha 0.5", "WiSE-FT, alpha chosen"}
    assert curve.groupby(["checkpoint", "data"]).chosen.sum().eq(1).all()
    assert "fine_tuning" in ANALYSIS.figures(found)
    assert any("take alpha 0.5" in note for note in found.notes)


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ({"file": ["a.pt", "b.pt"], "pretrained": [1, 1]}, {}, "2 checkpoints are marked; one is expected"),
        (None, {"pretrained": "z.pt"}, "runs.zip has no checkpoint 'z.pt'; it has a.pt, b.pt"),
        (None, {"choosing_share": "0.01", "most_rows": "20"}, "has 20 rows; a share of 0.01"),
    ],
)
def test_what_can_not_be_averaged_is_named(
    tmp_path: Path, table: dict[str, list[object]] | None, values: dict[str, str], said: str
) -> None:
    """Two starts, a start that is not there, and too few rows to choose by."""
    states = {"a.pt": trained(0, 0), "b.pt": trained(1, 0)}
    with pytest.raises(BadInput, match=said):
        ask(tmp_path, states, table, **values)


def test_averages_can_be_left_out(tmp_path: Path) -> None:
    """Then nothing is said of them."""
    found = ask(tmp_path, {"a.pt": trained(0, 0), "b.pt": trained(1, 0)}, None, averaging="false")
    assert "averaging" not in found.tables and "averages" not in ANALYSIS.figures(found)
