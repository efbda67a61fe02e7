"""Paths between networks against plain PyTorch, and alignment against a permutation that is known."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from core.errors import BadInput
from core.landscape.connectivity.alignment import aligned
from core.landscape.connectivity.connect import CurveTraining, mode_connectivity
from core.landscape.connectivity.paths import Bezier
from core.models.architectures import Cnn, LeNet5, Mlp, ResNet
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.training.ensemble import Examples
from core.training.parameters import layout_of


def examples(rows: int = 90, features: int = 6) -> Examples:
    """Three classes around centres of their own."""
    generator = torch.Generator().manual_seed(4)
    labels = torch.randint(0, 3, (rows,), generator=generator)
    return Examples(torch.eye(3, features)[labels] * 2 + torch.randn(rows, features, generator=generator), labels)


def pair(module: nn.Module, seeds: tuple[int, int] = (1, 2)) -> tuple[torch.Tensor, torch.Tensor]:
    """Two fresh networks as vectors."""
    weights = layout_of(module).join(fresh_parameters_of_runs(module, seeds))
    return weights[0], weights[1]


def test_values_along_the_line_are_those_of_the_interpolated_networks() -> None:
    """Error in points and loss at each of 11 places are what torch gives for (1 - t) a + t b."""
    module, data = build(Mlp(inputs=6, hidden=(5,), classes=3)), examples()
    first, second = pair(module)
    found = mode_connectivity(module, first, second, data, path="linear")
    for place, t in enumerate(np.linspace(0, 1, 11)):
        state = layout_of(module).views((1 - t) * first + t * second)
        logits = functional_call(module, state, (data.features,))
        loss = nn.functional.cross_entropy(logits, data.labels).item()
        assert found.loss[0, place] == pytest.approx(loss, rel=1e-5)
        error = 100 * (logits.argmax(1) != data.labels).double().mean().item()
        assert found.error[0, place] == pytest.approx(error)


def test_statistics_of_normalisation_are_those_of_each_place() -> None:
    """In a network with batch normalisation every place is measured with the mean and variance of its own activations:
    a network with running statistics recomputed gives what it gives in training mode on all rows at once."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    data = examples()
    first, second = pair(module)
    found = mode_connectivity(module, first, second, data, path="linear", places=3)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    rows = len(data.labels)
    inside = functional_call(module[0], {"weight": first[:30].view(5, 6), "bias": first[30:35]}, (data.features,))
    unbiased = inside.var(0, unbiased=True)
    normal = (inside - inside.mean(0)) / (unbiased + 1e-5).sqrt()
    scale, shift, weight, bias = first[35:40], first[40:45], first[45:60].view(3, 5), first[60:63]
    logits = torch.relu(normal * scale + shift) @ weight.T + bias
    assert rows == 90
    assert found.loss[0, 0] == pytest.approx(nn.functional.cross_entropy(logits, data.labels).item(), rel=1e-4)


def test_the_bend_lowers_the_loss_below_the_line() -> None:
    """Between two trained networks a trained curve passes lower than the straight line, and ends are the networks."""
    module, data = build(Mlp(inputs=6, hidden=(8,), classes=3)), examples()
    ends = []
    for vector in pair(module):
        weights = vector.clone().requires_grad_()
        optimiser = torch.optim.Adam([weights], 0.05)
        for _ in range(150):
            optimiser.zero_grad()
            logits = functional_call(module, layout_of(module).views(weights), (data.features,))
            nn.functional.cross_entropy(logits, data.labels).backward()
            optimiser.step()
        ends.append(weights.detach())
    settings = CurveTraining(epochs=60, batch_size=30, learning_rate=0.05)
    bent = mode_connectivity(module, *ends, data, curve_training=settings)
    straight = mode_connectivity(module, *ends, data, path="linear", places=5)
    assert bent.loss[0, 1:-1].max() < straight.loss[0, 1:-1].max()
    np.testing.assert_allclose(bent.loss[0, [0, -1]], straight.loss[0, [0, -1]], rtol=1e-6)
    again = mode_connectivity(module, *ends, data, curve_training=settings)
    np.testing.assert_array_equal(again.error, bent.error)


def test_the_gradient_of_the_bend_is_that_of_autograd() -> None:
    """adjoint(g) is g along (1 - t)^2 a + 2 t (1 - t) c + t^2 b, at the t of the last call."""
    generator = torch.Generator().manual_seed(0)
    first, bend, second, gradient = (torch.randn(2, 4, generator=generator) for _ in range(4))
    path = Bezier(first, second, [3, 4])
    weights = path.forward(bend)
    t = path._t
    along = bend.clone().requires_grad_()
    ((1 - t) ** 2 * first + 2 * t * (1 - t) * along + t**2 * second).backward(gradient)
    torch.testing.assert_close(path.adjoint(gradient), along.grad)
    torch.testing.assert_close(weights, ((1 - t) ** 2 * first + 2 * t * (1 - t) * bend + t**2 * second))
    assert not torch.equal(t[0], t[1])


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        (Mlp(inputs=6, hidden=(7, 5), classes=3), (6,)),
        (Cnn(channels=1, width=4, classes=3), (1, 8, 8)),
        (LeNet5(channels=1, height=16, width=16, classes=3), (1, 16, 16)),
        (ResNet(channels=1, depth=8, width=4, classes=3), (1, 8, 8)),
    ],
    ids=["mlp", "cnn", "lenet5", "resnet"],
)
def test_shuffled_units_are_put_back(config: Mlp | Cnn | LeNet5 | ResNet, shape: tuple[int, ...]) -> None:
    """A network whose hidden units were shuffled computes the same, and alignment finds the network itself again."""
    module = build(config).eval()
    network, other = pair(module)
    shuffled = aligned(module, other, network, seed=1)  # the order nearest to an unrelated network: a shuffle
    rows = torch.randn(4, *shape, generator=torch.Generator().manual_seed(0))
    layout = layout_of(module)
    same = [functional_call(module, layout.views(vector), (rows,)) for vector in (network, shuffled)]
    torch.testing.assert_close(same[0], same[1], rtol=1e-4, atol=1e-5)
    assert not torch.equal(network, shuffled)
    assert (other - shuffled).norm() < (other - network).norm()
    torch.testing.assert_close(aligned(module, network, shuffled), network)


def test_networks_of_unknown_parts_are_not_aligned() -> None:
    """One whose units are not known is refused in one sentence."""
    module = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3))
    with pytest.raises(BadInput, match="those of Sequential are not known"):
        aligned(module, *pair(module))


def test_wrong_and_broken_weights_are_refused() -> None:
    """Vectors of another network, and weights that are not finite, are named."""
    module, data = build(Mlp(inputs=6, hidden=(5,), classes=3)), examples()
    first, second = pair(module)
    with pytest.raises(BadInput, match="the network has 53 trainable parameters"):
        mode_connectivity(module, first[:-1], second[:-1], data)
    with pytest.raises(BadInput, match="The second network of pair 1 has weights that are not finite"):
        mode_connectivity(module, first, second * torch.nan, data)
