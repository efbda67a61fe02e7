"""Copies of linear layers with ReLU between them."""

from __future__ import annotations

from itertools import pairwise

import torch


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
