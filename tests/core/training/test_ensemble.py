"""The batched trainer against plain PyTorch, one run at a time."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import nn

from core.training.ensemble import Examples, Recipe, batchable, train
from core.training.maps import Identity
from core.training.optimisers import Sgd
from core.training.parameters import flatten, layout_of


class Tied(nn.Module):
    """One matrix that is used twice, and one that is not trained."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4, bias=False)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.frozen = nn.Linear(4, 3)
        self.frozen.weight.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.frozen(torch.relu(self.second(self.first(x))))


def examples(rows: int, seed: int) -> Examples:
    """Two noisy classes in four dimensions."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 3, (rows,), generator=generator)
    centres = torch.tensor([[2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 2.0, 0]])
    return Examples(centres[labels] + torch.randn(rows, 4, generator=generator), labels)


def starts(module: nn.Module, runs: int) -> torch.Tensor:
    """A start vector for each run."""
    return flatten(module) + 0.1 * torch.randn(runs, layout_of(module).size, generator=torch.Generator().manual_seed(9))


def identity(theta: torch.Tensor) -> torch.Tensor:
    return theta


def plain_training(
    module: nn.Module, start: torch.Tensor, rate: float, seed: int, epochs: Sequence[Examples], recipe: Recipe
) -> torch.Tensor:
    """The naive reference: the module itself, torch.optim.Adam, one run, over the rows of each epoch."""
    layout = layout_of(module)
    with torch.no_grad():
        for name, value in layout.views(start).items():
            dict(module.named_parameters())[name].copy_(value)
    module.train()
    optimiser = torch.optim.Adam([p for p in module.parameters() if p.requires_grad], lr=rate)
    generator = torch.Generator().manual_seed(seed)
    for epoch, data in enumerate(epochs):
        steps = len(data.labels) // recipe.batch_size
        order = torch.randperm(len(data.labels), generator=generator)
        for step in range(steps):
            picked = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            done = (epoch * steps + step) / (recipe.epochs * steps)
            optimiser.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * done))
            optimiser.zero_grad()
            nn.functional.cross_entropy(module(data.features[picked]), data.labels[picked]).backward()
            optimiser.step()
    return flatten(module)


CASES = {
    "mlp": lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)),
    "tied and frozen": Tied,
    "batch normalisation": lambda: nn.Sequential(
        nn.Linear(4, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_batched_runs_equal_single_runs_of_plain_pytorch(name: str) -> None:
    """Each of several runs ends where torch.optim.Adam takes the module itself with the same order and rate."""
    torch.manual_seed(0)
    module, data, recipe = CASES[name](), examples(96, 1), Recipe(epochs=3, batch_size=32)
    start, rates, seeds = starts(module, 3), [0.003, 0.01, 0.03], [5, 6, 7]
    trained = train(module, start, identity, rates, seeds, data, examples(60, 2), recipe)
    for run in range(3):
        reference = CASES[name]()
        reference.load_state_dict({key: value.clone() for key, value in module.state_dict().items()})
        expected = plain_training(reference, start[run], rates[run], seeds[run], [data] * 3, recipe)
        torch.testing.assert_close(trained.coordinates[run], expected, rtol=1e-3, atol=1e-4)


def test_rows_that_are_redrawn_are_those_that_are_learned_from() -> None:
    """With other rows in each epoch a run ends where torch.optim.Adam ends with them; accuracy is that of `training`."""
    torch.manual_seed(0)
    module, recipe = CASES["mlp"](), Recipe(epochs=3, batch_size=32)
    epochs, data, start = [examples(96, seed) for seed in (1, 2, 3)], examples(50, 4), starts(module, 1)
    trained = train(module, start, identity, [0.01], [5], epochs[0], data, recipe, redraw=lambda epoch: epochs[epoch])
    expected = plain_training(CASES["mlp"](), start[0], 0.01, 5, epochs, recipe)
    torch.testing.assert_close(trained.coordinates[0], expected, rtol=1e-3, atol=1e-4)
    alone = train(module, trained.coordinates, identity, [0.0], [5], epochs[0], data, recipe)
    assert alone.training_accuracy == trained.training_accuracy


def test_running_means_belong_to_their_run() -> None:
    """Accuracies of a batch-normalised network use the running means of the same run, in evaluation mode."""
    torch.manual_seed(0)
    module, data, check = CASES["batch normalisation"](), examples(96, 1), examples(60, 2)
    start, recipe = starts(module, 2), Recipe(epochs=4, batch_size=16)
    both = train(module, start, identity, [0.01, 0.05], [1, 2], data, check, recipe)
    for run in range(2):
        alone = train(module, start[run : run + 1], identity, [[0.01, 0.05][run]], [1 + run], data, check, recipe)
        assert alone.validation_accuracy[0] == pytest.approx(both.validation_accuracy[run], abs=0.02)
    assert torch.equal(module[1].running_mean, torch.zeros(8))


def test_the_module_stays_as_it_was() -> None:
    """Training goes through copies: parameters and buffers of the module do not move."""
    module = CASES["batch normalisation"]()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    train(module, starts(module, 2), identity, [0.1, 0.1], [1, 2], examples(64, 1), examples(20, 2), Recipe(2, 16))
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())


def test_only_the_mapped_coordinates_are_trained() -> None:
    """With weights(c) = theta0 + A c the result lies in theta0 + span A."""
    module = CASES["mlp"]()
    generator = torch.Generator().manual_seed(0)
    theta0, matrix = flatten(module), torch.randn(layout_of(module).size, 5, generator=generator) / 10
    trained = train(
        module,
        torch.zeros(2, 5),
        lambda c: theta0 + c @ matrix.T,
        [0.1, 0.1],
        [1, 2],
        examples(64, 1),
        examples(20, 2),
        Recipe(5, 16),
    )
    assert trained.coordinates.shape == (2, 5)
    assert trained.losses[-1].mean() < trained.losses[0].mean()


def test_divergence_is_said_and_stays_in_its_run() -> None:
    """A run whose loss is not finite is marked, has no accuracy, and leaves the others alone."""
    torch.manual_seed(0)
    module, data, check = CASES["mlp"](), examples(64, 1), examples(40, 2)
    start = starts(module, 2)
    trained = train(module, start, identity, [0.01, 1e38], [1, 2], data, check, Recipe(3, 16))
    alone = train(module, start[:1], identity, [0.01], [1], data, check, Recipe(3, 16))
    np.testing.assert_array_equal(trained.diverged, [False, True])
    assert math.isnan(trained.validation_accuracy[1])
    assert trained.validation_accuracy[0] == pytest.approx(alone.validation_accuracy[0], abs=0.03)


def test_dropout_is_drawn_from_the_seed() -> None:
    """Dropout repeats with the seed, and the global generator is left where it was."""
    module = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 3))
    state = torch.get_rng_state()
    arguments = (
        module,
        starts(module, 2),
        identity,
        [0.01, 0.01],
        [1, 2],
        examples(64, 1),
        examples(20, 2),
        Recipe(2, 16),
    )
    first, second = train(*arguments), train(*arguments)
    assert torch.equal(first.coordinates, second.coordinates)
    assert torch.equal(state, torch.get_rng_state())


def test_graphs_are_not_batched() -> None:
    """A graph from a file is trained one run a call, and the refusal says so."""
    graph = torch.fx.symbolic_trace(CASES["mlp"]())
    assert not batchable(graph)
    assert not batchable(nn.Sequential(nn.LSTM(4, 3)))
    with pytest.raises(ValueError, match="train one run a call"):
        train(graph, starts(graph, 2), identity, [0.1, 0.1], [1, 2], examples(64, 1), examples(20, 2), Recipe(1, 16))


def test_tied_parameters_count_once_and_frozen_ones_not_at_all() -> None:
    """The flat vector of the tied module holds 16 + 4 + 3 numbers, and views give them back."""
    module = Tied()
    layout = layout_of(module)
    assert layout.names == ("first.weight", "second.bias", "frozen.bias")
    assert layout.size == 23
    flat = flatten(module)
    assert torch.equal(layout.views(flat)["first.weight"], module.first.weight)
    assert torch.equal(layout.join(layout.views(flat.expand(2, -1))), flat.expand(2, -1))


def test_momentum_and_weight_decay_equal_those_of_torch() -> None:
    """With Sgd each run ends where torch.optim.SGD takes the module, each run with its own rate and weight decay."""
    data, recipe = examples(96, 1), Recipe(epochs=3, batch_size=32, optimiser=Sgd(momentum=0.9))
    torch.manual_seed(0)
    module = CASES["mlp"]()
    start, rates, decays, seeds = starts(module, 2), [0.02, 0.1], [0.0, 0.01], [5, 6]
    trained = train(module, start, Identity(), rates, seeds, data, examples(60, 2), recipe, decays)
    for run in range(2):
        reference = CASES["mlp"]()
        with torch.no_grad():
            for name, value in layout_of(module).views(start[run]).items():
                dict(reference.named_parameters())[name].copy_(value)
        optimiser = torch.optim.SGD(reference.parameters(), rates[run], momentum=0.9, weight_decay=decays[run])
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 9)  # 3 epochs of 3 batches
        generator = torch.Generator().manual_seed(seeds[run])
        for _ in range(3):
            for picked in torch.randperm(96, generator=generator).split(32):
                optimiser.zero_grad()
                nn.functional.cross_entropy(reference(data.features[picked]), data.labels[picked]).backward()
                optimiser.step()
                schedule.step()
        torch.testing.assert_close(trained.coordinates[run], flatten(reference), rtol=1e-4, atol=1e-5)


def test_a_run_that_diverged_is_stopped_and_the_others_go_on_as_alone() -> None:
    """Runs beside one that diverges end where they end without it, with their own statistics and projection."""
    torch.manual_seed(0)
    module, data, check = CASES["batch normalisation"](), examples(64, 1), examples(40, 2)
    start, recipe = starts(module, 3), Recipe(4, 16, Sgd())
    together = train(module, start, Identity(), [0.05, 1e38, 0.1], [1, 2, 3], data, check, recipe)
    alone = train(module, start[[0, 2]], Identity(), [0.05, 0.1], [1, 3], data, check, recipe)
    assert together.diverged.tolist() == [False, True, False]
    assert np.isnan(together.losses[1:, 1]).all()
    torch.testing.assert_close(together.coordinates[[0, 2]], alone.coordinates, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(
        together.buffers["1.running_mean"], alone.buffers["1.running_mean"], rtol=1e-3, atol=1e-4
    )


def test_losses_are_those_of_torch_in_evaluation_mode() -> None:
    """The measured cross-entropy is that of torch on logits of the trained network with its running means."""
    torch.manual_seed(0)
    module, data, check = CASES["batch normalisation"](), examples(96, 1), examples(60, 2)
    trained = train(module, starts(module, 1), Identity(), [0.02], [3], data, check, Recipe(3, 16))
    state = {**layout_of(module).views(trained.coordinates[0]), **{k: v[0] for k, v in trained.buffers.items()}}
    module.eval()
    for rows, found in ((check, trained.validation_loss[0]), (data, trained.training_loss[0])):
        logits = torch.func.functional_call(module, state, (rows.features,))
        assert found == pytest.approx(nn.functional.cross_entropy(logits, rows.labels).item(), rel=1e-5)


def test_dropout_is_off_while_accuracy_is_measured() -> None:
    """However much dropout a network is trained with, accuracy and loss are those of the same weights without it."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.9), nn.Linear(32, 3))
    data, check = examples(96, 1), examples(60, 2)
    trained = train(module, starts(module, 2), Identity(), [0.02, 0.05], [3, 4], data, check, Recipe(3, 16))
    without = nn.Sequential(*module[:3], nn.Identity(), module[4]).eval()
    for run in range(2):
        buffers = {name: value[run] for name, value in trained.buffers.items()}
        weights = layout_of(module).views(trained.coordinates[run])
        logits = torch.func.functional_call(without, {**weights, **buffers}, (check.features,))
        accuracy = (logits.argmax(1) == check.labels).double().mean().item()
        assert trained.validation_accuracy[run] == pytest.approx(accuracy)
        assert trained.validation_loss[run] == pytest.approx(
            nn.functional.cross_entropy(logits, check.labels).item(), rel=1e-5
        )
