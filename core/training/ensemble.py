"""Trains R copies of a network at once: each with its own start, data order and learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, vmap

from core.analysis import report
from core.training.parameters import Layout, layout_of

EVALUATION_ROWS = 4096  # rows a forward pass when accuracies are counted: bounds the memory of the activations
BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam, Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1


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
    """How long and in what portions: Adam whose rate falls to zero along half a cosine."""

    epochs: int
    batch_size: int


@dataclass(frozen=True)
class Trained:
    """What R trainings ended in.

    Attributes:
        coordinates: the trained vector of each run, [R, k].
        validation_accuracy: share of validation rows that are classified rightly, [R]; NaN where it diverged.
        training_accuracy: the same on the training rows.
        losses: mean cross-entropy of each epoch in nats, [epochs, R].
        diverged: whether a run met a loss that is not finite, [R].
    """

    coordinates: torch.Tensor
    validation_accuracy: np.ndarray
    training_accuracy: np.ndarray
    losses: np.ndarray
    diverged: np.ndarray


def train(
    module: nn.Module,
    start: torch.Tensor,
    weights: Callable[[torch.Tensor], torch.Tensor],
    learning_rates: Sequence[float],
    seeds: Sequence[int],
    training: Examples,
    validation: Examples,
    recipe: Recipe,
) -> Trained:
    """Minimises the cross-entropy of each run over its own vector of coordinates.

    The module is a function here: parameters and buffers are passed in, its own stay as they are (only its
    training mode is switched). Runs do not influence each other: the sum of their losses is differentiated.

    Args:
        module: on the device of `start`; one forward pass gives logits [rows, classes].
        start: the trained vectors at the beginning, [R, k].
        weights: maps them to the parameters of the module, [R, k] -> [R, D]; the identity for plain training.
        learning_rates: of Adam, one a run.
        seeds: of the data order (and of dropout), one a run.
        training: rows that are learned from.
        validation: rows that are only measured on.
        recipe: epochs and batch size.

    Raises:
        ValueError: several runs of a module that cannot be batched (see `batchable`).
    """
    runs, device = start.shape[0], start.device
    if runs > 1 and not batchable(module):
        raise ValueError(f"{type(module).__name__} can't be trained as a batch of {runs} runs; train one run a call.")
    layout = layout_of(module)
    buffers = _stacked_buffers(module, runs)
    coordinates = start.detach().clone().requires_grad_()
    optimiser = _Adam(coordinates, learning_rates)
    orders = [torch.Generator().manual_seed(seed) for seed in seeds]
    rows = training.labels.shape[0]
    batch = min(recipe.batch_size, rows)
    steps = rows // batch
    losses = np.zeros((recipe.epochs, runs))
    module.train()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seeds[0])  # dropout draws from the global generator: the only place that is left
        for epoch in range(recipe.epochs):
            order = torch.stack([torch.randperm(rows, generator=generator) for generator in orders]).to(device)
            total = torch.zeros(runs, device=device)
            for step in range(steps):
                picked = order[:, step * batch : (step + 1) * batch]  # [R, batch]
                logits = _logits(module, layout, weights(coordinates), buffers, training.features[picked])
                loss = _cross_entropy(logits, training.labels[picked])  # [R]
                (gradient,) = torch.autograd.grad(loss.sum(), coordinates)
                done = (epoch * steps + step) / (recipe.epochs * steps)
                optimiser.step(gradient, 0.5 * (1 + math.cos(math.pi * done)))
                total += loss.detach()
            losses[epoch] = (total / steps).cpu().numpy()
            report((epoch + 1) / recipe.epochs)
    module.eval()
    diverged = np.asarray(~np.isfinite(losses).all(axis=0))
    with torch.no_grad():
        trained = weights(coordinates)
        accuracies = [_accuracy(module, layout, trained, buffers, rows) for rows in (validation, training)]
    for accuracy in accuracies:
        accuracy[diverged] = np.nan
    return Trained(coordinates.detach(), accuracies[0], accuracies[1], losses, diverged)


def batchable(module: nn.Module) -> bool:
    """Whether several runs can share one forward pass: every part is a layer of torch.nn or the module's own class.

    Graphs read from a file may test the sizes of what flows through them and are trained one run at a time.
    """
    return not any(isinstance(part, torch.fx.GraphModule) for part in module.modules())


class _Adam:
    """Adam with one learning rate a row; written out because the library's takes one for all."""

    def __init__(self, coordinates: torch.Tensor, learning_rates: Sequence[float]) -> None:
        self.coordinates = coordinates
        self.rates = torch.tensor(learning_rates, dtype=coordinates.dtype, device=coordinates.device).unsqueeze(1)
        self.mean = torch.zeros_like(coordinates, requires_grad=False)
        self.square = torch.zeros_like(coordinates, requires_grad=False)
        self.steps = 0

    @torch.no_grad()
    def step(self, gradient: torch.Tensor, factor: float) -> None:
        self.steps += 1
        self.mean.lerp_(gradient, 1 - BETAS[0])
        self.square.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        size = factor / (1 - BETAS[0] ** self.steps)
        spread = (self.square / (1 - BETAS[1] ** self.steps)).sqrt_().add_(EPSILON)
        self.coordinates.sub_(self.rates * size * self.mean / spread)


def _stacked_buffers(module: nn.Module, runs: int) -> dict[str, torch.Tensor]:
    """A copy of each buffer (running means and the like) for every run, [R, *shape]."""
    return {name: buffer.expand(runs, *buffer.shape).clone() for name, buffer in module.named_buffers()}


def _logits(
    module: nn.Module, layout: Layout, weights: torch.Tensor, buffers: dict[str, torch.Tensor], features: torch.Tensor
) -> torch.Tensor:
    """weights [R, D], features [R, rows, ...] -> [R, rows, classes]."""

    def forward(
        parameters: dict[str, torch.Tensor], state: dict[str, torch.Tensor], rows: torch.Tensor
    ) -> torch.Tensor:
        return functional_call(module, {**parameters, **state}, (rows,))

    if weights.shape[0] > 1:
        return vmap(forward, randomness="different")(layout.views(weights), buffers, features)
    state = {name: buffer[0] for name, buffer in buffers.items()}
    return forward(layout.views(weights[0]), state, features[0]).unsqueeze(0)


def _cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over the rows of each run: [R, rows, classes], [R, rows] -> [R]."""
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    return losses.view(labels.shape).mean(1)


def _accuracy(
    module: nn.Module, layout: Layout, weights: torch.Tensor, buffers: dict[str, torch.Tensor], examples: Examples
) -> np.ndarray:
    """Share of the rows whose largest logit is that of their class, [R]."""
    runs = weights.shape[0]
    right = torch.zeros(runs, device=weights.device)
    for features, labels in zip(
        examples.features.split(EVALUATION_ROWS), examples.labels.split(EVALUATION_ROWS), strict=True
    ):
        logits = _logits(module, layout, weights, buffers, features.expand(runs, *features.shape))
        right += (logits.argmax(-1) == labels).sum(-1)
    return (right / examples.labels.shape[0]).double().cpu().numpy()
