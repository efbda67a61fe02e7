"""Ranks of layers whose dependent directions are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import BadInput
from core.landscape.degeneracy.layer_grams import layer_grams
from core.landscape.degeneracy.ranks import layer_ranks
from core.models.architectures import Cnn, Mlp
from core.models.networks import build


def _mlp(widths: tuple[int, ...] = (6, 8, 5, 3)) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for one, two in pairwise(widths):
        layers += [nn.Linear(one, two), nn.Tanh()]
    return nn.Sequential(*layers[:-1]).double()


def _inputs(n: int = 300, width: int = 6) -> torch.Tensor:
    return torch.randn(n, width, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_generic_layers_are_full() -> None:
    """Nothing is missing, and the effective parameters are all parameters."""
    found = layer_ranks(_mlp(), _inputs(), tolerance=1e-9)
    table = found.table
    assert list(table["inputs"]) == [7, 9, 6] and list(table["outputs"]) == [8, 5, 3]
    assert not table["activation_deficiency"].any() and not table["gradient_deficiency"].any()
    assert (table["effective_parameters"] == table["parameters"]).all() and not found.notes


def test_dependent_activations_are_counted() -> None:
    """Data in a plane of 6 dimensions, and two copies of a hidden unit: 4 directions and 1 are missing."""
    model = _mlp()
    with torch.no_grad():
        for tensor in (model[0].weight, model[0].bias):
            tensor[3] = tensor[1]
    inputs = _inputs(300, 2) @ torch.randn(2, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    table = layer_ranks(model, inputs, tolerance=1e-12).table
    assert list(table["activation_deficiency"][:2]) == [4, 1]
    assert list(table["activation_rank"][:2]) == [3, 8]


def test_dependent_gradients_are_counted() -> None:
    """A unit that nothing follows, and two outputs that are one: a direction of the hidden and one of the last layer."""
    model = _mlp()
    with torch.no_grad():
        model[2].weight[:, 4] = 0
    model = nn.Sequential(*model, nn.Linear(3, 3, dtype=torch.float64))
    with torch.no_grad():
        model[5].weight[2] = model[5].weight[1]
    table = layer_ranks(model, _inputs(), tolerance=1e-12).table
    assert list(table["gradient_deficiency"]) == [1, 0, 1, 0]


def test_gradients_by_hand() -> None:
    """One linear map y = A x + b after z = B x: the gradient of y by z is A, so the Gram matrix is A'A over the outputs."""
    model = nn.Sequential(nn.Linear(4, 3, bias=False), nn.Linear(3, 2)).double()
    x = _inputs(50, 4)
    first, second = layer_grams(model, x)
    a = model[1].weight.detach()
    torch.testing.assert_close(first.gradients, a.T @ a / 2)
    torch.testing.assert_close(second.gradients, torch.eye(2, dtype=torch.float64) / 2)
    torch.testing.assert_close(first.activations, x.T @ x / 50)
    z = torch.cat([x @ model[0].weight.detach().T, torch.ones(50, 1, dtype=torch.float64)], dim=1)
    torch.testing.assert_close(second.activations, z.T @ z / 50)
    assert (first.activation_rows, first.gradient_rows) == (50, 100)


def test_a_convolution_meets_its_patches() -> None:
    """Grey images that are constant have one patch each but for the border: with no padding, rank 1 and the bias."""
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 16, 2)).double()
    flat = torch.rand(40, 1, 1, 1, dtype=torch.float64).expand(40, 1, 6, 6).contiguous()
    row = layer_ranks(model, flat, tolerance=1e-12).table.iloc[0]
    assert (row["inputs"], row["activation_rank"], row["outputs"]) == (10, 2, 4)
    noise = torch.randn(40, 1, 6, 6, dtype=torch.float64)
    assert layer_ranks(model, noise).table.iloc[0]["activation_rank"] == 10


def test_patches_times_weight_are_the_convolution() -> None:
    """The rows that are compared are what the filters are multiplied with: stride, padding and dilation included."""
    layer = nn.Conv2d(2, 3, 3, stride=2, padding=1, dilation=2).double()
    x = torch.randn(5, 2, 9, 9, dtype=torch.float64)
    (found,) = layer_grams(layer, x)
    folded = torch.cat([layer.weight.detach().flatten(1), layer.bias.detach()[:, None]], dim=1)
    results = layer(x).detach().movedim(1, -1).flatten(0, -2)
    torch.testing.assert_close(folded @ found.activations @ folded.T, results.T @ results / len(results))


def test_many_outputs_are_combined_at_random() -> None:
    """Of 50 outputs that depend on 5 units, the rank is 5."""
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 50)).double()
    table = layer_ranks(model, _inputs(), tolerance=1e-9).table
    assert table["gradient_rank"][0] == 5


def test_few_data_bound_the_ranks() -> None:
    """Three samples have at most three directions, and a note says so."""
    found = layer_ranks(_mlp(), _inputs(3), tolerance=1e-12)
    assert found.table["activation_rank"].max() == 3 and "Layer 0: fewer rows of data" in found.notes[0]


@pytest.mark.parametrize("chunked", [300, 513])
def test_nothing_of_the_model_changes(chunked: int) -> None:
    """Flags, gradients and statistics of batch normalisation stay, and parameters that are frozen do no harm."""
    model = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)).double()
    model.train()
    model[1].eval()
    model.requires_grad_(False)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    grams = layer_grams(model, _inputs(chunked))
    assert model.training and not model[1].training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert grams[0].activation_rows == chunked and not model[0]._forward_hooks


def test_built_in_networks_work() -> None:
    """Multilayer perceptron and convolutional network of the workbench."""
    torch.manual_seed(0)
    table = layer_ranks(build(Mlp(inputs=6, hidden=(5,), classes=3)), _inputs().float()).table
    assert list(table["inputs"]) == [7, 6]
    cnn = build(Cnn(channels=1, width=4, classes=3))
    assert len(layer_ranks(cnn, torch.rand(20, 1, 16, 16)).table) >= 2


@pytest.mark.parametrize(
    ("model", "inputs", "message"),
    [
        (nn.ReLU(), torch.ones(2, 3), "no linear or convolutional layer"),
        (nn.Sequential(*[nn.Linear(3, 3)] * 2), torch.ones(2, 3), "met more than once"),
        (nn.Conv2d(4, 4, 3, groups=2), torch.ones(2, 4, 5, 5), "convolves by groups"),
        (nn.Linear(3, 2), torch.full((2, 3), np.nan), "not finite"),
    ],
)
def test_what_cannot_be_compared_is_refused(model: nn.Module, inputs: torch.Tensor, message: str) -> None:
    """The layer is named."""
    with pytest.raises(BadInput, match=message):
        layer_ranks(model, inputs)
