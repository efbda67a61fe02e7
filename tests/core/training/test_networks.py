"""The written-out form of perceptrons against vmap and autograd, and maps to weights against autograd."""

import pytest
import torch
from torch import nn

from core.models.architectures import Mlp
from core.models.networks import MlpNetwork
from core.training.maps import Affine, Differentiated, Identity, map_of
from core.training.networks import AnyNetworks, Perceptrons, copies_of, perceptron_widths
from core.training.parameters import layout_of

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
    assert isinstance(copies_of(module, 2), AnyNetworks)


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
