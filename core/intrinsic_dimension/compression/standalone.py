"""Opens a compressed network with numpy and torch alone, and predicts.

    network = Network("network.json")
    classes = network.predict(X).argmax(1)  # X: features as they were brought, [rows, ...]

`network.parameters` holds the weights by name. Where the network is no chain of linear layers, load them into a module
of your own, `module.load_state_dict(network.parameters)`, and call `module(network.scaled(X))`.
"""

from __future__ import annotations

import base64
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor


class Network:
    """The network of a file."""

    def __init__(self, path: str) -> None:
        self.file = file = json.loads(Path(path).read_text())
        first, second = (int(s) for s in np.random.SeedSequence(file["seed"]).generate_state(3)[:2])
        generator = Generator().manual_seed(first)
        start = {name: drawn(shape, kind, scale, generator) for name, shape, kind, scale in starts(file)}
        sizes = [tensor.numel() for tensor in start.values()]
        project = PROJECTIONS[file["projection"][0]]
        moves = project(sum(sizes), coordinates(file), Generator().manual_seed(second)).split(sizes)
        self.parameters = {
            name: tensor + move.view_as(tensor) for (name, tensor), move in zip(start.items(), moves, strict=True)
        }

    def scaled(self, X: Any) -> Tensor:
        """What the network takes."""
        kind, *numbers = self.file["scaling"]
        X = np.asarray(X, dtype=np.float32)
        if kind == "common":
            X = (X - numbers[0]) / numbers[1]
        elif kind == "columns":
            shift, factor = np.frombuffer(base64.b64decode(numbers[1]), "<f8").reshape(2, *numbers[0])
            X = (X - shift) * factor
        if "shuffled_pixels" in self.file:
            places = math.prod(X.shape[1:][-2:])
            order = np.random.default_rng(self.file["shuffled_pixels"]).permutation(places)
            X = X.reshape(len(X), -1, places)[:, :, order].reshape(X.shape)
        return torch.from_numpy(np.ascontiguousarray(X, dtype=np.float32))

    def predict(self, X: Any) -> Tensor:
        """Logits of a chain of linear layers with ReLU between them, [rows, classes]."""
        x, tensors = self.scaled(X).flatten(1), list(self.parameters.values())
        for weight, bias in zip(tensors[0::2], tensors[1::2], strict=True):
            x = x @ weight.T + bias
            if bias is not tensors[-1]:
                x = torch.relu(x)
        return x


def starts(file: dict[str, Any]) -> list[Any]:
    """Name, shape, distribution and scale of each parameter at the start."""
    if "parameters" in file:
        return file["parameters"]
    return [
        (f"layers.{layer}.{part}", shape, "uniform", before**-0.5)
        for layer, (before, after) in enumerate(pairwise(file["widths"]))
        for part, shape in (("weight", (after, before)), ("bias", (after,)))
    ]


def drawn(shape: Any, distribution: str, scale: float, generator: Generator) -> Tensor:
    """A parameter at the start."""
    if distribution == "constant":
        return torch.full(tuple(shape), scale)
    if distribution == "normal":
        return torch.randn(*shape, generator=generator) * scale
    return torch.empty(*shape).uniform_(-scale, scale, generator=generator)


def coordinates(file: dict[str, Any]) -> Tensor:
    """theta_d from its codes, [d]."""
    count, width = file["projection"][1], file["bits"]
    bits = np.unpackbits(np.frombuffer(base64.b64decode(file["codes"]), np.uint8), count=count * width)
    codes = bits.reshape(count, width) @ (1 << np.arange(width)[::-1])
    return torch.from_numpy((file["clip"] * ((2 * codes + 1) / 2**width - 1)).astype(np.float32))


def hadamard(x: Tensor) -> Tensor:
    """Walsh-Hadamard transform along the last axis."""
    half, shape = 1, x.shape
    while half < shape[-1]:
        a, b = x.reshape(*shape[:-1], -1, 2, half).unbind(-2)
        x = torch.stack([a + b, a - b], -2)
        half *= 2
    return x.reshape(shape)


def in_blocks(D: int, x: Tensor, length: int, entries: int, generator: Generator) -> Tensor:
    """Blocks H diag(G) Pi H diag(B) below each other, cut after D rows; columns of length one."""
    whole, rows = divmod(D, length)
    blocks = whole + (rows > 0)
    signs = torch.randint(0, 2, (blocks, length), generator=generator, dtype=torch.int8) * 2.0 - 1
    order = torch.randperm(length, generator=generator)
    real, imaginary = (torch.randn(blocks, length, generator=generator) for _ in range(2))
    gains = torch.hypot(real, imaginary).copysign(real)
    gains = gains / (gains.norm(dim=1, keepdim=True) * D**0.5)
    if rows and entries <= 1 << 26:  # whole blocks give each column the same length, the cut one does not
        squares = []
        for column in range(len(x)):
            unit = torch.nn.functional.one_hot(torch.tensor(column), length)
            last = hadamard(gains[-1] * hadamard(signs[-1] * unit)[order])[:rows]
            squares.append(last.double().square().sum())
        x = x / (whole * length / D + torch.stack(squares)).sqrt().float()
    padded = torch.nn.functional.pad(x, (0, length - len(x)))
    return hadamard(gains * hadamard(signs * padded)[:, order]).flatten()[:D]


def power_of_two(number: int) -> int:
    """The smallest that is at least the number, and at least 2."""
    return max(2, 1 << (number - 1).bit_length())


def fastfood(D: int, x: Tensor, generator: Generator) -> Tensor:
    """Blocks as long as theta_d."""
    length = power_of_two(len(x))
    return in_blocks(D, x, length, D % length * length, generator)


def fastfood_global(D: int, x: Tensor, generator: Generator) -> Tensor:
    """One block for all parameters."""
    length = power_of_two(D)
    return in_blocks(D, x, length, len(x) * length, generator)


def dense(D: int, x: Tensor, generator: Generator) -> Tensor:
    """Gaussian columns."""
    total = torch.zeros(D)
    for value in x:
        column = torch.empty(D).normal_(generator=generator)
        total += value / column.norm() * column
    return total


def sparse(D: int, x: Tensor, generator: Generator) -> Tensor:
    """About sqrt(D) signs in a column; the gaps between entries, column after column, are geometric."""
    density, found, last = D**-0.5, [], -1
    while last < D * len(x) - 1:
        uniform = torch.rand(1 << 16, generator=generator, dtype=torch.float64)
        sign = torch.randint(0, 2, (1 << 16,), generator=generator) * 2 - 1
        gaps = torch.log1p(-uniform) / (math.log1p(-density) if density < 1 else -math.inf)
        found.append(torch.stack([last + (gaps.floor().long() + 1).cumsum(0), sign]))
        last = int(found[-1][0, -1])
    places, signs = torch.cat(found, 1)
    places, signs = places[places < D * len(x)], signs[places < D * len(x)]
    counts = torch.bincount(places // D, minlength=len(x))
    empty = (counts == 0).nonzero().squeeze(1)  # such a column has one entry
    values = x / counts.clamp(min=1).sqrt()
    total = torch.zeros(D).index_add_(0, places % D, signs * values[places // D])
    return total.index_add_(0, empty % D, values[empty])


def tied(D: int, x: Tensor, generator: Generator) -> Tensor:
    """Each parameter reads one coordinate, up to a sign."""
    groups = torch.randperm(D, generator=generator) % len(x)
    signs = torch.randint(0, 2, (D,), generator=generator) * 2.0 - 1
    return signs * (x / torch.bincount(groups).sqrt())[groups]


PROJECTIONS = {
    "fastfood": fastfood,
    "fastfood_global": fastfood_global,
    "dense": dense,
    "sparse": sparse,
    "tied": tied,
}
