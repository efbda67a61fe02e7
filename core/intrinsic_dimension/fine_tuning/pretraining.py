"""The step of mode `fine_tuning` that trains a network on the base task, where none was brought."""

from __future__ import annotations

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
    from core.training.ensemble import Trained

PRETRAINING_RATES = (0.003, 0.01)  # of Adam; the best is kept
COPIES = 2  # of each text, with another word hidden
BODY = "body."  # before the names of a network that guesses hidden words
CLEARLY = 1.2  # times chance: what pretraining must reach to have learned anything


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
    module, parts = _first_task(problem, tasks.base, tasks)
    layout = layout_of(module)
    generator = torch.Generator().manual_seed(problem.seed)
    start = layout.join(fresh_parameters(module, generator)).unsqueeze(0).to(device)
    training, validation = examples_of(parts, problem)
    module.to(device)
    recipe = Recipe(problem.pretraining_epochs, problem.batch_size)
    accuracies: list[float] = []
    states: list[dict[str, torch.Tensor]] = []
    width = len(PRETRAINING_RATES) if batchable(module) else 1
    for place in range(0, len(PRETRAINING_RATES), width):
        rates = PRETRAINING_RATES[place : place + width]
        begin, seeds = start.expand(len(rates), -1), [problem.seed] * len(rates)
        trained = train(module, begin, Identity(), rates, seeds, training, validation, recipe)
        accuracies += trained.validation_accuracy.tolist()
        states += _states(layout.views(trained.coordinates), trained, module)
    best = int(np.argmax(np.nan_to_num(accuracies, nan=-1.0)))
    chance = chance_of(validation)
    if not accuracies[best] > CLEARLY * chance:
        raise StepFailed(
            f"Pretraining reached an accuracy of {accuracies[best]:.3f} on its own task, where guessing the largest class "
            f"gives {chance:.3f}: there is nothing to fine-tune; give more pretraining epochs, or another network."
        )
    return {
        "weights": {name.removeprefix(BODY): value.cpu().numpy() for name, value in states[best].items()},
        "accuracy": accuracies[best],
        "chance": chance,
        "rows": len(training.labels),
        "classes": tasks.base_classes if problem.pretraining != "masked words" else tasks.vocabulary,
        "learning_rate": PRETRAINING_RATES[best],
    }


pretrain.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def _first_task(problem: FineTuning, base: Split, tasks: Tasks) -> tuple[nn.Module, Split]:
    """The network that is pretrained, and what it learns from."""
    from core.intrinsic_dimension.fine_tuning.networks import architecture_of, built, text_network
    from core.intrinsic_dimension.fine_tuning.tasks import hidden_words
    from core.models.text_transformer import MaskedWords, TextTransformer

    if not tasks.vocabulary:
        config = architecture_of(problem.model, base.X_train.shape[1:], tasks.base_classes, problem.hidden)
        return built(config).module, base
    module = text_network(tasks.vocabulary, problem.words, tasks.base_classes).module
    if problem.pretraining != "masked words":
        return module, base
    assert isinstance(module, TextTransformer)
    return MaskedWords(module), hidden_words(base, COPIES, problem.seed)


def _states(views: dict[str, torch.Tensor], trained: Trained, module: nn.Module) -> list[dict[str, torch.Tensor]]:
    """The state of each run by name; of one that diverged, its last weights and the module's own buffers."""
    going = np.flatnonzero(~trained.diverged).tolist()
    buffers = dict(module.named_buffers())
    return [
        {name: value[run] for name, value in views.items()}
        | ({name: value[going.index(run)] for name, value in trained.buffers.items()} if run in going else buffers)
        for run in range(len(trained.diverged))
    ]
