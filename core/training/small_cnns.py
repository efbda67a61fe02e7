"""Copies of the small CNN, with the backward pass of its two convolutions written out as batched matrix products.

Stacked over copies, a convolution becomes one of as many groups, for which a processor has no fast kernel. Here the 3 x 3
patches of all samples of a copy are the columns of one matrix (im2col). Samples lie innermost, [R, channels, height,
width, rows], so that even of small images long runs are copied and added. Few copies at a time, and memory that is used
again, keep it all near the processor: fresh memory costs more than the arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import pad

from core.models.networks import CnnNetwork
from core.training.any_networks import AnyNetworks

KERNEL = 3
MOST_VALUES = 1 << 18  # of the patches of a copy's rows: 1 MB; of more, copying costs more than it saves
TOGETHER = 8  # copies
ROWS = 128  # that are measured at a time


@dataclass(frozen=True, eq=False)
class _Pass:
    """What the backward pass needs of the forward one: patches [R, in x 9, columns], and values after ReLU."""

    patches1: torch.Tensor
    first: torch.Tensor
    pooled: torch.Tensor
    patches2: torch.Tensor
    second: torch.Tensor
    means: torch.Tensor
    logits: torch.Tensor


class SmallCnns(AnyNetworks):
    """Copies of a `CnnNetwork`; as any networks on a graphics card, and for large images."""

    def __init__(self, module: CnnNetwork, runs: int) -> None:
        super().__init__(module, runs)
        self.channels = module.channels
        self.width = self.layout.shapes[0][0]
        self._kept: dict[str, torch.Tensor] = {}

    def logits(self, weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[R, D], [R, rows, ...] -> [R, rows, classes]."""
        derived = torch.is_grad_enabled() and (weights.requires_grad or features.requires_grad)
        if derived or not self._is_small(weights, features[:, :ROWS]):
            return super().logits(weights, features)
        found = []
        for own, its in zip(weights.split(TOGETHER), features.split(TOGETHER), strict=True):
            matrices = self._matrices(own)
            parts = [self._forward(matrices, part).logits.mT for part in its.split(ROWS, 1)]
            found.append(torch.cat(parts, 1))
        return torch.cat(found)

    def loss_and_gradient(
        self, weights: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `Copies`."""
        if not self._is_small(weights, features):
            return super().loss_and_gradient(weights, features, labels)
        loss, gradient = weights.new_empty(len(weights)), torch.empty_like(weights)
        given = (part.split(TOGETHER) for part in (weights, features, labels, loss, gradient))
        for own, its, answers, losses, into in zip(*given, strict=True):
            matrices = self._matrices(own)
            losses.copy_(self._backward(matrices, self._forward(matrices, its), answers, self._matrices(into)))
        return loss, gradient

    def _is_small(self, weights: torch.Tensor, features: torch.Tensor) -> bool:
        height, width = features.shape[-2:]
        values = (
            KERNEL**2 * features.shape[1] * height * width * max(self.channels, self.width / 4)
        )  # a quarter is pooled
        return weights.device.type == "cpu" and values <= MOST_VALUES

    def _forward(self, matrices: list[torch.Tensor], features: torch.Tensor) -> _Pass:
        weight1, bias1, weight2, bias2, weight3, bias3 = matrices
        runs, rows = features.shape[:2]
        images = features.reshape(runs, rows, self.channels, *features.shape[-2:]).permute(0, 2, 3, 4, 1)
        patches1 = self._patches("patches1", images)
        first = self._product("first", weight1, patches1, bias1).relu_().view(runs, self.width, *images.shape[2:])
        pooled = _pool(first)
        patches2 = self._patches("patches2", pooled)
        second = self._product("second", weight2, patches2, bias2).relu_()
        second = second.view(runs, 2 * self.width, -1, rows)
        means = second.mean(2)
        return _Pass(patches1, first, pooled, patches2, second, means, torch.baddbmm(bias3, weight3, means))

    def _backward(
        self, matrices: list[torch.Tensor], found: _Pass, labels: torch.Tensor, into: list[torch.Tensor]
    ) -> torch.Tensor:
        """The loss of each copy, [R]; its gradient is written into views of it. The forward pass is used up."""
        _, _, weight2, _, weight3, _ = matrices
        places = labels.unsqueeze(1)
        log_shares = torch.log_softmax(found.logits, 1)
        loss = log_shares.gather(1, places).mean((1, 2)).neg_()
        delta = log_shares.exp_().scatter_add_(1, places, loss.new_full((), -1.0).expand_as(places))
        delta.div_(labels.shape[1])  # of the loss along the logits
        _by_layer(delta, found.means, into[4], into[5])
        delta = (torch.bmm(weight3.mT, delta) / found.second.shape[2]).unsqueeze(2)
        delta = found.second.sign_().mul_(delta).flatten(2)
        _by_layer(delta, found.patches2, into[2], into[3])
        delta = torch.bmm(weight2.mT, delta, out=found.patches2)
        delta = _unpool(_images(delta, found.pooled), found.first).flatten(2)
        _by_layer(delta, found.patches1, into[0], into[1])
        return loss

    def _matrices(self, flat: torch.Tensor) -> list[torch.Tensor]:
        """Views of [R, D]: a matrix [R, out, in x kernel] and a bias [R, out, 1] of each layer."""
        parts = self.layout.views(flat).values()
        return [part.flatten(2) if part.ndim > 2 else part.unsqueeze(2) for part in parts]

    def _product(self, name: str, weight: torch.Tensor, columns: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        into = self._room(name, (len(weight), weight.shape[1], columns.shape[2]), weight.dtype)
        return torch.baddbmm(bias, weight, columns, out=into)

    def _patches(self, name: str, images: torch.Tensor) -> torch.Tensor:
        """[R, channels, height, width, rows] -> [R, channels x 9, height x width x rows], zeros around each image."""
        runs, channels, height, width, rows = images.shape
        windows = pad(images, (0, 0, 1, 1, 1, 1)).unfold(2, KERNEL, 1).unfold(3, KERNEL, 1)
        into = self._room(name, (runs, channels, KERNEL, KERNEL, height, width, rows), images.dtype)
        return into.copy_(windows.permute(0, 1, 5, 6, 2, 3, 4)).view(runs, channels * KERNEL**2, -1)

    def _room(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        """Memory of the last time, where there was as much."""
        if name not in self._kept or self._kept[name].shape != shape or self._kept[name].dtype != dtype:
            self._kept[name] = torch.empty(shape, dtype=dtype)
        return self._kept[name]


def _by_layer(delta: torch.Tensor, inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Writes the gradients of a layer: delta [R, out, columns], what it was given [R, in, columns]."""
    weight.copy_(torch.bmm(delta, inputs.mT))
    torch.sum(delta, 2, keepdim=True, out=bias)


def _images(patches: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Patches added up where they came from."""
    runs, channels, height, width, rows = like.shape
    parts = patches.view(runs, channels, KERNEL, KERNEL, height, width, rows)
    total = patches.new_zeros(runs, channels, height + 2, width + 2, rows)
    for row in range(KERNEL):
        for column in range(KERNEL):
            total[:, :, row : row + height, column : column + width] += parts[:, :, row, column]
    return total[:, :, 1:-1, 1:-1]


def _pool(images: torch.Tensor) -> torch.Tensor:
    """Means of tiles of 2 x 2; a last row or column alone is left out."""
    height, width = images.shape[2] // 2 * 2, images.shape[3] // 2 * 2
    upper, lower = images[:, :, 0:height:2], images[:, :, 1:height:2]
    total = upper[:, :, :, 0:width:2] + upper[:, :, :, 1:width:2]
    return total.add_(lower[:, :, :, 0:width:2]).add_(lower[:, :, :, 1:width:2]).div_(4)


def _unpool(delta: torch.Tensor, active: torch.Tensor) -> torch.Tensor:
    """The gradient by what was pooled after ReLU, in its place: a quarter for each of a tile that was active."""
    height, width = 2 * delta.shape[2], 2 * delta.shape[3]
    result, quarter = active.sign_(), delta / 4
    for row in range(2):
        for column in range(2):
            result[:, :, row:height:2, column:width:2] *= quarter
    result[:, :, height:] = 0
    result[:, :, :, width:] = 0
    return result
