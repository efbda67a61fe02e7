"""The step of mode `fine_tuning` that trains a network on the base task, where none was brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.device import torch_device
from core.errors import StepFailed
from core.intrinsic_dimension.fine_tuning.prepared import chance_of, examples_of, tasks_of
from core.intrinsic_dimension.fine_tuning.problem import FineTuning

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.data.preparation import Split
    from core.intrinsic_dimension.fine_tuning.tasks import Tasks
    from core.models.text_transformer import TextTransformer
    from core.training.ensemble import Examples, Trained


PRETRAINING_RATES = (0.003, 0.01)  # of Adam; the best is kept
BODY = "body."  # before the names of a network that guesses hidden words
CLEARLY = 1.2  # times chance: what pretraining must reach to have learned anything


@dataclass(frozen=True, eq=False)
class FirstTask:
    """The network that is pretrained, what it learns from, what it is measured on, and how its rows change by the epoch."""

    module: nn.Module
    training: Examples
    validation: Examples
    redraw: Callable[[int], Examples] | None = None


def pretrain(problem: FineTuning) -> dict[str, Any]:
    """Trains the network on the base task from fresh parameters.

    Returns:
        weights (the whole state by name), accuracy (on the base task's validation rows), chance (of that), rows,
        classes, learning_rate.

    Raises:
        BadInput: the data can't be divided into two tasks, or do not fit the network.
        StepFailed: nothing was learned.
    """
    import torch

    from core.models.initialise import fresh_parameters
    from core.training.ensemble import Recipe, batchable, train
    from core.training.maps import Identity
    from core.training.parameters import layout_of

    tasks = tasks_of(problem)
    assert tasks.base is not None
    device = torch_device(problem.device)
    first = _first_task(problem, tasks.base, tasks)
    module = first.module
    layout = layout_of(module)
    generator = torch.Generator().manual_seed(problem.seed)
    start = layout.join(fresh_parameters(module, generator)).unsqueeze(0).to(device)
    module.to(device)
    recipe = Recipe(problem.pretraining_epochs, problem.batch_size)
    accuracies: list[float] = []
    states: list[dict[str, torch.Tensor]] = []
    width = len(PRETRAINING_RATES) if batchable(module) else 1
    for place in range(0, len(PRETRAINING_RATES), width):
        rates = PRETRAINING_RATES[place : place + width]
        begin, seeds = start.expand(len(rates), -1), [problem.seed] * len(rates)
        trained = train(
            module, begin, Identity(), rates, seeds, first.training, first.validation, recipe, redraw=first.redraw
        )
        accuracies += trained.validation_accuracy.tolist()
        states += _states(layout.views(trained.coordinates), trained, module)
    best = int(np.argmax(np.nan_to_num(accuracies, nan=-1.0)))
    chance = chance_of(first.validation)
    if not accuracies[best] > CLEARLY * chance:
        raise StepFailed(
            f"Pretraining reached an accuracy of {accuracies[best]:.3f} on its own task, where guessing the largest class "
            f"gives {chance:.3f}: there is nothing to fine-tune; give more pretraining epochs, or another network."
        )
    return {
        "weights": {name.removeprefix(BODY): value.cpu().numpy() for name, value in states[best].items()},
        "accuracy": accuracies[best],
        "chance": chance,
        "rows": len(first.training.labels),
        "classes": tasks.base_classes if problem.pretraining != "masked words" else tasks.vocabulary,
        "learning_rate": PRETRAINING_RATES[best],
    }


pretrain.version = 3  # type: ignore[attr-defined]  # 3: hides another word of each text in each epoch


def _first_task(problem: FineTuning, base: Split, tasks: Tasks) -> FirstTask:
    from core.intrinsic_dimension.fine_tuning.networks import architecture_of, built, text_network
    from core.models.text_transformer import TextTransformer

    if not tasks.vocabulary:
        config = architecture_of(problem.model, base.X_train.shape[1:], tasks.base_classes, problem.hidden)
        return FirstTask(built(config).module, *examples_of(base, problem))
    module = text_network(tasks.vocabulary, problem.words, tasks.base_classes).module
    if problem.pretraining != "masked words":
        return FirstTask(module, *examples_of(base, problem))
    assert isinstance(module, TextTransformer)
    return _guessing(module, base, problem)


def _guessing(module: TextTransformer, base: Split, problem: FineTuning) -> FirstTask:
    """The task of guessing hidden words, others in each epoch."""
    from core.intrinsic_dimension.fine_tuning.hidden_words import hidden_words, texts_with_known_words
    from core.models.text_transformer import MaskedWords

    training, validation = examples_of(texts_with_known_words(base), problem)

    def redraw(epoch: int) -> Examples:
        return hidden_words(training, problem.seed, epoch)

    return FirstTask(MaskedWords(module), redraw(0), hidden_words(validation, problem.seed), redraw)


def _states(views: dict[str, torch.Tensor], trained: Trained, module: nn.Module) -> list[dict[str, torch.Tensor]]:
    """The state of each run by name; of one that diverged, its last weights and the module's own buffers."""
    going = np.flatnonzero(~trained.diverged).tolist()
    buffers = dict(module.named_buffers())
    return [
        {name: value[run] for name, value in views.items()}
        | ({name: value[going.index(run)] for name, value in trained.buffers.items()} if run in going else buffers)
        for run in range(len(trained.diverged))
    ]
