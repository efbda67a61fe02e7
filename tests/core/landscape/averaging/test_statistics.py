"""Batch normalisation measured anew."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import BadInput
from core.landscape.averaging.statistics import recomputed
from core.landscape.averaging.weights import average


def _network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4), nn.BatchNorm1d(4)
    )


def _images(n: int = 40) -> torch.Tensor:
    return 2 + 3 * torch.randn(n, 1, 6, 6, generator=torch.Generator().manual_seed(9))


def test_statistics_are_those_of_all_rows() -> None:
    """Of the first layer over batches of 8 and 32, by numpy's mean and variance over batch, height and width."""
    model, x = _network(), _images()
    found = recomputed(model, model.state_dict(), lambda net: [net(part) for part in x.split([8, 32])])
    values = model[0](x).detach().double().numpy()
    torch.testing.assert_close(found["1.running_mean"], torch.tensor(values.mean((0, 2, 3))).float())
    torch.testing.assert_close(found["1.running_var"], torch.tensor(values.var((0, 2, 3), ddof=1)).float())
    assert int(found["1.num_batches_tracked"]) == 2


def test_one_batch_gives_what_training_mode_would() -> None:
    """In all layers: torch's own statistics with momentum 1 after one pass."""
    model, x = _network(), _images()
    found = recomputed(model, model.state_dict(), lambda net: net(x))
    twin = _network()
    for layer in (twin[1], twin[5]):
        layer.momentum = 1.0
    twin.train()(x)
    for key in ("1.running_mean", "1.running_var", "5.running_mean", "5.running_var"):
        torch.testing.assert_close(found[key], twin.state_dict()[key])


def test_an_average_gets_its_own_statistics_and_the_models_are_left_alone() -> None:
    """They differ from the averaged ones; weights, flags and hooks of the model stay."""
    one, two, x = _network(0).eval(), _network(1), _images()
    before = {name: tensor.clone() for name, tensor in one.state_dict().items()}
    mean = average([one.state_dict(), two.state_dict()])
    found = recomputed(one, mean, lambda net: net(x))
    assert torch.equal(found["0.weight"], mean["0.weight"])
    assert not torch.allclose(found["1.running_mean"], mean["1.running_mean"])
    assert all(torch.equal(tensor, before[name]) for name, tensor in one.state_dict().items())
    assert not one.training and not one[1]._forward_pre_hooks


def test_other_layers_are_in_evaluation_mode() -> None:
    """Dropout before a normalisation does not disturb its statistics."""
    model = nn.Sequential(nn.Dropout(0.9), nn.BatchNorm1d(2))
    x = torch.randn(50, 2)
    found = recomputed(model, model.state_dict(), lambda net: net(x))
    torch.testing.assert_close(found["1.running_mean"], x.mean(dim=0))


def test_a_network_without_normalisation_is_given_back() -> None:
    """Nothing is run."""
    model = nn.Linear(2, 2)
    found = recomputed(model, model.state_dict(), lambda net: pytest.fail("ran"))
    assert torch.equal(found["weight"], model.weight)


def test_no_data_are_refused() -> None:
    """The layer is named."""
    model = _network()
    with pytest.raises(BadInput, match="Layer 1 met 0 values a channel"):
        recomputed(model, model.state_dict(), lambda net: None)
