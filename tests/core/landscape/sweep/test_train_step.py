"""Cells of a sweep against plain PyTorch and against each other."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data import builtin_dataset_source
from core.errors import BadInput
from core.landscape.sweep.problem import Recipe, Sweep, parameters_of, task_of
from core.landscape.sweep.train_step import train_cells
from core.models.initialise import fresh_parameters

SWEEP = Sweep(
    dataset=builtin_dataset_source("digits"),
    target="",
    architecture="mlp",
    load="width",
    temperature="learning_rate",
    width=8,
    recipe=Recipe(learning_rate=0.05, batch_size=32, epochs=3, weight_decay=0.0, momentum=0.9),
    scaling="common",
    most_rows=300,
    validation_fraction=0.2,
    seed=0,
    device="cpu",
)


def test_a_cell_is_what_plain_pytorch_trains() -> None:
    """Error and loss of a cell are those of torch.optim.SGD from the same start, in the same order."""
    found = train_cells(SWEEP, 4, [0.02, 0.05], [7])
    task = task_of(SWEEP, 4)
    start, order = np.random.SeedSequence(7).generate_state(2).tolist()
    module = task_of(SWEEP, 4).module
    module.load_state_dict(fresh_parameters(module, torch.Generator().manual_seed(start)))
    optimiser = torch.optim.SGD(module.parameters(), 0.05, momentum=0.9)
    steps = len(task.training.labels) // 32
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 3 * steps)
    generator = torch.Generator().manual_seed(order)
    for _ in range(3):
        for picked in torch.randperm(len(task.training.labels), generator=generator).split(32)[:steps]:
            optimiser.zero_grad()
            nn.functional.cross_entropy(module(task.training.features[picked]), task.training.labels[picked]).backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        logits = module(task.training.features)
    assert found["train_loss"][1, 0] == pytest.approx(
        nn.functional.cross_entropy(logits, task.training.labels).item(), rel=1e-3
    )
    wrong = 100 * (logits.argmax(1) != task.training.labels).double().mean().item()
    assert found["train_error"][1, 0] == pytest.approx(wrong, abs=0.5)
    assert found["weights"].shape == (2, 1, parameters_of(SWEEP, 4, (8, 8), 10))


@pytest.mark.parametrize("temperature", ["learning_rate", "batch_size", "epochs", "weight_decay"])
def test_cells_do_not_depend_on_what_is_trained_beside_them(temperature: str) -> None:
    """A temperature alone gives the networks that it gives among others."""
    values = {"learning_rate": [0.01, 0.1], "batch_size": [16, 64], "epochs": [1, 3], "weight_decay": [0.0, 0.01]}
    sweep = replace(SWEEP, temperature=temperature)
    both = train_cells(sweep, 4, values[temperature], [1, 2])
    alone = train_cells(sweep, 4, values[temperature][1:], [1, 2])
    np.testing.assert_allclose(both["weights"][1:], alone["weights"], atol=1e-4)
    assert not np.allclose(both["weights"][0], both["weights"][1], atol=1e-4)


def test_noisy_labels_are_wrong_in_the_share_that_was_asked_for() -> None:
    """A fifth of the labels is wrong at 0.2, and stays wrong at 0.5; the measured rows keep their labels."""
    clean, some, half = (task_of(replace(SWEEP, load="label_noise"), share) for share in (0.0, 0.2, 0.5))
    wrong_some = some.training.labels != clean.training.labels
    wrong_half = half.training.labels != clean.training.labels
    assert wrong_some.sum() == round(0.2 * len(wrong_some)) and wrong_half.sum() == round(0.5 * len(wrong_half))
    assert wrong_half[wrong_some].all()
    assert torch.equal(some.validation.labels, clean.validation.labels)


def test_a_load_of_data_keeps_the_first_rows_and_refuses_to_leave_none() -> None:
    """Larger shares hold the rows of smaller ones; a share with fewer rows than classes is refused."""
    sweep = replace(SWEEP, load="data")
    small, large = task_of(sweep, 0.25), task_of(sweep, 0.5)
    assert torch.equal(large.training.features[: len(small.training.labels)], small.training.features)
    with pytest.raises(BadInput, match=r"Load data=0.01 leaves 2 of 240 training rows for 10 classes"):
        task_of(sweep, 0.01)


def test_a_cell_that_diverges_is_marked() -> None:
    """A learning rate that blows up is marked, without an error or loss; its neighbours are finite."""
    found = train_cells(SWEEP, 4, [0.05, 1e30], [1])
    assert found["diverged"].tolist() == [[False], [True]]
    assert np.isfinite(found["train_loss"][0]).all() and np.isnan(found["train_error"][1]).all()


@pytest.mark.parametrize("architecture", ["cnn", "resnet"])
def test_convolutional_networks_keep_their_running_statistics(architecture: str) -> None:
    """The width of the first layer is the load; a residual network brings one set of statistics for each network."""
    sweep = replace(SWEEP, architecture=architecture, recipe=replace(SWEEP.recipe, epochs=1, batch_size=64))
    found = train_cells(sweep, 2, [0.01, 0.05], [1])
    assert found["weights"].shape == (2, 1, parameters_of(sweep, 2, (8, 8), 10))
    means = [name for name in found["buffers"] if name.endswith("running_mean")]
    assert len(means) == (0 if architecture == "cnn" else 7)
    assert all(found["buffers"][name].shape[:2] == (2, 1) for name in means)
