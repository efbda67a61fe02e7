"""Magnitude pruning against counting by hand and a plain sort."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.landscape.pruning.magnitude import apply_masks, density_of, global_masks, layerwise_masks


def _network() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "conv.weight": torch.randn(4, 3, 3, 3, generator=generator),
        "conv.bias": torch.randn(4, generator=generator),
        "head.weight": 10 * torch.randn(5, 8, generator=generator),
    }


def test_each_layer_keeps_its_largest() -> None:
    """Half of 1, -3, 2, 0.5 is -3 and 2; the other layer, though smaller throughout, keeps its half too."""
    masks = layerwise_masks({"a": torch.tensor([[1.0, -3.0], [2.0, 0.5]]), "b": torch.tensor([[0.1, 0.2]])}, 0.5)
    assert masks["a"].tolist() == [[0, 1], [1, 0]] and masks["b"].tolist() == [[0, 1]]


def test_globally_the_small_layer_loses_more() -> None:
    """Half of six weights: 3, 2 and 1 stay, nothing of the other layer."""
    masks = global_masks({"a": torch.tensor([[1.0, -3.0], [2.0, 0.5]]), "b": torch.tensor([[0.1, 0.2]])}, 0.5)
    assert masks["a"].tolist() == [[1, 1], [1, 0]] and masks["b"].tolist() == [[0, 0]]


@pytest.mark.parametrize("density", [0.05, 0.2, 0.37, 1.0])
def test_densities_are_those_that_are_asked_for(density: float) -> None:
    """To the nearest whole weight, in each layer or over all; what is kept is above what is not, by a sort of numpy."""
    network = _network()
    layers = layerwise_masks(network, density)
    for name, mask in layers.items():
        assert float(mask.sum()) == round(density * mask.numel())
        weights = np.sort(np.abs(network[name].numpy()).ravel())[::-1]
        assert float((network[name].abs() * mask).sum()) == pytest.approx(weights[: int(mask.sum())].sum(), rel=1e-5)
    whole = global_masks(network, density)
    assert density_of(whole) == pytest.approx(density, abs=1 / 148)
    kept = torch.cat([network[n][m.bool()].abs() for n, m in whole.items()])
    lost = torch.cat([network[n][~m.bool()].abs() for n, m in whole.items()])
    assert not len(lost) or kept.min() >= lost.max()


def test_biases_are_kept_and_nothing_changes_in_place() -> None:
    """A tensor with one axis has no mask, and the network stays as it was."""
    network = _network()
    before = {name: tensor.clone() for name, tensor in network.items()}
    masks = global_masks(network, 0.1)
    pruned = apply_masks(network, masks)
    assert set(masks) == {"conv.weight", "head.weight"}
    assert torch.equal(pruned["conv.bias"], network["conv.bias"])
    assert all(torch.equal(network[name], before[name]) for name in network)
    assert int((pruned["conv.weight"] != 0).sum() + (pruned["head.weight"] != 0).sum()) == 15


def test_equal_weights_are_pruned_to_the_count() -> None:
    """Ties do not add weights: of four ones, two are kept, the first ones."""
    assert layerwise_masks({"w": torch.ones(2, 2)}, 0.5)["w"].tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize("density", [0.0, -0.1, 1.1, float("nan")])
def test_a_density_out_of_bounds_is_refused(density: float) -> None:
    """It is a share of weights."""
    with pytest.raises(BadInput, match="share of weights kept"):
        layerwise_masks(_network(), density)


def test_a_network_without_weights_is_refused() -> None:
    """Biases alone leave nothing to prune."""
    with pytest.raises(BadInput, match="two axes"):
        global_masks({"b": torch.ones(3)}, 0.5)
