"""The steps of mode `objective`: look at the problem, train directly, train in random subspaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.analysis import Source
from core.device import torch_device
from core.errors import BadInput

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.data.preparation import Scaling
    from core.training.ensemble import Examples, Trained
    from core.training.maps import Map


@dataclass(frozen=True)
class Problem:
    """What is learned by what: everything that all trainings of a search share.

    Attributes:
        dataset: with labels.
        model: None for an MLP.
        target: label column of a table.
        hidden: units of the hidden layers of that MLP.
        scaling: "columns", "common", "none", or "automatic".
        most_rows: a larger data set is reduced to so many rows.
        validation_fraction: share of the rows that is measured on.
        seed: of the split.
        epochs: passes over the training rows.
        batch_size: rows of one gradient.
        device: "cpu" or "gpu".
        projection: kind of the random subspaces, as in `core.intrinsic_dimension.projection`.
        shuffled_labels: share of the training rows that exchange their labels.
        shuffled_pixels: whether the places of every sample are put into one random order.
    """

    dataset: Source
    model: Source | None
    target: str
    hidden: tuple[int, ...]
    scaling: Scaling
    most_rows: int
    validation_fraction: float
    seed: int
    epochs: int
    batch_size: int
    device: Literal["cpu", "gpu"]
    projection: str = "fastfood"
    shuffled_labels: float = 0.0
    shuffled_pixels: bool = False


@dataclass(frozen=True)
class Facts:
    """What a look at the problem finds.

    Attributes:
        full_dimension: D, trainable parameters.
        network: one line for captions.
        batchable: whether several runs can share one forward pass.
        classes: number of classes.
        chance: share of the largest class among the validation rows.
        training_chance: the same among the training rows.
        labels_changed: share of the training rows whose label is not their own.
        rows_given: of the data set.
        training_rows: that are learned from.
        validation_rows: that are measured on.
        scaling: how the features were scaled: "columns", "common" or "none".
        kept: parameters that could not be redrawn and start as they were brought.
        brought: whether the model came with weights, which are not used.
        training_mode: whether it was exported in training mode: dropout, if any, stays on.
        running_statistics: whether it keeps numbers besides its parameters, as batch normalisation does.
    """

    full_dimension: int
    network: str
    batchable: bool
    classes: int
    chance: float
    training_chance: float
    labels_changed: float
    rows_given: int
    training_rows: int
    validation_rows: int
    scaling: str
    kept: tuple[str, ...]
    brought: bool
    training_mode: bool
    running_statistics: bool


@dataclass(frozen=True)
class Prepared:
    """A problem whose data lie on the device."""

    module: nn.Module
    training: Examples
    validation: Examples
    facts: Facts


def inspect_problem(problem: Problem) -> dict[str, Any]:
    """`Facts` as a mapping. Everything that can be refused is refused here, before the first training.

    Raises:
        BadInput: no or unsuitable labels, a model that does not fit them, or one that gives no finite numbers.
    """
    import torch

    ready = prepared(problem)
    sample = ready.training.features[:2]
    ready.module.eval()
    with torch.no_grad():
        logits = ready.module(sample)
    if logits.shape != (len(sample), ready.facts.classes):
        raise BadInput(
            f"The model gives outputs of shape {tuple(logits.shape)} for {len(sample)} rows; the data set has "
            f"{ready.facts.classes} classes, so {(len(sample), ready.facts.classes)} is expected: choose a model that fits."
        )
    if not logits.isfinite().all():
        raise BadInput(
            "The model gives outputs that are not finite for the first rows, before any training: look at how it scales "
            "its inputs (logarithms, divisions), or choose a built-in model."
        )
    return asdict(ready.facts)


def train_directly(problem: Problem, learning_rates: list[float], seeds: list[int]) -> dict[str, np.ndarray]:
    """Trains all D parameters, once a seed.

    Args:
        problem: what is learned by what.
        learning_rates: one a run.
        seeds: one a run: initialisation and data order.

    Returns:
        performance (validation accuracy, NaN where it diverged), training_accuracy, loss (of the last epoch): [R].
    """
    ready = prepared(problem)
    from core.training.maps import Identity

    return _measures(_train(problem, ready, _starts(ready, problem, seeds), Identity(), learning_rates, seeds))


train_directly.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def train_in_subspaces(
    problem: Problem, subspace_dimensions: list[int], learning_rates: list[float], seeds: list[int]
) -> dict[str, np.ndarray]:
    """Trains d coordinates, theta = theta0 + P theta_d with theta_d = 0 at the start (Li et al. 2018, eq. 2).

    Args:
        problem: what is learned by what.
        subspace_dimensions: d of each run.
        learning_rates: one a run, of theta_d.
        seeds: one a run: initialisation, projection and data order are all drawn anew.

    Returns:
        As `train_directly`.
    """
    return _measures(run_in_subspaces(problem, subspace_dimensions, learning_rates, seeds))


train_in_subspaces.version = 3  # type: ignore[attr-defined]  # 3: other gains of Fastfood


def run_in_subspaces(
    problem: Problem, subspace_dimensions: list[int], learning_rates: list[float], seeds: list[int]
) -> Trained:
    """As `train_in_subspaces`, with the coordinates that the trainings ended in."""
    import torch

    from core.intrinsic_dimension.projections.kinds import projections_of_runs
    from core.training.maps import Affine

    ready = prepared(problem)
    start = _starts(ready, problem, seeds)
    drawn = [seeds_of_run(seed)[1] for seed in seeds]
    projection = projections_of_runs(problem.projection, ready.facts.full_dimension, subspace_dimensions, drawn).to(
        start.device
    )
    origin = torch.zeros(len(seeds), projection.subspace_dimension, device=start.device)
    return _train(problem, ready, origin, Affine(start, projection), learning_rates, seeds)


def _train(
    problem: Problem,
    ready: Prepared,
    start: torch.Tensor,
    weights: Map,
    learning_rates: Sequence[float],
    seeds: list[int],
) -> Trained:
    from core.training.ensemble import Recipe, train

    orders = [seeds_of_run(seed)[2] for seed in seeds]
    recipe = Recipe(problem.epochs, problem.batch_size)
    return train(ready.module, start, weights, learning_rates, orders, ready.training, ready.validation, recipe)


def _measures(trained: Trained) -> dict[str, np.ndarray]:
    return {
        "performance": trained.validation_accuracy,
        "training_accuracy": trained.training_accuracy,
        "loss": trained.losses[-1],
    }


def seeds_of_run(seed: int) -> tuple[int, int, int]:
    """Seeds of the initialisation, the projection and the data order of one run."""
    first, second, third = np.random.SeedSequence(seed).generate_state(3)
    return int(first), int(second), int(third)


def _starts(ready: Prepared, problem: Problem, seeds: Sequence[int]) -> torch.Tensor:
    """theta0 of each run, [R, D]: drawn on the CPU, so that it is the same on every device."""
    from core.models.initialise import fresh_parameters_of_runs
    from core.training.parameters import layout_of

    drawn = fresh_parameters_of_runs(ready.module, [seeds_of_run(seed)[0] for seed in seeds])
    return layout_of(ready.module).join(drawn).to(torch_device(problem.device))


def _largest_class(labels: np.ndarray) -> float:
    return float(np.bincount(labels).max() / len(labels))


@lru_cache(maxsize=1)
def prepared(problem: Problem) -> Prepared:
    """Loads, splits, scales and shuffles. The last problem of a worker is kept: its next step is likely to need it."""
    import torch

    from core.data import load_dataset, scaled, split
    from core.intrinsic_dimension.shuffling import shuffled_labels, shuffled_pixels
    from core.models.initialise import kept_parameters
    from core.models.loading import load_model
    from core.training.ensemble import Examples, batchable
    from core.training.parameters import layout_of

    device = torch_device(problem.device)
    dataset = load_dataset(problem.dataset, problem.target)
    scaling, parts = scaled(split(dataset, problem.seed, problem.validation_fraction), problem.scaling)
    if problem.shuffled_pixels:
        parts = shuffled_pixels(parts, problem.seed)
    loaded = load_model(problem.model, dataset.shape, len(dataset.classes), problem.hidden)
    layout = layout_of(loaded.module)
    if layout.size == 0:
        raise BadInput("The model has no trainable parameters; bring one with at least one.")
    train_rows = max(1, round(problem.most_rows * (1 - problem.validation_fraction)))
    validation_rows = max(1, problem.most_rows - train_rows)
    true_labels = parts.y_train[:train_rows]
    parts = shuffled_labels(
        replace(parts, X_train=parts.X_train[:train_rows], y_train=true_labels), problem.shuffled_labels, problem.seed
    )
    training = Examples(torch.from_numpy(parts.X_train), torch.from_numpy(parts.y_train)).to(device)
    validation = Examples(
        torch.from_numpy(parts.X_validation[:validation_rows]), torch.from_numpy(parts.y_validation[:validation_rows])
    ).to(device)
    facts = Facts(
        full_dimension=layout.size,
        network=loaded.description,
        batchable=batchable(loaded.module),
        classes=len(dataset.classes),
        chance=_largest_class(parts.y_validation[:validation_rows]),
        training_chance=_largest_class(parts.y_train),
        labels_changed=float((parts.y_train != true_labels).mean()),
        rows_given=dataset.rows,
        training_rows=len(training.labels),
        validation_rows=len(validation.labels),
        scaling=scaling,
        kept=tuple(kept_parameters(loaded.module)),
        brought=loaded.trained,
        training_mode=loaded.training_mode,
        running_statistics=any(buffer.is_floating_point() for buffer in loaded.module.buffers()),
    )
    return Prepared(loaded.module.to(device), training, validation, facts)
