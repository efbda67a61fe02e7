from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from pt2_files import export
from safetensors.torch import save_file
from torch import nn

from core.analysis import Source
from core.errors import BadInput
from core.models.architectures import Architecture, Cnn, LeNet5, Mlp, ResNet
from core.models.builtin import builtin_model_source
from core.models.loading import load_model
from core.models.networks import build


def source(path: Path, name: str) -> Source:
    return Source("model", name, "0" * 40, str(path))


def stored(config: Architecture, path: Path) -> tuple[nn.Module, Source]:
    torch.manual_seed(4)
    network = build(config)
    save_file(network.state_dict(), path, metadata={"architecture": config.model_dump_json()})
    return network.eval(), source(path, "net.safetensors")


@pytest.mark.parametrize(
    ("name", "shape", "parameters"),
    [
        ("mlp", (8, 8), 6_570),
        ("mlp_200_200", (1, 28, 28), 199_210),
        ("lenet5", (28, 28), 44_426),
        ("resnet20", (3, 32, 32), 269_722),
    ],
)
def test_builtin_is_fitted_to_the_data(name: str, shape: tuple[int, ...], parameters: int) -> None:
    """A built-in comes untrained, with the data set's inputs and classes."""
    model = load_model(builtin_model_source(name), shape, 10)
    assert not model.trained
    assert sum(value.numel() for value in model.module.parameters()) == parameters
    assert model.description.endswith(f", {parameters:,} parameters")
    assert model.module(torch.zeros(2, *shape)).shape == (2, 10)


def test_without_a_model_it_is_an_mlp() -> None:
    """Where nothing was chosen, an MLP with the given hidden layers is taken."""
    model = load_model(None, (8, 8), 10, hidden=(32,))
    assert model.description == "mlp 32, 2,410 parameters"


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        (Mlp(inputs=64, hidden=(5,), classes=3), (8, 8)),
        (LeNet5(channels=1, height=16, width=16, classes=3), (16, 16)),
        (Cnn(channels=1, width=4, classes=3), (8, 8)),
        (ResNet(channels=1, depth=8, width=4, classes=3), (1, 12, 12)),
    ],
    ids=str,
)
def test_stored_network_gives_its_own_outputs(config: Architecture, shape: tuple[int, ...], tmp_path: Path) -> None:
    """A brought network takes the data set's samples as they are and gives what it gave where it was trained."""
    network, brought = stored(config, tmp_path / "file")
    model = load_model(brought, shape, 3)
    x = torch.randn(5, *shape)
    assert model.trained and torch.equal(model.module(x), network(x))


def test_program_takes_samples_of_another_shape_with_as_many_values(honest: Path) -> None:
    """An exported program of 6 inputs is fed with images of 2 x 3 pixels."""
    model = load_model(source(honest, "net.pt2"), (2, 3), 3)
    assert model.trained and model.module(torch.zeros(4, 2, 3)).shape == (4, 3)


@pytest.mark.parametrize(
    ("shape", "classes", "message"),
    [
        ((7,), 3, "net.pt2 takes samples of 6 (6 values); the data set has 7 (7 values): choose a model that fits"),
        (
            (6,),
            4,
            "net.pt2 has 3 outputs; the data set has 4 classes: bring a model with 4 outputs, or choose a built-in",
        ),
    ],
)
def test_program_that_does_not_fit_is_refused(shape: tuple[int, ...], classes: int, message: str, honest: Path) -> None:
    """Found, expected and what to do are in the refusal of a program for other data."""
    with pytest.raises(BadInput) as refusal:
        load_model(source(honest, "net.pt2"), shape, classes)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("config", "shape", "message"),
    [
        (Mlp(inputs=64, classes=3), (30,), "takes samples of 64 (64 values); the data set has 30 (30 values)"),
        (Mlp(inputs=30, classes=2), (30,), "has 2 outputs; the data set has 3 classes"),
        (
            LeNet5(channels=1, height=16, width=16, classes=3),
            (256,),
            "takes images; the data set has samples of shape 256",
        ),
        (
            LeNet5(channels=1, height=16, width=32, classes=3),
            (32, 16),
            "images of 1 x 16 x 32; the data set has 1 x 32 x 16",
        ),
        (
            ResNet(channels=3, depth=8, width=2, classes=3),
            (16, 16),
            "images of 3 x 16 x 16; the data set has 1 x 16 x 16",
        ),
    ],
)
def test_stored_network_that_does_not_fit_is_refused(
    config: Architecture, shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    """A network for other data is refused, with trained weights or without."""
    _, brought = stored(config, tmp_path / "file")
    (tmp_path / "config").write_text(config.model_dump_json())
    for one in (brought, source(tmp_path / "config", "net.json")):
        with pytest.raises(BadInput) as refusal:
            load_model(one, shape, 3)
        assert message in str(refusal.value)


def test_architecture_alone_is_built(tmp_path: Path) -> None:
    """A configuration as .json gives an untrained network."""
    (tmp_path / "config").write_text(json.dumps({"architecture": "mlp", "inputs": 4, "hidden": [3], "classes": 2}))
    model = load_model(source(tmp_path / "config", "net.json"), (4,), 2)
    assert not model.trained and model.description == "mlp 3, 23 parameters"


def test_weights_without_architecture_are_refused(tmp_path: Path) -> None:
    """Weights alone are no network; the refusal says how to name their architecture."""
    save_file({"a": torch.zeros(2)}, tmp_path / "file")
    with pytest.raises(BadInput, match="holds weights only; say which architecture they belong to"):
        load_model(source(tmp_path / "file", "net.safetensors"), (4,), 2)


def test_program_in_double_precision_is_refused(tmp_path: Path) -> None:
    """A program in another precision than the data is refused with the remedy."""
    network, path = nn.Linear(6, 3).double(), tmp_path / "model.pt2"
    dynamic = ({0: torch.export.Dim("b", min=1, max=64)},)
    torch.export.save(torch.export.export(network, (torch.zeros(4, 6).double(),), dynamic_shapes=dynamic), path)
    with pytest.raises(
        BadInput, match=r"takes float64 and computes in float64; float32 is expected: export model\.float\(\)"
    ):
        load_model(source(path, "net.pt2"), (6,), 3)


def test_program_with_maps_as_outputs_is_refused(tmp_path: Path) -> None:
    """Outputs that are no vector of classes are refused by their shape."""
    path = export(nn.Conv2d(1, 2, 3), (1, 8, 8), tmp_path / "model.pt2")
    with pytest.raises(BadInput, match="gives outputs of shape 2 x 6 x 6 a sample; one value a class is expected"):
        load_model(source(path, "net.pt2"), (8, 8), 2)
