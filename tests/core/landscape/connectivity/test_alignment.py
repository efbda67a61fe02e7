"""Weight matching against permutations that are known, and against all that there are."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch

from core.landscape.connectivity.alignment import aligned, matched, matched_together
from core.landscape.connectivity.units import Units, units_of
from core.models.architectures import Architecture, Cnn, LeNet5, Mlp, ResNet
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.training.parameters import layout_of

CASES = {
    "mlp": (Mlp(inputs=6, hidden=(7, 5), classes=3), (6,)),
    "cnn": (Cnn(channels=1, width=4, classes=3), (1, 8, 8)),
    "lenet5": (LeNet5(channels=1, height=16, width=16, classes=3), (1, 16, 16)),
    "resnet": (ResNet(channels=1, depth=8, width=3, classes=3), (1, 8, 8)),
    "deeper resnet": (ResNet(channels=3, depth=14, width=4, classes=3), (3, 9, 9)),
}
EVERY = pytest.mark.parametrize(("config", "shape"), CASES.values(), ids=CASES)


def shuffles(units: Units, seed: int) -> dict[str, np.ndarray]:
    """Any order of each group."""
    generator = np.random.default_rng(seed)
    return {group: generator.permutation(size) for group, size in units.sizes.items()}


def state_of(config: Architecture) -> dict[str, torch.Tensor]:
    """A network in which every unit differs, those of normalisation too."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        state = build(config).state_dict()
        for name, value in state.items():
            if "bn" in name and value.is_floating_point():
                value.copy_(torch.rand(value.shape) + 0.5)
    return state


@EVERY
def test_another_order_of_units_computes_the_same(config: Architecture, shape: tuple[int, ...]) -> None:
    """Weights, biases, scales, shifts and running statistics move; logits stay."""
    module, state = build(config).eval(), state_of(config)
    units = units_of(module)
    moved = units.reordered(state, shuffles(units, 0))
    rows = torch.randn(4, *shape, generator=torch.Generator().manual_seed(0))
    same = [torch.func.functional_call(module, tensors, (rows,)) for tensors in (state, moved)]
    torch.testing.assert_close(same[0], same[1], rtol=1e-4, atol=1e-5)
    assert {name for name in state if not torch.equal(state[name], moved[name])} == {
        name for name in units.axes if name.split(".")[-1] != "bias" or any(units.axes[name])
    }


@EVERY
def test_a_planted_order_is_found(config: Architecture, shape: tuple[int, ...]) -> None:
    """Whatever the order of the units was, the network itself comes back, its statistics included."""
    module, state = build(config), state_of(config)
    units = units_of(module)
    moved = units.reordered(state, shuffles(units, 1))
    back = units.reordered(moved, matched(units, state, moved))
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_of_one_hidden_layer_the_match_is_the_best_of_all_orders() -> None:
    """No order of five units lies nearer."""
    module = build(Mlp(inputs=3, hidden=(5,), classes=2))
    layout, units = layout_of(module), units_of(module)
    first, second = layout.join(fresh_parameters_of_runs(module, (0, 1)))
    group = next(iter(units.sizes))
    distances = [
        float((layout.join(units.reordered(layout.views(second), {group: np.array(order)})) - first).norm())
        for order in permutations(range(5))
    ]
    assert float((aligned(module, first, second) - first).norm()) == pytest.approx(min(distances), rel=1e-6)


@pytest.mark.parametrize("name", ["mlp", "resnet"])
def test_no_order_of_one_group_lies_nearer(name: str) -> None:
    """Where the descent ends, exchanging any two units of a group brings the networks no nearer."""
    module = build(CASES[name][0])
    layout, units = layout_of(module), units_of(module)
    first, second = layout.join(fresh_parameters_of_runs(module, (0, 1))).double()
    orders = matched(units, layout.views(first), layout.views(second))

    def distance(changed: dict[str, np.ndarray]) -> float:
        return float((layout.join(units.reordered(layout.views(second), changed)) - first).norm())

    reached = distance(orders)
    assert reached < distance(units.unmoved())
    for group, order in orders.items():
        for one, other in zip(range(len(order)), range(1, len(order)), strict=False):
            exchanged = order.copy()
            exchanged[[one, other]] = exchanged[[other, one]]
            assert distance({**orders, group: exchanged}) >= reached - 1e-9


@pytest.mark.parametrize("name", ["mlp", "resnet"])
def test_many_shuffled_copies_become_one_network(name: str) -> None:
    """Matched together, copies in different orders coincide with the first."""
    config = CASES[name][0]
    state, units = state_of(config), units_of(build(config))
    copies = [state, *(units.reordered(state, shuffles(units, seed)) for seed in range(3))]
    for copy, orders in zip(copies, matched_together(units, copies), strict=True):
        back = units.reordered(copy, orders)
        assert all(torch.equal(back[key], state[key]) for key in state)


def test_many_networks_come_nearer_than_when_matched_to_the_first() -> None:
    """The sum of squared distances between all pairs does not grow by matching all at once."""
    module = build(Mlp(inputs=6, hidden=(9, 7), classes=3))
    layout, units = layout_of(module), units_of(module)
    networks = [layout.views(one) for one in layout.join(fresh_parameters_of_runs(module, range(4)))]

    def spread(orders: list[dict[str, np.ndarray]]) -> float:
        moved = torch.stack(
            [layout.join(units.reordered(own, order)) for own, order in zip(networks, orders, strict=True)]
        )
        return float((moved - moved.mean(0)).square().sum())

    to_the_first = [units.unmoved(), *(matched(units, networks[0], other) for other in networks[1:])]
    assert spread(matched_together(units, networks)) <= spread(to_the_first) * (1 + 1e-6)
