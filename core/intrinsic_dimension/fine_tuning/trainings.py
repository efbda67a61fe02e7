"""The steps of mode `fine_tuning`: pretrain, look, fine-tune all parameters, fine-tune in random subspaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import BadInput, StepFailed
from core.intrinsic_dimension.fine_tuning.problem import FineTuning, FineTuningFacts, Start

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.data.preparation import Split
    from core.intrinsic_dimension.fine_tuning.networks import Network
    from core.intrinsic_dimension.fine_tuning.said import Layers
    from core.intrinsic_dimension.fine_tuning.tasks import Tasks
    from core.training.ensemble import Examples, Trained
    from core.training.maps import Map

Weights = dict[str, np.ndarray]

PRETRAINING_RATES = (0.003, 0.01)  # of Adam; the best is kept
UNTOUCHED_HEADS = 4  # new heads whose mean accuracy is that of no fine-tuning
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

    tasks = _tasks(problem)
    assert tasks.base is not None
    device = _torch_device(problem.device)
    module, parts = _first_task(problem, tasks.base, tasks)
    layout = layout_of(module)
    generator = torch.Generator().manual_seed(problem.seed)
    start = layout.join(fresh_parameters(module, generator)).unsqueeze(0).to(device)
    training, validation = _examples(parts, problem)
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
    chance = _chance(validation)
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


def inspect_fine_tuning(problem: FineTuning, weights: Weights | None) -> dict[str, Any]:
    """`FineTuningFacts` as a mapping. What can be refused is refused here, before the first training.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.

    Raises:
        BadInput: no or unsuitable labels, a model that does not fit them, or one that gives no finite numbers.
    """
    import torch

    from core.training.ensemble import measure
    from core.training.networks import copies_of

    ready = _ready(problem, _Pretrained(weights))
    sample = ready.training.features[:2]
    ready.network.module.eval()
    with torch.no_grad():
        logits = ready.network.module(sample)
    if logits.shape != (len(sample), ready.facts.classes):
        raise BadInput(
            f"The network gives outputs of shape {tuple(logits.shape)} for {len(sample)} rows; the task has "
            f"{ready.facts.classes} classes, so {(len(sample), ready.facts.classes)} is expected: bring a model that fits."
        )
    if not bool(logits.isfinite().all()):
        raise BadInput(
            "The pretrained network gives values that are not finite on these rows; bring weights and data of one scale "
            "(see Scaling)."
        )
    heads = UNTOUCHED_HEADS if ready.network.new_head else 1
    untouched = [
        float(measure(copies_of(ready.network.module, 1), _starts(ready, "pretrained", [seed]), ready.validation)[0, 0])
        for seed in range(heads)
    ]
    return asdict(ready.facts) | {"untouched": float(np.mean(untouched))}


def fine_tune_directly(
    problem: FineTuning, weights: Weights | None, start: Start, learning_rates: list[float], seeds: list[int]
) -> dict[str, np.ndarray]:
    """Fine-tunes all D parameters, once a seed: what d90 is measured against.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.
        start: from these weights, or from fresh ones (the same network without pretraining).
        learning_rates: one a run.
        seeds: one a run: data order, and what of theta0 is drawn anew.

    Returns:
        performance (validation accuracy, NaN where it diverged), training_accuracy, loss (of the last epoch): [R].
    """
    from core.training.maps import Identity

    ready = _ready(problem, _Pretrained(weights))
    return _measures(_train(problem, ready, _starts(ready, start, seeds), Identity(), learning_rates, seeds))


def fine_tune_did(
    problem: FineTuning,
    weights: Weights | None,
    start: Start,
    subspace_dimensions: list[int],
    learning_rates: list[float],
    seeds: list[int],
) -> dict[str, np.ndarray]:
    """Fine-tunes d numbers, theta = theta0 + P theta_d: Aghajanyan et al. 2020 (arXiv:2012.13255), section 3.1, DID.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.
        start: from these weights, or from fresh ones.
        subspace_dimensions: d of each run.
        learning_rates: one a run, of theta_d.
        seeds: one a run: projection, data order, and what of theta0 is drawn anew.

    Returns:
        As `fine_tune_directly`.
    """
    import torch

    from core.intrinsic_dimension.projections.kinds import projections_of_runs
    from core.training.maps import Affine

    ready = _ready(problem, _Pretrained(weights))
    theta0 = _starts(ready, start, seeds)
    drawn = [_seeds(seed)[1] for seed in seeds]
    linear = projections_of_runs(problem.projection, ready.facts.full_dimension, subspace_dimensions, drawn)
    zero = torch.zeros(len(seeds), linear.subspace_dimension, device=theta0.device)
    return _measures(_train(problem, ready, zero, Affine(theta0, linear.to(theta0.device)), learning_rates, seeds))


def fine_tune_said(
    problem: FineTuning,
    weights: Weights | None,
    start: Start,
    subspace_dimensions: list[int],
    learning_rates: list[float],
    seeds: list[int],
) -> dict[str, np.ndarray]:
    """Fine-tunes d numbers of which m scale the m layers: SAID, see `core.intrinsic_dimension.fine_tuning.said`.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.
        start: from these weights, or from fresh ones.
        subspace_dimensions: d of each run, the lambdas among them.
        learning_rates: one a run, of all d numbers.
        seeds: one a run: projection, data order, and what of theta0 is drawn anew.

    Returns:
        As `fine_tune_directly`; besides lambdas, [R, m], where they ended.

    Raises:
        BadInput: no more dimensions than layers.
    """
    from core.intrinsic_dimension.fine_tuning.said import Said, inner_dimensions, layers_of, said_origin
    from core.intrinsic_dimension.projections.kinds import projections_of_runs
    from core.training.parameters import layout_of

    ready = _ready(problem, _Pretrained(weights))
    theta0 = _starts(ready, start, seeds)
    layers = layers_of(layout_of(ready.network.module))
    inner = inner_dimensions(subspace_dimensions, layers)
    drawn = [_seeds(seed)[1] for seed in seeds]
    linear = projections_of_runs(problem.projection, ready.facts.full_dimension, inner, drawn)
    first = said_origin(len(seeds), layers, linear.subspace_dimension, theta0.device)
    trained = _train(problem, ready, first, Said(theta0, linear.to(theta0.device), layers), learning_rates, seeds)
    return _measures(trained) | {"lambdas": trained.coordinates[:, : layers.count].cpu().numpy()}


def _train(
    problem: FineTuning,
    ready: _Ready,
    start: torch.Tensor,
    weights: Map,
    learning_rates: Sequence[float],
    seeds: list[int],
) -> Trained:
    from core.training.ensemble import Recipe, train

    orders = [_seeds(seed)[2] for seed in seeds]
    recipe = Recipe(problem.epochs, problem.batch_size)
    return train(ready.network.module, start, weights, learning_rates, orders, ready.training, ready.validation, recipe)


def _measures(trained: Trained) -> dict[str, np.ndarray]:
    return {
        "performance": trained.validation_accuracy,
        "training_accuracy": trained.training_accuracy,
        "loss": trained.losses[-1],
    }


def _seeds(seed: int) -> tuple[int, int, int]:
    """Seeds of what is drawn anew of theta0, of the projection, and of the data order of one run."""
    first, second, third = np.random.SeedSequence(seed).generate_state(3)
    return int(first), int(second), int(third)


def _starts(ready: _Ready, start: Start, seeds: Sequence[int]) -> torch.Tensor:
    """theta0 of each run, [R, D]: the pretrained weights, with a new head where there is one, or all of it fresh."""
    from core.models.initialise import fresh_parameters_of_runs
    from core.training.parameters import layout_of

    module = ready.network.module
    own = {name: value.detach() for name, value in module.named_parameters() if value.requires_grad}
    pretrained = {name: value.expand(len(seeds), *value.shape) for name, value in own.items()}
    if start == "pretrained" and not ready.network.new_head:
        return layout_of(module).join(pretrained)
    device = next(module.parameters()).device
    drawn = fresh_parameters_of_runs(module, [_seeds(seed)[0] for seed in seeds])
    kept = (
        {} if start == "scratch" else {name: own for name, own in pretrained.items() if name not in ready.network.head}
    )
    return layout_of(module).join({name: value.to(device) for name, value in drawn.items()} | kept)


def _torch_device(device: str) -> str:
    return "cuda" if device == "gpu" else "cpu"


def _chance(examples: Examples) -> float:
    import torch

    counts = torch.bincount(examples.labels)
    return float(counts.max() / counts.sum())


def _examples(parts: Split, problem: FineTuning) -> tuple[Examples, Examples]:
    """Both parts on the device, each no larger than asked for."""
    import torch

    from core.training.ensemble import Examples

    train_rows = max(1, round(problem.most_rows * (1 - problem.validation_fraction)))
    validation_rows = max(1, problem.most_rows - train_rows)
    device = _torch_device(problem.device)
    return (
        Examples(torch.from_numpy(parts.X_train[:train_rows]), torch.from_numpy(parts.y_train[:train_rows])).to(device),
        Examples(
            torch.from_numpy(parts.X_validation[:validation_rows]),
            torch.from_numpy(parts.y_validation[:validation_rows]),
        ).to(device),
    )


@lru_cache(maxsize=1)
def _tasks(problem: FineTuning) -> Tasks:
    """The rows of both tasks."""
    import torch

    from core.data import load_dataset
    from core.data.texts import load_texts
    from core.data.vocabulary import vocabulary_of
    from core.intrinsic_dimension.fine_tuning.networks import brings_weights
    from core.intrinsic_dimension.fine_tuning.tasks import encoded_tasks, given_task, made_tasks, scaled_tasks
    from core.models.minilm import minilm_pieces

    if problem.device == "gpu" and not torch.cuda.is_available():
        raise BadInput("Device gpu: this machine has no graphics card that can be used; choose cpu.")
    if problem.text:
        dataset = load_texts(problem.dataset, problem.text, problem.target)
    else:
        dataset = load_dataset(problem.dataset, problem.target)
    given = problem.reads_minilm or brings_weights(problem.model)
    tasks = (
        given_task(dataset, problem.seed, problem.validation_fraction)
        if given
        else made_tasks(dataset, problem.pretraining, problem.seed, problem.validation_fraction)
    )
    if problem.reads_minilm:
        return encoded_tasks(tasks, minilm_pieces(), problem.words)
    if problem.text:
        known = vocabulary_of((tasks.base or tasks.new).X_train, problem.vocabulary)
        return encoded_tasks(tasks, known, problem.words)
    return scaled_tasks(tasks, problem.scaling)


@dataclass(frozen=True, eq=False)
class _Ready:
    """A problem whose data lie on the device and whose network holds the pretrained weights."""

    network: Network
    training: Examples
    validation: Examples
    facts: FineTuningFacts


class _Pretrained:
    """Weights as a part of a cache's key: equal by content."""

    def __init__(self, weights: Weights | None) -> None:
        from core.keys import content_key

        self.weights = weights
        self._key = content_key(weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pretrained) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=1)
def _ready(problem: FineTuning, pretrained: _Pretrained) -> _Ready:
    """Loads, splits and scales. The last problem of a worker is kept: its next step is likely to need it."""
    network, tasks = _network(problem, pretrained.weights), _tasks(problem)
    from core.intrinsic_dimension.fine_tuning.said import layers_of
    from core.training.parameters import layout_of

    layout = layout_of(network.module)
    if layout.size == 0:
        raise BadInput("The model has no trainable parameters; bring one with at least one.")
    training, validation = _examples(tasks.new, problem)
    layers: Layers = layers_of(layout)
    facts = FineTuningFacts(
        full_dimension=layout.size,
        network=f"{network.name}, {layout.size:,} parameters",
        batchable=network.batchable,
        classes=tasks.classes,
        chance=_chance(validation),
        training_rows=len(training.labels),
        validation_rows=len(validation.labels),
        rows_given=len(tasks.new.y_train) + len(tasks.new.y_validation),
        scaling=tasks.scaling,
        head=network.said,
        new_head=network.new_head,
        untouched=float("nan"),
        layers=layers.names,
        layer_sizes=layers.parameters,
        source=_source(problem, pretrained.weights),
        training_mode=network.training_mode,
    )
    network.module.to(_torch_device(problem.device))
    return _Ready(network, training, validation, facts)


def _source(problem: FineTuning, weights: Weights | None) -> str:
    if problem.reads_minilm:
        return "all-MiniLM-L6-v2, of an installed package"
    return problem.model.name if weights is None and problem.model else problem.pretraining


def _network(problem: FineTuning, weights: Weights | None) -> Network:
    """The network of the new task, with its pretrained weights."""
    import torch

    from core.intrinsic_dimension.fine_tuning.networks import (
        architecture_of,
        brought,
        built,
        minilm,
        take_weights,
        text_network,
    )

    tasks = _tasks(problem)
    shape = tasks.new.X_train.shape[1:]
    if problem.reads_minilm:
        return minilm(tasks.classes)
    if weights is None:
        assert problem.model is not None
        return brought(problem.model, shape, tasks.classes)
    if tasks.vocabulary:
        network = text_network(tasks.vocabulary, problem.words, tasks.classes)
    else:
        network = built(architecture_of(problem.model, shape, tasks.classes, problem.hidden))
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    take_weights(network.module, tensors, network.head)
    return network
