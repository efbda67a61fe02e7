"""The written-out forms of perceptrons and small CNNs against vmap and autograd, and maps to weights against autograd."""

import pytest
import torch
from torch import nn

from core.models.architectures import Cnn, Mlp
from core.models.networks import CnnNetwork, MlpNetwork
from core.training.any_networks import AnyNetworks
from core.training.maps import Affine, Differentiated, Identity, map_of
from core.training.networks import copies_of, perceptron_widths
from core.training.parameters import layout_of
from core.training.perceptrons import Perceptrons
from core.training.small_cnns import MOST_VALUES, TOGETHER, SmallCnns

CHAINS = {
    "built-in": MlpNetwork(Mlp(inputs=6, hidden=(5, 4), classes=3)),
    "sequential": nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3)),
    "one layer": nn.Sequential(nn.Linear(6, 3)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_perceptrons_equal_autograd(name: str) -> None:
    """Logits, losses and gradients of each copy are those of vmap and autograd."""
    module, generator = CHAINS[name], torch.Generator().manual_seed(0)
    weights = torch.randn(4, layout_of(module).size, generator=generator)
    features, labels = torch.randn(4, 7, 6, generator=generator), torch.randint(0, 3, (4, 7), generator=generator)
    fast, plain = copies_of(module, 4), AnyNetworks(module, 4)
    assert isinstance(fast, Perceptrons)
    torch.testing.assert_close(fast.logits(weights, features), plain.logits(weights, features).detach())
    for found, expected in zip(
        fast.loss_and_gradient(weights, features, labels),
        plain.loss_and_gradient(weights, features, labels),
        strict=True,
    ):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("channels", "shape", "rows"),
    [
        (1, (8, 8), 200),  # images without a channel axis, more rows than are measured at a time
        (2, (2, 7, 9), 5),  # a last row and column that pooling leaves out
        (1, (1, 64, 64), MOST_VALUES // (9 * 64 * 64) + 1),  # too large for patches
    ],
)
def test_small_cnns_equal_autograd(channels: int, shape: tuple[int, ...], rows: int) -> None:
    """Logits, losses and gradients of each copy are those of vmap and autograd."""
    module, generator = CnnNetwork(Cnn(channels=channels, width=3, classes=4)), torch.Generator().manual_seed(0)
    runs = TOGETHER + 1
    weights = torch.randn(runs, layout_of(module).size, generator=generator, dtype=torch.float64) / 4
    features = torch.randn(runs, rows, *shape, generator=generator, dtype=torch.float64)
    labels = torch.randint(0, 4, (runs, rows), generator=generator)
    fast, plain = copies_of(module, runs), AnyNetworks(module, runs)
    assert isinstance(fast, SmallCnns)
    torch.testing.assert_close(fast.logits(weights, features), plain.logits(weights, features), rtol=1e-9, atol=1e-12)
    for found, expected in zip(
        fast.loss_and_gradient(weights, features, labels),
        plain.loss_and_gradient(weights, features, labels),
        strict=True,
    ):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def test_a_cnn_with_frozen_parameters_takes_the_general_form() -> None:
    """What is not trained has no place in the gradient that is written out."""
    module = CnnNetwork(Cnn(channels=1, width=2, classes=2))
    module.conv1.requires_grad_(False)
    assert type(copies_of(module, 2)) is AnyNetworks


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)),
        nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2, bias=False)),
        nn.Sequential(nn.Linear(4, 4), nn.ReLU()),
        nn.Sequential(nn.Linear(4, 4).requires_grad_(False), nn.ReLU(), nn.Linear(4, 2)),
        nn.Linear(4, 2),
    ],
)
def test_other_modules_take_the_general_form(module: nn.Module) -> None:
    """Another activation, a missing bias, a last ReLU or frozen parameters are no chain that is written out."""
    assert perceptron_widths(module) is None
    assert type(copies_of(module, 2)) is AnyNetworks


def test_shared_layers_take_the_general_form() -> None:
    """A layer that is used twice has one gradient, the sum of both uses: left to autograd."""
    layer = nn.Linear(4, 4)
    assert perceptron_widths(nn.Sequential(layer, nn.ReLU(), layer)) is None


class Matrix:
    """A linear map by its matrix [D, k]."""

    def __init__(self, matrix: torch.Tensor) -> None:
        self.matrix = matrix

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        return coordinates @ self.matrix.T

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        return gradient @ self.matrix

    def keep(self, runs: torch.Tensor) -> "Matrix":
        return self


def test_affine_map_equals_autograd_through_it() -> None:
    """start + P c and its adjoint equal the same function differentiated by autograd."""
    generator = torch.Generator().manual_seed(0)
    start, matrix = torch.randn(2, 9, generator=generator), torch.randn(9, 3, generator=generator)
    coordinates, gradient = torch.randn(2, 3, generator=generator), torch.randn(2, 9, generator=generator)
    written, derived = Affine(start, Matrix(matrix)), map_of(lambda c: start + c @ matrix.T)
    assert isinstance(derived, Differentiated)
    torch.testing.assert_close(written.forward(coordinates), derived.forward(coordinates))
    torch.testing.assert_close(written.adjoint(gradient), derived.adjoint(gradient))
    assert map_of(Identity()).adjoint(gradient) is gradient
    last = torch.tensor([1])
    torch.testing.assert_close(written.keep(last).forward(coordinates[last]), written.forward(coordinates)[last])
