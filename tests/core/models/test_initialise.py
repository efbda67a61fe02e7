from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import Generator, Tensor, nn

from core.errors import BadInput
from core.models.architectures import LeNet5, Mlp, ResNet
from core.models.initialise import fresh_parameters, fresh_parameters_of_runs, kept_parameters
from core.models.networks import build


def draw(network: nn.Module, seed: int = 0) -> dict[str, Tensor]:
    return fresh_parameters(network, Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("layer", "fan_in"),
    [
        (nn.Linear(400, 300), 400),
        (nn.Conv1d(20, 300, 7), 140),
        (nn.Conv2d(30, 200, 5), 750),
        (nn.Conv2d(32, 200, 3, groups=4), 72),
        (nn.Conv3d(8, 200, 3), 216),
        (nn.ConvTranspose2d(30, 200, 5), 5000),
    ],
    ids=str,
)
def test_draws_follow_the_layer_s_own_default(layer: nn.Module, fan_in: int) -> None:
    """Weight and bias are uniform within 1 / sqrt(fan_in), with the moments that PyTorch's own draw has."""
    bound = 1 / sqrt(fan_in)
    for name, value in draw(layer).items():
        own = dict(layer.named_parameters())[name].detach()
        assert value.abs().max() <= bound and own.abs().max() <= bound + 1e-7
        assert value.abs().max() > 0.9 * bound
        tolerance = 5 * bound / sqrt(value.numel())
        assert abs(value.mean()) < tolerance
        assert abs(value.std() - bound / sqrt(3)) < tolerance
        assert abs(value.std() - own.std()) < 2 * tolerance


def test_uniform_not_normal() -> None:
    """The quarters of the range hold a quarter of the weights each."""
    weight = draw(nn.Linear(500, 400))["weight"] * sqrt(500)
    counts = torch.histc(weight, 4, -1, 1) / weight.numel()
    assert torch.allclose(counts, torch.full((4,), 0.25), atol=0.006)


@pytest.mark.parametrize("norm", [nn.BatchNorm2d(6), nn.LayerNorm(6), nn.GroupNorm(2, 6)], ids=str)
def test_norms_start_at_scale_one_and_shift_zero(norm: nn.Module) -> None:
    """A trained norm layer is reset to the identity."""
    for value in norm.parameters():
        nn.init.uniform_(value, 3, 4)
    fresh = draw(norm)
    assert torch.equal(fresh["weight"], torch.ones(6)) and torch.equal(fresh["bias"], torch.zeros(6))


def test_attention_follows_its_own_default() -> None:
    """Attention has a Xavier input projection and zero biases, as torch.nn.MultiheadAttention draws them."""
    own = dict(nn.MultiheadAttention(64, 4).named_parameters())
    fresh = draw(nn.MultiheadAttention(64, 4))
    bound = sqrt(6 / (64 + 192))
    assert 0.95 * bound < fresh["in_proj_weight"].abs().max() <= bound
    for name in ("in_proj_bias", "out_proj.bias"):
        assert torch.equal(fresh[name], own[name]) and not fresh[name].any()
    assert fresh["out_proj.weight"].abs().max() <= 1 / 8


def test_embeddings_are_standard_normal() -> None:
    """A table whose name says embedding is drawn from N(0, 1), as torch.nn.Embedding."""
    fresh = draw(nn.ModuleDict({"embedding": nn.Embedding(1000, 50)}))["embedding.weight"]
    assert abs(fresh.std() - 1) < 0.02 and fresh.abs().max() > 3


@pytest.mark.parametrize(
    "network",
    [
        build(Mlp(inputs=9, hidden=(8, 7), classes=3)),
        build(LeNet5(channels=1, height=16, width=16, classes=3)),
        build(ResNet(channels=1, depth=8, width=4, classes=3)),
        nn.TransformerEncoderLayer(8, 2, 16),
    ],
    ids=lambda network: type(network).__name__,
)
def test_run_equals_the_single_draw_with_its_seed(network: nn.Module) -> None:
    """Run i of R runs has the parameters that its seed alone gives, whatever the other runs are."""
    runs = fresh_parameters_of_runs(network, [5, 3, 5])
    for index, seed in enumerate([5, 3, 5]):
        single = draw(network, seed)
        assert list(single) == list(runs) == [name for name, _ in network.named_parameters()]
        assert all(torch.equal(runs[name][index], single[name]) for name in single)
    assert any(not torch.equal(value[0], value[1]) for value in runs.values())


def test_shapes_alone_give_the_same_draw_and_change_nothing() -> None:
    """A program of which only names and shapes are known is drawn as its module; the module stays as it is."""
    network = build(Mlp(inputs=9, hidden=(8,), classes=3))
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    by_shape = fresh_parameters({name: value.shape for name, value in before.items()}, Generator().manual_seed(1))
    assert all(torch.equal(by_shape[name], value) for name, value in draw(network, 1).items())
    assert all(torch.equal(value, before[name]) for name, value in network.named_parameters())


def test_frozen_parameters_are_left_out() -> None:
    """Only what is trained is drawn."""
    network = build(Mlp(inputs=9, hidden=(8,), classes=3))
    network.layers[0].weight.requires_grad_(False)
    assert "layers.0.weight" not in draw(network) and "layers.0.bias" in draw(network)


def test_parameter_without_a_rule_is_kept_and_named() -> None:
    """A scale that no default covers keeps its value and is listed, so that a result can say so."""

    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.temperature = nn.Parameter(torch.tensor(2.5))
            self.linear = nn.Linear(3, 2)

    network = Scaled()
    assert kept_parameters(network) == ["temperature"]
    assert draw(network)["temperature"] == 2.5
    with pytest.raises(BadInput, match="Parameter temperature has no weight beside it"):
        fresh_parameters({"temperature": ()}, Generator())
