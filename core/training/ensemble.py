"""Trains R copies of a network at once: each with its own start, data order and learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from core.analysis import report
from core.training.any_networks import Copies
from core.training.maps import Map, Weights, map_of
from core.training.networks import copies_of
from core.training.optimisers import Adam, Optimiser, column
from core.training.schedules import cosine
from core.training.sharpness import climbed, unmoved_buffers

EVALUATION_ROWS = 1024  # rows a forward pass when accuracies are counted: bounds the memory of the activations
GATHERED_ENTRIES = 4_000_000  # features that are put in order at once


@dataclass(frozen=True)
class Examples:
    """Labelled rows: features float32 [n, ...] and classes int64 [n], numbered from 0."""

    features: torch.Tensor
    labels: torch.Tensor

    def to(self, device: str) -> Examples:
        """The same rows on another device."""
        return Examples(self.features.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Recipe:
    """How long, in what portions, by what optimiser, and what its rate is multiplied by over time (share done -> factor)."""

    epochs: int
    batch_size: int
    optimiser: Optimiser = field(default_factory=Adam)
    schedule: Callable[[float], float] = cosine


@dataclass(frozen=True)
class Trained:
    """What R trainings ended in.

    Attributes:
        coordinates: the trained vector of each run, [R, k].
        validation_accuracy: share of validation rows that are classified rightly, [R]; NaN where it diverged.
        training_accuracy: the same on the training rows.
        validation_loss: mean cross-entropy in nats on the validation rows in evaluation mode, [R]; NaN where it diverged.
        training_loss: the same on the training rows.
        losses: mean cross-entropy of each epoch in nats, [epochs, R]; NaN after a run diverged.
        diverged: whether a run met a loss that is not finite, [R].
        buffers: running statistics and the like by name, [r, ...], of the r runs that did not diverge.
    """

    coordinates: torch.Tensor
    validation_accuracy: np.ndarray
    training_accuracy: np.ndarray
    validation_loss: np.ndarray
    training_loss: np.ndarray
    losses: np.ndarray
    diverged: np.ndarray
    buffers: dict[str, torch.Tensor]


def train(
    module: nn.Module,
    start: torch.Tensor,
    weights: Map | Weights,
    learning_rates: Sequence[float],
    seeds: Sequence[int],
    training: Examples,
    validation: Examples,
    recipe: Recipe,
    weight_decays: Sequence[float] | None = None,
    radii: Sequence[float] | None = None,
    redraw: Callable[[int], Examples] | None = None,
) -> Trained:
    """Minimises the cross-entropy of each run over its own vector of coordinates.

    The module is a function here: parameters and buffers are passed in, its own stay as they are (only its
    training mode is switched). Runs do not influence each other; one that diverges is stopped after its epoch.

    Args:
        module: on the device of `start`; one forward pass gives logits [rows, classes].
        start: the trained vectors at the beginning, [R, k].
        weights: maps them to the parameters of the module, [R, k] -> [R, D]: `Identity` for plain training, `Affine`
            for a subspace, or any differentiable function.
        learning_rates: of the optimiser, one a run.
        seeds: of the data order (and of dropout), one a run.
        training: rows that are learned from.
        validation: rows that are only measured on.
        recipe: epochs, batch size and optimiser.
        weight_decays: one a run; half of it times the squared length of the vector is added to the loss. None: 0.
        radii: rho of sharpness-aware minimisation, one a run; a step then costs two gradients. None: without.
        redraw: the rows of each epoch by its number, as many as in `training`, where they differ (texts that hide another
            word every time); None: those of `training`.

    Raises:
        ValueError: several runs of a module that cannot be batched (see `batchable`).
    """
    runs, device = start.shape[0], start.device
    if runs > 1 and not batchable(module):
        raise ValueError(f"{type(module).__name__} can't be trained as a batch of {runs} runs; train one run a call.")
    copies = copies_of(module, runs)
    mapping = map_of(weights)
    trained = start.detach().clone()
    coordinates, going = trained.clone(), torch.arange(runs, device=device)
    optimiser = recipe.optimiser.begin(coordinates, learning_rates)
    decays, rho = (None if values is None else column(trained, values) for values in (weight_decays, radii))
    orders = [torch.Generator().manual_seed(seed) for seed in seeds]
    rows = training.labels.shape[0]
    batch = min(recipe.batch_size, rows)
    steps = rows // batch
    losses = np.full((recipe.epochs, runs), np.nan)
    module.train()
    with torch.no_grad(), torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seeds[0])  # dropout draws from the global generator: the only place that is left
        for epoch in range(recipe.epochs):
            order = torch.stack([torch.randperm(rows, generator=orders[run]) for run in going.tolist()])
            total = torch.zeros(len(going), device=device)
            examples = redraw(epoch) if redraw else training
            for step, (features, labels) in enumerate(_batches(examples, order[:, : steps * batch].to(device), batch)):
                loss, along = _loss_and_gradient(copies, mapping, coordinates, features, labels)
                if rho is not None:
                    with unmoved_buffers(copies):
                        higher = climbed(coordinates, along, rho)
                        _, along = _loss_and_gradient(copies, mapping, higher, features, labels)
                done = (epoch * steps + step) / (recipe.epochs * steps)
                if decays is not None:
                    along = along.addcmul(coordinates, decays)
                optimiser.step(along, recipe.schedule(done))
                total += loss
            losses[epoch, going.cpu().numpy()] = (total / steps).cpu().numpy()
            finite = total.isfinite()
            if not finite.all():
                trained[going] = coordinates
                kept = finite.nonzero().squeeze(1)
                going, coordinates = going[kept], coordinates[kept]
                optimiser.keep(coordinates, kept)
                copies.keep(kept)
                mapping = mapping.keep(kept)
                decays, rho = (None if values is None else values[kept] for values in (decays, rho))
                if not len(going):
                    break
            report((epoch + 1) / recipe.epochs)
        trained[going] = coordinates
    module.eval()
    diverged = np.ones(runs, dtype=bool)
    diverged[going.cpu().numpy()] = False
    measured = np.full((2, 2, runs), np.nan)
    if len(going):
        with torch.no_grad():
            final = mapping.forward(coordinates)
            measured[:, :, ~diverged] = [measure(copies, final, part) for part in (validation, training)]
    (validation_accuracy, validation_loss), (training_accuracy, training_loss) = measured
    return Trained(
        trained,
        validation_accuracy,
        training_accuracy,
        validation_loss,
        training_loss,
        losses,
        diverged,
        copies.buffers,
    )


def batchable(module: nn.Module) -> bool:
    """Whether several runs can share one forward pass: every part is a layer of torch.nn or the module's own class.

    Graphs read from a file may test the sizes of what flows through them, and recurrent layers have no form for several
    weights: both are trained one run at a time.
    """
    return not any(isinstance(part, torch.fx.GraphModule | nn.RNNBase) for part in module.modules())


def _loss_and_gradient(
    copies: Copies, mapping: Map, coordinates: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss [R] and its gradient along the coordinates [R, k]."""
    loss, gradient = copies.loss_and_gradient(mapping.forward(coordinates), features, labels)
    return loss, mapping.adjoint(gradient)


def _batches(examples: Examples, order: torch.Tensor, batch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The rows in the order of each run, [R, n], a batch at a time: features [R, batch, ...], labels [R, batch].

    Many batches are gathered at once: for small ones the call costs more than the copy.
    """
    runs = order.shape[0]
    together = max(1, GATHERED_ENTRIES // (runs * batch * max(1, examples.features[0].numel()))) * batch
    for portion in order.split(together, dim=1):
        picked = portion.flatten()
        features = examples.features.index_select(0, picked).unflatten(0, portion.shape)
        labels = examples.labels.index_select(0, picked).view(portion.shape)
        yield from zip(features.split(batch, dim=1), labels.split(batch, dim=1), strict=True)


def measure(copies: Copies, weights: torch.Tensor, examples: Examples) -> np.ndarray:
    """How well copies of a network, [R, D], classify rows that all of them see.

    Returns:
        [2, R] float64: the share of the rows whose largest logit is that of their class, and the mean cross-entropy.
    """
    runs = weights.shape[0]
    found = torch.zeros(2, runs, device=weights.device)
    for features, labels in zip(
        examples.features.split(EVALUATION_ROWS), examples.labels.split(EVALUATION_ROWS), strict=True
    ):
        logits = copies.logits(weights, features.expand(runs, *features.shape))
        found[0] += (logits.argmax(-1) == labels).sum(-1)
        every = labels.expand(runs, -1)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), every.flatten(), reduction="none")
        found[1] += loss.view(every.shape).sum(1)
    return (found / examples.labels.shape[0]).double().cpu().numpy()
