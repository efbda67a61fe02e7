"""Batch normalisation measured anew."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.training import statistics
from core.training.networks import copies_of
from core.training.parameters import flatten
from core.training.statistics import recompute_statistics


def _network(seed: int = 0) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4), nn.BatchNorm1d(4)
        )


def _images(n: int = 40) -> torch.Tensor:
    return 2 + 3 * torch.randn(n, 1, 6, 6, generator=torch.Generator().manual_seed(9))


def _recomputed(module: nn.Module, weights: torch.Tensor, features: torch.Tensor) -> dict[str, torch.Tensor]:
    copies = copies_of(module, len(weights))
    recompute_statistics(module, copies, weights, features)
    return copies.buffers


def test_statistics_are_those_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the first layer, in parts of 10 rows, by numpy's mean and variance over batch, height and width; parts differ in
    their means, which counts."""
    monkeypatch.setattr(statistics, "EVALUATION_ROWS", 10)
    module, x = _network(), _images() + torch.arange(4.0).repeat_interleave(10).view(40, 1, 1, 1)
    found = _recomputed(module, flatten(module)[None], x)
    values = module[0](x).detach().double().numpy()
    torch.testing.assert_close(found["1.running_mean"][0], torch.tensor(values.mean((0, 2, 3))).float())
    expected = torch.tensor(values.var((0, 2, 3), ddof=1)).float()
    torch.testing.assert_close(found["1.running_var"][0], expected, rtol=0.01, atol=0)


def test_one_part_gives_what_training_mode_would() -> None:
    """In all layers of each of two copies: torch's own statistics with momentum 1 after one pass."""
    both, x = [_network(0), _network(1)], _images()
    found = _recomputed(both[0], torch.stack([flatten(one) for one in both]), x)
    for number, twin in enumerate(both):
        for layer in (twin[1], twin[5]):
            layer.momentum = 1.0
        twin.train()(x)
        for key in ("1.running_mean", "1.running_var", "5.running_mean", "5.running_var"):
            torch.testing.assert_close(found[key][number], twin.state_dict()[key])


def test_a_last_row_of_its_own_is_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """41 rows in parts of at most 10 are five parts alike, none of them a single row, which has no variance."""
    monkeypatch.setattr(statistics, "EVALUATION_ROWS", 10)
    module = _network()
    assert _recomputed(module, flatten(module)[None], _images(41))["5.running_var"].isfinite().all()


def test_the_module_is_left_alone_and_dropout_is_off() -> None:
    """Weights, statistics and flags stay; dropout before a normalisation does not disturb its statistics."""
    module = nn.Sequential(nn.Dropout(0.9), nn.BatchNorm1d(2)).eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    x = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    found = _recomputed(module, flatten(module)[None], x)
    torch.testing.assert_close(found["1.running_mean"][0], x.mean(dim=0))
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert not module.training and module[1].momentum == 0.1


def test_a_network_without_normalisation_keeps_what_it_has() -> None:
    """Nothing is run."""
    module = nn.Linear(2, 2)
    assert _recomputed(module, flatten(module)[None], torch.zeros(3, 5)) == {}
