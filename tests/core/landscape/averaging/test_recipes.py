"""All averages of a family: of one network in several orders there is nothing to gain and nothing to lose."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.landscape.averaging.fine_tuning import along, alphas
from core.landscape.averaging.recipes import averages
from core.landscape.averaging.scores import scores_of
from core.landscape.averaging.soups import greedy_soup
from core.landscape.connectivity.units import units_of
from core.models.architectures import Architecture, Mlp, ResNet
from core.models.networks import build
from core.training.ensemble import Examples
from core.training.parameters import layout_of

ROWS = Examples(
    torch.randn(40, 1, 8, 8, generator=torch.Generator().manual_seed(1)),
    torch.randint(0, 3, (40,), generator=torch.Generator().manual_seed(2)),
)
CASES = pytest.mark.parametrize(
    "config",
    [Mlp(inputs=64, hidden=(6, 5), classes=3), ResNet(channels=1, depth=8, width=2, classes=3)],
    ids=["mlp", "resnet"],
)


def state_of(config: Architecture, seed: int) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build(config).state_dict()


@CASES
def test_shuffled_copies_average_to_the_network_itself(config: Architecture) -> None:
    """Aligned, every average of a network and of copies whose units were shuffled is that network, whatever the method;
    as they are, their mean is another one."""
    module, state = build(config).eval(), state_of(config, 0)
    units, layout = units_of(module), layout_of(module)
    states = [state]
    for seed in range(2):
        generator = np.random.default_rng(seed)
        states.append(units.reordered(state, {group: generator.permutation(n) for group, n in units.sizes.items()}))
    found = averages(module, states, units, ROWS.features, ROWS, fisher_rows=5, seed=0)
    assert [(one.method, one.alignment) for one in found] == [
        ("mean", "none"),
        ("greedy soup", "none"),
        ("Fisher", "none"),
        ("mean", "to the first"),
        ("mean", "all at once"),
        ("greedy soup", "all at once"),
        ("Fisher", "all at once"),
    ]
    whole = layout.join(state)
    for one in found:
        if one.alignment != "none":
            torch.testing.assert_close(one.weights, whole, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(found[0].weights, whole, atol=1e-2)


def test_units_that_are_not_known_leave_the_plain_averages() -> None:
    """Nothing is aligned, and nothing says that it was."""
    config = Mlp(inputs=64, hidden=(4,), classes=3)
    states = [state_of(config, seed) for seed in range(2)]
    found = averages(build(config).eval(), states, None, ROWS.features, ROWS, fisher_rows=3, seed=0)
    assert {one.alignment for one in found} == {"none"}
    torch.testing.assert_close(
        found[0].weights, (torch.stack([layout_of(build(config)).join(s) for s in states])).mean(0)
    )


def test_a_greedy_soup_is_no_worse_than_the_best_on_its_rows() -> None:
    """Members join in the order of their scores, and stay out where the average would get worse."""
    goal = 2.0
    values = [0.0, 3.0, 1.2, 9.0]

    def score(members: list[int]) -> float:
        return -abs(sum(values[member] for member in members) / len(members) - goal)

    alone = [score([member]) for member in range(4)]
    kept = greedy_soup(alone, score)
    assert kept == [2, 1] and score(kept) >= max(alone)


@CASES
def test_the_ends_of_the_line_are_the_networks(config: Architecture) -> None:
    """At alpha 0 and 1 scores are those of the checkpoints, with statistics computed anew as everywhere on the line; in the
    middle those of the mean."""
    module = build(config).eval()
    layout = layout_of(module)
    before, after = ({name: state_of(config, seed)[name] for name in layout.names} for seed in range(2))
    found = along(module, before, after, alphas(3), ROWS.features, ROWS)
    vectors = [layout.join(end) for end in (before, after)]
    expected = torch.stack([vectors[0], (vectors[0] + vectors[1]) / 2, vectors[1]])
    for place in range(3):
        one = scores_of(module, expected[place : place + 1], ROWS, statistics_from=ROWS.features)
        np.testing.assert_allclose(found.loss[place], one.loss[0], rtol=1e-4, atol=1e-5)
