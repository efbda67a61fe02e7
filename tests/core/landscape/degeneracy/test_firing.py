"""Firing patterns, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import relu

from core.errors import BadInput
from core.landscape.degeneracy.firing import count_patterns, firing_patterns
from core.models.architectures import Mlp
from core.models.networks import build


def test_patterns_are_counted_by_hand() -> None:
    """Units 1 and 2 agree, 3 never fires, 4 and 5 always do, 6 is the opposite of 1."""
    fires = np.array([[1, 0, 1], [1, 0, 1], [0, 0, 0], [1, 1, 1], [1, 1, 1], [0, 1, 0]], dtype=bool)
    assert count_patterns(fires) == (4, 2, 1, 2)


def _linear(weight: list[list[float]], bias: list[float]) -> nn.Linear:
    layer = nn.Linear(len(weight[0]), len(weight))
    layer.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
    return layer


class _Functional(nn.Module):
    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return relu(self.layer(x))


@pytest.mark.parametrize(
    "make", [lambda a: nn.Sequential(a, nn.ReLU()), lambda a: nn.Sequential(a, nn.ReLU(inplace=True)), _Functional]
)
def test_scaled_units_fire_together(make) -> None:
    """x, 2x, -x, x - 9 on x from -2 to 2: the first two agree, the last never fires; module, in place or function."""
    model = make(_linear([[1.0], [2.0], [-1.0], [1.0]], [0.0, 0.0, 0.0, -9.0]))
    row = firing_patterns(model, torch.tensor([[-2.0], [-1.0], [1.0], [2.0]])).iloc[0]
    assert row["units"] == 4 and row["patterns"] == 3 and row["synchronised"] == 2
    assert row["never"] == 1 and row["always"] == 0 and row["firing"] == pytest.approx(6 / 16)


def test_an_exported_graph_is_read_as_well() -> None:
    """torch.export turns the ReLU into an operator; the counts are those of the module."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU()).eval()
    x = torch.randn(40, 5)
    own, graph = firing_patterns(model, x), firing_patterns(_Held(torch.export.export(model, (x,)).module()), x)
    assert own.equals(graph)
    with torch.no_grad():
        assert own["firing"][0] == pytest.approx(float((model[0](x) > 0).float().mean()))


class _Held(nn.Module):
    """An exported module refuses to change its mode; here nothing depends on it."""

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self.run = graph.forward

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.run(x)


def test_parts_of_the_data_are_put_together_and_the_model_is_left_alone() -> None:
    """600 samples in several passes give the counts of one comparison; two ReLUs are told apart by their place."""
    torch.manual_seed(0)
    model = build(Mlp(inputs=5, hidden=(12, 7), classes=3)).train()
    x = torch.randn(600, 5)
    found = firing_patterns(model, x)
    with torch.no_grad():
        fires = (model.layers[0](x) > 0).numpy().T
    assert list(found["units"]) == [12, 7] and model.training
    assert tuple(found.iloc[0][["patterns", "synchronised", "never", "always"]]) == count_patterns(fires)


def test_a_model_without_relu_is_refused() -> None:
    """There is nothing to compare."""
    with pytest.raises(BadInput, match="no ReLU"):
        firing_patterns(nn.Sequential(nn.Linear(2, 2), nn.Tanh()), torch.ones(3, 2))
