"""Pretrained networks and the heads that fit a new task."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.analysis import Source
from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.networks import brought, head_of, text_network
from core.intrinsic_dimension.fine_tuning.problem import text_parameters
from core.intrinsic_dimension.fine_tuning.said import layers_of
from core.models.architectures import Architecture, Cnn, Mlp
from core.models.inspection import inspect_model
from core.models.networks import build
from core.training.parameters import layout_of


def saved(folder: Path, config: Architecture) -> tuple[Source, nn.Module]:
    torch.manual_seed(0)
    network = build(config)
    path = folder / "pretrained.safetensors"
    save_file(network.state_dict(), path, metadata={"architecture": config.model_dump_json()})
    return Source("model", path.name, "digest", str(path), inspect_model(path, path.name)), network


def test_a_head_that_fits_is_kept(tmp_path: Path) -> None:
    """With as many classes as before the function of the network is exactly the one that was brought."""
    source, network = saved(tmp_path, Mlp(inputs=6, hidden=(5,), classes=3))
    found = brought(source, (2, 3), 3)
    x = torch.randn(7, 2, 3)
    assert torch.equal(found.module(x), network(x))
    assert not found.new_head and "kept" in found.said


def test_a_head_that_does_not_fit_is_replaced(tmp_path: Path) -> None:
    """With other classes the body keeps its weights, the last layer is new, and the clause says how many it had."""
    source, network = saved(tmp_path, Cnn(channels=1, width=3, classes=4))
    found = brought(source, (8, 8), 6)
    assert found.head == ("linear.weight", "linear.bias") == head_of(network)
    assert found.new_head and "4 outputs is replaced by one of 6" in found.said
    old, new = network.state_dict(), found.module.state_dict()
    assert all(torch.equal(old[name], new[name]) for name in old if name not in found.head)
    assert found.module(torch.zeros(2, 8, 8)).shape == (2, 6)


def test_a_program_gets_a_layer_on_top(tmp_path: Path) -> None:
    """The graph of an exported program is fixed: its outputs become the inputs of a new linear layer."""
    torch.manual_seed(0)
    program = nn.Sequential(nn.Linear(6, 4), nn.Tanh())
    path = tmp_path / "body.pt2"
    dynamic = ({0: torch.export.Dim("rows", min=1, max=4096)},)
    torch.export.save(torch.export.export(program, (torch.zeros(4, 6),), dynamic_shapes=dynamic), path)
    found = brought(Source("model", path.name, "digest", str(path)), (6,), 3)
    x = torch.randn(5, 6)
    head = found.module.get_submodule("head")
    torch.testing.assert_close(found.module(x), head(program(x)))
    assert found.head == ("head.weight", "head.bias") and "4 outputs to 3 classes" in found.said


def test_weights_of_no_known_architecture_are_refused(tmp_path: Path) -> None:
    """A state dict that fits no architecture is refused with what to add, one that takes other samples with both shapes."""
    path = tmp_path / "odd.safetensors"
    save_file({"encoder.weight": torch.zeros(3, 3)}, path)
    with pytest.raises(BadInput, match="does not say its architecture"):
        brought(Source("model", path.name, "digest", str(path)), (3,), 2)
    source, _ = saved(tmp_path, Mlp(inputs=6, hidden=(5,), classes=3))
    with pytest.raises(BadInput, match=r"takes samples of 6 \(6 values\); the data set has 8 x 8"):
        brought(source, (8, 8), 3)


def test_size_and_layers() -> None:
    """Its number of parameters is the one that estimates use; SAID sees embeddings, each block, norm and head."""
    network = text_network(200, 12, 5)
    layers = layers_of(layout_of(network.module))
    assert layers.names == ("embeddings", "encoder.0", "encoder.1", "norm", "head")
    assert sum(layers.parameters) == text_parameters(200, 12, 5)
