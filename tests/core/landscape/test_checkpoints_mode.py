"""Mode `checkpoints`: from a zip of weights to curvature, paths, similarity, the plane and phases."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.analysis import Result, Source, parse_params
from core.data import builtin_dataset_source, load_dataset
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.similarity.cka import linear_cka
from core.models.architectures import Mlp
from core.models.networks import build
from core.serial import serially
from core.sources import open_source

DIGITS = builtin_dataset_source("digits")
CONFIG = Mlp(inputs=64, hidden=(6, 6), classes=10)
SMALL = {"mode": "checkpoints", "most_rows": "200", "curve_epochs": "2", "surface_points": "5", "products": "30"}


def trained(seed: int, steps: int = 60) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    network = build(CONFIG)
    data = load_dataset(DIGITS)
    X, y = torch.from_numpy(data.X[:200].copy()), torch.from_numpy(data.labels()[:200].copy())
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(X), y).backward()
        optimiser.step()
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


STATES = {f"run{seed}.pt": trained(seed) for seed in range(3)}


def packed(folder: Path, states: dict[str, dict[str, torch.Tensor]]) -> Source:
    path = folder / "runs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, state in states.items():
            stream = io.BytesIO()
            torch.save(state, stream)
            archive.writestr(name, stream.getvalue())
    return open_source("checkpoints", str(path))


def ask(folder: Path, table: pd.DataFrame | None = None, **values: str) -> Result:
    inputs = {"checkpoints": packed(folder, STATES), "dataset": DIGITS}
    if table is not None:
        table.to_csv(folder / "how.csv", index=False)
        inputs["table"] = open_source("table", str(folder / "how.csv"))
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {**SMALL, **values}), inputs)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return ask(tmp_path_factory.mktemp("checkpoints"))


def test_loss_and_trace_are_those_of_the_checkpoint(result: Result) -> None:
    """The loss is that of torch on the same rows; the trace that of the dense Hessian within three standard errors and 3 %."""
    data = load_dataset(DIGITS)
    X, y = torch.from_numpy(data.X[:200].copy()).double().flatten(1), torch.from_numpy(data.labels()[:200].copy())
    state = {name: value.double() for name, value in STATES["run1.pt"].items()}
    sizes = [value.numel() for value in state.values()]

    def loss(flat: torch.Tensor) -> torch.Tensor:
        w1, b1, w2, b2, w3, b3 = (
            part.view(value.shape) for part, value in zip(flat.split(sizes), state.values(), strict=True)
        )
        return torch.nn.functional.cross_entropy(torch.relu(torch.relu(X @ w1.T + b1) @ w2.T + b2) @ w3.T + b3, y)

    flat = torch.cat([value.flatten() for value in state.values()])
    table = result.tables["curvature"].query("checkpoint == 'run1.pt'").set_index("quantity")
    assert table.value["loss"] == pytest.approx(loss(flat).item(), rel=1e-4)
    hessian = torch.autograd.functional.hessian(loss, flat)
    trace = hessian.diagonal().sum().item()
    assert table.value["trace"] == pytest.approx(trace, abs=3 * table.standard_error["trace"] + 0.03 * trace)
    largest = table.loc["eigenvalue"].query("index > 0").value
    expected = torch.linalg.eigvalsh(hessian).flip(0)[: len(largest)].numpy()
    np.testing.assert_allclose(largest, expected, rtol=1e-3)


def test_every_pair_has_paths_and_every_flavour(result: Result) -> None:
    """Three checkpoints have three pairs, each with a curve and two lines, twelve flavours of CKA and a distance."""
    connectivity, similarity = result.tables["connectivity"], result.tables["similarity"]
    assert len(connectivity) == 9 and set(connectivity.path) == {"bezier", "linear"}
    assert connectivity[connectivity.aligned].barrier.mean() <= connectivity[~connectivity.aligned].barrier.max()
    assert len(similarity) == 3 * 13
    data = load_dataset(DIGITS)
    X = torch.from_numpy(data.X[:200].copy())
    outputs = []
    for name in ("run0.pt", "run2.pt"):
        network = build(CONFIG)
        network.load_state_dict(STATES[name])
        outputs.append(network(X).detach().numpy())
    row = similarity.query("first == 'run0.pt' and second == 'run2.pt' and flavour == 'CKA: logits, plain, debiased'")
    assert row.value.iloc[0] == pytest.approx(linear_cka(*outputs, debiased=True), abs=1e-4)


def test_the_first_checkpoint_is_the_centre_of_the_plane(result: Result) -> None:
    """The others span the plane, so that they lie in it wholly, and the middle is the first one's loss."""
    assert result.arrays["trajectory"][0].tolist() == [0.0, 0.0, 1.0]
    np.testing.assert_allclose(result.arrays["trajectory"][:, 2], 1.0, atol=1e-6)
    loss = result.tables["curvature"].query("checkpoint == 'run0.pt' and quantity == 'loss'").value.iloc[0]
    assert result.arrays["surface"][2, 2] == pytest.approx(loss, rel=1e-5)


def test_a_table_gives_phases(tmp_path: Path) -> None:
    """With load and temperature the checkpoints become cells; pairs count inside their cell alone."""
    table = pd.DataFrame({"file": [f"run{n}.pt" for n in range(3)], "load": 6, "temperature": [0.1, 0.1, 0.2]})
    found = ask(tmp_path, table)
    cells = found.tables["phases"]
    assert cells.rows.tolist() == [2, 1]
    pair = found.tables["connectivity"].query("path == 'bezier' and first == 'run0.pt' and second == 'run1.pt'")
    assert cells.mode_connectivity[0] == pytest.approx(pair.mode_connectivity.iloc[0])
    assert np.isnan(cells.mode_connectivity[1])
    assert next(iter(ANALYSIS.figures(found))) == "phase_map"


def test_figures_say_what_they_show(result: Result) -> None:
    """Curvature, spectra, paths, similarity, the plane and averages, each with its words."""
    drawn = ANALYSIS.figures(result)
    assert list(drawn) == ["curvature", "spectra", "paths", "similarity", "plane", "averages"]
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())


@pytest.mark.parametrize(
    ("data", "table", "said"),
    [
        ("wine", None, "wine has samples of shape .*, which the checkpoints .* do not take"),
        (
            "digits",
            pd.DataFrame({"file": ["run0.pt"], "load": [1], "temperature": [1]}),
            "how.csv has no row whose file is run1.pt",
        ),
        ("digits", pd.DataFrame({"file": ["run0.pt"], "heat": [1]}), "how.csv has no column load nor temperature"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    tmp_path: Path, data: str, table: pd.DataFrame | None, said: str
) -> None:
    """Data of another shape and tables without the checkpoints are named."""
    inputs = {"checkpoints": packed(tmp_path, STATES), "dataset": builtin_dataset_source(data)}
    if table is not None:
        table.to_csv(tmp_path / "how.csv", index=False)
        inputs["table"] = open_source("table", str(tmp_path / "how.csv"))
    with pytest.raises(BadInput, match=said):
        serially(ANALYSIS, parse_params(ANALYSIS.params, SMALL), inputs)
