"""Mode `degeneracy`: networks whose free directions are planted, and networks trained here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from core.analysis import Result, Source, parse_params
from core.data import builtin_dataset_source, load_dataset
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.models.architectures import Cnn, Mlp
from core.models.networks import build
from core.serial import serially
from core.sources import open_source

DIGITS = builtin_dataset_source("digits")
QUICK = {
    "mode": "degeneracy",
    "most_rows": "150",
    "behaviour_rows": "20",
    "burn_in": "20",
    "draws": "40",
    "chains": "2",
    "chain_batch": "150",
}


def ask(inputs: Mapping[str, Source], **values: str) -> Result:
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {**QUICK, **values}), inputs)


def brought(folder: Path, network: torch.nn.Module, config: Mlp | Cnn) -> dict[str, Source]:
    path = folder / "net.safetensors"
    metadata = {"architecture": json.dumps(config.model_dump(mode="json"))}
    safetensors.torch.save_file(network.state_dict(), path, metadata=metadata)
    return {"checkpoints": open_source("checkpoints", str(path)), "dataset": DIGITS}


def planted() -> tuple[torch.nn.Module, Mlp]:
    """64-12-12-10, each unit firing on about half of the rows; then of the first 12 one is a copy, one never fires and one
    is not listened to."""
    config = Mlp(inputs=64, hidden=(12, 12), classes=10)
    torch.manual_seed(0)
    network = build(config)
    x = torch.from_numpy(load_dataset(DIGITS).X[:150].copy()).flatten(1)
    with torch.no_grad():
        one, two, _ = network.layers
        one.bias.copy_(-(x @ one.weight.T).median(dim=0).values)
        one.weight[1], one.bias[1] = one.weight[0], one.bias[0]
        one.bias[2] = -1e3
        two.weight[:, 3] = 0
        two.bias.copy_(-(torch.relu(one(x)) @ two.weight.T).median(dim=0).values)
    return network, config


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    network, config = planted()
    inputs = brought(tmp_path_factory.mktemp("planted"), network, config)
    return ask(inputs, tolerance="1e-10", layer_rows="150")


def test_planted_duplicates_and_dead_units_are_counted(result: Result) -> None:
    """A copy and a silent unit leave 10 directions and the bias of 13 into the second layer; a unit that nobody listens to
    takes a direction out of the first."""
    layers = result.tables["layers"].set_index("layer")
    assert layers.activation_rank["layers.1"] == 11 and layers.activation_deficiency["layers.1"] == 2
    assert layers.gradient_deficiency["layers.0"] == 2  # the one that never fires gives no gradient either
    firing = result.tables["firing"].set_index("relu")
    assert firing.never.tolist() == [1, 0] and firing.synchronised.tolist() == [2, 0]
    assert firing.patterns.tolist() == [11, 12] and firing.units.tolist() == [12, 12]
    basis = result.tables["interaction_basis"]
    assert basis.width.tolist() == [64, 12, 12, 10] and basis.kept[1] == 9


def test_no_more_parameters_count_than_the_ranks_allow(result: Result) -> None:
    """At the smallest cutoff at most the sum over layers of rank times rank, and fewer the larger the cutoff."""
    table = result.tables["effective_parameters"]
    assert table.effective_parameters.is_monotonic_decreasing
    bound = result.tables["layers"].effective_parameters.sum()
    assert 0 < table.effective_parameters.max() <= bound < table.parameters.iloc[0]
    assert table.at_chains.sum() == 1


def test_the_verdicts_say_what_is_degenerate(result: Result) -> None:
    """Dependent directions and units that fire together are found; a network that has not learned has no minimum to speak of."""
    found = result.tables["verdicts"].set_index("question").verdict
    assert found["Dependent activations"] == found["Dependent gradients"] == found["Synchronised ReLUs"] == "degenerate"
    assert found["Chains"] == "not trustworthy" and found["Learning coefficient"] == "not claimed"
    assert (
        "no learning coefficient is claimed" in result.answer and result.summary["learning_coefficient"].value is None
    )
    assert any("training loss above 0.3" in note for note in result.notes)
    remedy = result.tables["learning_coefficient"].what_to_do.iloc[0]
    assert "take more" in remedy or "take a longer burn-in" in remedy


def test_figures_say_what_they_show(result: Result) -> None:
    """Layers, spectra, interactions, counts, coefficients and chains, each with its words."""
    drawn = ANALYSIS.figures(result)
    assert list(drawn) == [
        "degenerate_layers",
        "layer_spectra",
        "interactions",
        "effective_parameters",
        "learning_coefficients",
        "chains_1",
    ]
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())


def test_networks_side_by_side_are_modules(tmp_path: Path) -> None:
    """Two halves that share no weight, on inputs that vary independently: more modular than their strengths shuffled."""
    config = Mlp(inputs=16, hidden=(32, 32), classes=8)
    generator = torch.Generator().manual_seed(1)
    network = build(config)
    with torch.no_grad():
        for layer in network.layers:
            rows, columns = layer.weight.shape
            layer.weight.normal_(std=(2 / columns) ** 0.5, generator=generator)
            layer.bias.normal_(std=0.3, generator=generator)
            layer.weight[: rows // 2, columns // 2 :] = 0
            layer.weight[rows // 2 :, : columns // 2] = 0
    half = torch.randn(30, 8, generator=generator).numpy()
    X = np.concatenate([np.repeat(half, 30, axis=0), np.tile(half[:, ::-1], (30, 1))], axis=1)
    np.savez(tmp_path / "halves.npz", X=X, y=np.arange(len(X)) % 8)
    inputs = {**brought(tmp_path, network, config), "dataset": open_source("dataset", str(tmp_path / "halves.npz"))}
    found = ask(inputs, draws="20", burn_in="0", most_rows="1000")
    row = found.tables["modularity"].iloc[0]
    assert row.score > row.shuffled_largest
    assert found.tables["verdicts"].set_index("question").verdict["Modules"] == "more modular than chance"


def test_networks_are_trained_where_none_are_brought() -> None:
    """Two seeds, named by them; loss and error are those of the training rows, and the chains have traces."""
    found = ask({"dataset": DIGITS}, seeds="2", width="6", epochs="3", seed="4")
    table = found.tables["learning_coefficient"]
    assert table.checkpoint.tolist() == ["seed 0", "seed 1"] and (table.parameters == 64 * 6 + 6 + 42 + 70).all()
    assert found.arrays["traces"].shape == (2, 2, 60) and np.isnan(found.arrays["running_means"][:, :, :20]).all()
    chains = found.tables["chains"].query("checkpoint == 'seed 1'").learning_coefficient
    assert chains.mean() == pytest.approx(table.learning_coefficient[1], rel=1e-5)
    assert found.arrays["running_means"][1, :, -1] == pytest.approx(chains.to_numpy(), rel=1e-4)


def test_what_has_no_basis_or_no_relu_is_measured_without(tmp_path: Path) -> None:
    """A convolutional network has no interaction basis here, a linear one no firing patterns; notes say so."""
    torch.manual_seed(0)
    cnn, linear = Cnn(channels=1, width=2, classes=10), Mlp(inputs=64, classes=10)
    found = ask(brought(tmp_path, build(cnn), cnn), draws="20", burn_in="0", most_rows="60")
    assert "interaction_basis" not in found.tables and len(found.tables["layers"]) == 3
    assert any("interaction basis is defined here for chains of linear layers" in note for note in found.notes)
    assert "interactions" not in ANALYSIS.figures(found)
    found = ask(brought(tmp_path, build(linear), linear), draws="20", burn_in="0")
    assert "firing" not in found.tables and "layers" in found.tables
    assert any("Firing patterns are not compared. The model has no ReLU" in note for note in found.notes)


def test_constant_activations_are_named(tmp_path: Path) -> None:
    """All units of a layer silent: one direction, the bias, goes on, no gradient comes back, and both are said."""
    config = Mlp(inputs=64, hidden=(4, 4), classes=10)
    torch.manual_seed(0)
    network = build(config)
    with torch.no_grad():
        network.layers[0].bias.fill_(-1e3)
    found = ask(brought(tmp_path, network, config), draws="20", burn_in="0")
    assert found.tables["layers"].set_index("layer").activation_rank["layers.1"] == 1
    assert any("Layer layers.1 is given the same for every row" in note for note in found.notes)
    assert any("Layer layers.0: no gradient comes back" in note for note in found.notes)
    assert ANALYSIS.figures(found)


@pytest.mark.parametrize(
    ("data", "values", "said"),
    [
        ("digits", {"width": "2048", "network": "cnn"}, "its widest layer has 18,433 directions; .* at most 4,100"),
        ("wine", {"network": "cnn"}, "cnn takes images"),
        (
            "digits",
            {"learning_rate": "1000", "weight_decay": "10", "seeds": "1", "epochs": "40"},
            "All 1 networks diverged at .* 1000",
        ),
        ("digits", {"seeds": "1", "epochs": "1", "step": "10"}, "The step 10 is too large"),
    ],
)
def test_what_can_not_be_measured_is_refused(data: str, values: dict[str, str], said: str) -> None:
    """Too wide, of the wrong kind, diverged, or with a step that chains can't take."""
    with pytest.raises(BadInput, match=said):
        ask({"dataset": builtin_dataset_source(data)}, **values)


@pytest.mark.parametrize(
    ("data", "spoil", "said"),
    [("wine", 1.0, "which the checkpoints .* do not take"), ("digits", float("nan"), "layers.0.weight holds")],
)
def test_data_that_do_not_fit_and_broken_weights_are_refused(
    tmp_path: Path, data: str, spoil: float, said: str
) -> None:
    """The shapes, or the tensor that is not finite, are named."""
    network, config = planted()
    with torch.no_grad():
        network.layers[0].weight.mul_(spoil)
    with pytest.raises(BadInput, match=said):
        ask({**brought(tmp_path, network, config), "dataset": builtin_dataset_source(data)})
