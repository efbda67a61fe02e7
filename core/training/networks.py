"""Loss and gradient of R copies of a network, in one forward and one backward pass."""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import torch
from torch import nn
from torch.func import functional_call, vmap

from core.models.networks import MlpNetwork
from core.training.parameters import layout_of


class Copies(Protocol):
    """R copies of a network that differ in their parameters only, which are passed in as [R, D].

    Attributes:
        buffers: running statistics and the like of each copy by name, [R, ...].
    """

    buffers: dict[str, torch.Tensor]

    def keep(self, runs: torch.Tensor) -> None:
        """Goes on with some of the copies, by their numbers [r]."""
        ...

    def logits(self, weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[R, D], [R, rows, ...] -> [R, rows, classes]."""
        ...

    def loss_and_gradient(
        self, weights: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean cross-entropy of each copy over its rows, [R], and its gradient, [R, D].

        Args:
            weights: [R, D].
            features: [R, rows, ...].
            labels: [R, rows].
        """
        ...


def copies_of(module: nn.Module, runs: int) -> Copies:
    """The fastest form: matrix products written out for a chain of linear layers, vmap for everything else."""
    widths = perceptron_widths(module)
    return Perceptrons(widths) if widths else AnyNetworks(module, runs)


def perceptron_widths(module: nn.Module) -> tuple[int, ...] | None:
    """Inputs, hidden units and outputs of linear layers with ReLU between them; None for any other module."""
    if isinstance(module, MlpNetwork):
        layers = list(module.layers)
    elif type(module) is nn.Sequential:
        layers = list(module)[0::2]
        if len(module) % 2 == 0 or not all(type(part) is nn.ReLU for part in list(module)[1::2]):
            return None
    else:
        return None
    linear = [layer for layer in layers if type(layer) is nn.Linear and layer.bias is not None]
    trained = {parameter for layer in linear for parameter in layer.parameters() if parameter.requires_grad}
    if len(linear) < len(layers) or len(trained) < 2 * len(linear):
        return None
    return (linear[0].in_features, *(layer.out_features for layer in linear))


class AnyNetworks:
    """Copies of any module, by functional_call and vmap; a single copy takes no vmap.

    The module is a function here: its own parameters and buffers stay as they are. Buffers (running means and the
    like) are kept for each copy.
    """

    def __init__(self, module: nn.Module, runs: int) -> None:
        self.module = module
        self.layout = layout_of(module)
        self.buffers = {name: buffer.expand(runs, *buffer.shape).clone() for name, buffer in module.named_buffers()}

    def keep(self, runs: torch.Tensor) -> None:
        """As `Copies`."""
        self.buffers = {name: buffer[runs] for name, buffer in self.buffers.items()}

    def logits(self, weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[R, D], [R, rows, ...] -> [R, rows, classes]."""

        def forward(
            parameters: dict[str, torch.Tensor], state: dict[str, torch.Tensor], rows: torch.Tensor
        ) -> torch.Tensor:
            return functional_call(self.module, {**parameters, **state}, (rows,))

        if weights.shape[0] > 1:
            return vmap(forward, randomness="different")(self.layout.views(weights), self.buffers, features)
        state = {name: buffer[0] for name, buffer in self.buffers.items()}
        return forward(self.layout.views(weights[0]), state, features[0]).unsqueeze(0)

    def loss_and_gradient(
        self, weights: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `Copies`; the sum of the losses is differentiated, so the copies do not influence each other."""
        with torch.enable_grad():
            weights = weights.detach().requires_grad_()
            logits = self.logits(weights, features)
            losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
            loss = losses.view(labels.shape).mean(1)
            (gradient,) = torch.autograd.grad(loss.sum(), weights)
        return loss.detach(), gradient


class Perceptrons:
    """Copies of linear layers with ReLU between them, as batched matrix products with the backward pass written out.

    Small networks spend their time on the bookkeeping of vmap and autograd, not on arithmetic. Inside, activations
    are [R, units, rows]: along rows, of which there are many, a softmax over a few classes is several times faster.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        self.widths = widths
        self.buffers: dict[str, torch.Tensor] = {}

    def keep(self, runs: torch.Tensor) -> None:
        """Nothing: all that differs is passed in."""

    def logits(self, weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[R, D], [R, rows, ...] -> [R, rows, classes]."""
        return self._activations(self._layers(weights), features)[-1].mT

    def loss_and_gradient(
        self, weights: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `Copies`."""
        layers = self._layers(weights)
        *activations, logits = self._activations(layers, features)
        places = labels.unsqueeze(1)
        log_shares = torch.log_softmax(logits, 1)
        loss = log_shares.gather(1, places).mean((1, 2)).neg_()
        delta = log_shares.exp_().scatter_add_(1, places, logits.new_full((), -1.0).expand_as(places))
        delta.div_(labels.shape[1])  # of the loss along the logits: (share - 1 for the right class) / rows
        gradient = torch.empty_like(weights)
        into = self._layers(gradient)
        for layer in reversed(range(len(layers))):
            into[layer][0].copy_(torch.bmm(delta, activations[layer].mT))
            torch.sum(delta, 2, keepdim=True, out=into[layer][1])
            if layer > 0:
                delta = torch.bmm(layers[layer][0].mT, delta).mul_(activations[layer].sign())
        return loss, gradient

    def _layers(self, flat: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Views of [R, D]: matrix [R, out, in] and bias [R, out, 1] of each layer."""
        runs, place, layers = flat.shape[0], 0, []
        for before, after in pairwise(self.widths):
            middle, end = place + before * after, place + (before + 1) * after
            layers.append((flat[:, place:middle].view(runs, after, before), flat[:, middle:end, None]))
            place = end
        return layers

    def _activations(
        self, layers: list[tuple[torch.Tensor, torch.Tensor]], features: torch.Tensor
    ) -> list[torch.Tensor]:
        """Inputs of each layer, [R, units, rows], then the logits."""
        activations = [features.flatten(2).mT]
        for layer, (matrix, bias) in enumerate(layers):
            x = activations[layer].relu_() if layer > 0 else activations[layer]
            activations.append(torch.baddbmm(bias, matrix, x))
        return activations
