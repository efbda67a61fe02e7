"""What the steps of mode `fine_tuning` need before they train: both tasks, and the network with its pretrained weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.device import torch_device
from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.problem import FineTuning, FineTuningFacts

if TYPE_CHECKING:
    from core.data.preparation import Split
    from core.intrinsic_dimension.fine_tuning.networks import Network
    from core.intrinsic_dimension.fine_tuning.said import Layers
    from core.intrinsic_dimension.fine_tuning.tasks import Tasks
    from core.training.ensemble import Examples

Weights = dict[str, np.ndarray]


def chance_of(examples: Examples) -> float:
    """The accuracy of guessing the largest class."""
    import torch

    counts = torch.bincount(examples.labels)
    return float(counts.max() / counts.sum())


def examples_of(parts: Split, problem: FineTuning) -> tuple[Examples, Examples]:
    """Both parts on the device, each no larger than asked for."""
    import torch

    from core.training.ensemble import Examples

    train_rows = max(1, round(problem.most_rows * (1 - problem.validation_fraction)))
    validation_rows = max(1, problem.most_rows - train_rows)
    device = torch_device(problem.device)
    return (
        Examples(torch.from_numpy(parts.X_train[:train_rows]), torch.from_numpy(parts.y_train[:train_rows])).to(device),
        Examples(
            torch.from_numpy(parts.X_validation[:validation_rows]),
            torch.from_numpy(parts.y_validation[:validation_rows]),
        ).to(device),
    )


@lru_cache(maxsize=1)
def tasks_of(problem: FineTuning) -> Tasks:
    """The rows of both tasks."""

    from core.data import load_dataset
    from core.data.texts import load_texts
    from core.data.vocabulary import vocabulary_of
    from core.intrinsic_dimension.fine_tuning.networks import brings_weights
    from core.intrinsic_dimension.fine_tuning.tasks import encoded_tasks, given_task, made_tasks, scaled_tasks
    from core.models.minilm import minilm_pieces

    torch_device(problem.device)  # refused before anything is read
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
class Ready:
    """A problem whose data lie on the device and whose network holds the pretrained weights."""

    network: Network
    training: Examples
    validation: Examples
    facts: FineTuningFacts


class Pretrained:
    """Weights as a part of a cache's key: equal by content."""

    def __init__(self, weights: Weights | None) -> None:
        from core.keys import content_key

        self.weights = weights
        self._key = content_key(weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pretrained) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=1)
def ready_of(problem: FineTuning, pretrained: Pretrained) -> Ready:
    """Loads, splits and scales. The last problem of a worker is kept: its next step is likely to need it."""
    network, tasks = _network(problem, pretrained.weights), tasks_of(problem)
    from core.intrinsic_dimension.fine_tuning.said import layers_of
    from core.training.parameters import layout_of

    layout = layout_of(network.module)
    if layout.size == 0:
        raise BadInput("The model has no trainable parameters; bring one with at least one.")
    training, validation = examples_of(tasks.new, problem)
    layers: Layers = layers_of(layout)
    facts = FineTuningFacts(
        full_dimension=layout.size,
        network=f"{network.name}, {layout.size:,} parameters",
        batchable=network.batchable,
        classes=tasks.classes,
        chance=chance_of(validation),
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
    network.module.to(torch_device(problem.device))
    return Ready(network, training, validation, facts)


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

    tasks = tasks_of(problem)
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
