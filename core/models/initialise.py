"""Fresh parameters for any network, by PyTorch's default rules as far as names and shapes tell.

`torch.nn.Linear` and the convolutions draw weight and bias from U(-b, b) with b = 1 / sqrt(fan_in) (that is what
`kaiming_uniform_(a=sqrt(5))` amounts to), norm layers start at scale 1 and shift 0. An exported program has lost its
layers but kept these names, so the rules are read from the names:

| parameter                                        | drawn from                          |
|--------------------------------------------------|-------------------------------------|
| weight, two or more axes                         | U(-b, b), b = 1 / sqrt(fan_in)      |
| the same with "emb" in its name and no bias      | N(0, 1), as torch.nn.Embedding      |
| in_proj_weight of attention                      | U(-b, b), b = sqrt(6 / (rows + columns)), as Xavier |
| weight, one axis (a norm's scale)                | 1                                   |
| bias beside a weight with two or more axes       | U(-b, b), b = 1 / sqrt(fan_in of that weight) |
| bias of a norm; in_proj_bias; attention's out_proj.bias | 0                            |
| another parameter with two or more axes          | as a weight                         |
| any other                                        | kept as it is                       |

Fan-in is the product of all axes but the first. An LSTM's bound differs (1 / sqrt(hidden)): its names (weight_ih_l0)
fall under "another", with the bound of their own fan-in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import Literal

import torch
from torch import Generator, Tensor, nn

from core.errors import BadInput


@dataclass(frozen=True)
class Start:
    """What a parameter is drawn from.

    Attributes:
        distribution: "uniform" over -scale .. scale, "normal" with mean 0 and deviation `scale`, or "constant".
        scale: see there; of "constant" the value itself.
    """

    distribution: Literal["uniform", "normal", "constant"]
    scale: float


def fresh_parameters(network: nn.Module | Mapping[str, Sequence[int]], generator: Generator) -> dict[str, Tensor]:
    """Draws all trainable parameters anew.

    Args:
        network: a module, or the shape of each parameter by name.
        generator: on the CPU, so that the same seed gives the same values for every device.

    Returns:
        float32 tensors on the CPU by name, in the order of the network. A module's own values are not changed.

    Raises:
        BadInput: only shapes were given, and there is no rule for one of the names.
    """
    shapes, present = _named_shapes(network)
    return {name: _draw(name, shapes, present, generator) for name in shapes}


def fresh_parameters_of_runs(
    network: nn.Module | Mapping[str, Sequence[int]], seeds: Sequence[int]
) -> dict[str, Tensor]:
    """Draws the parameters of R independent runs, one seed each.

    Returns:
        tensors [R, ...] by name; run i equals `fresh_parameters` with a generator seeded with `seeds[i]`.

    Raises:
        BadInput: as `fresh_parameters`.
    """
    draws = [fresh_parameters(network, Generator().manual_seed(seed)) for seed in seeds]
    return {name: torch.stack([draw[name] for draw in draws]) for name in draws[0]}


def starts_of(network: nn.Module | Mapping[str, Sequence[int]]) -> dict[str, Start | None]:
    """What each parameter is drawn from, in the order in which `fresh_parameters` draws; None: it keeps its value."""
    shapes, _ = _named_shapes(network)
    return {name: _start(name, shapes) for name in shapes}


def kept_parameters(network: nn.Module | Mapping[str, Sequence[int]]) -> list[str]:
    """The names for which there is no rule: a redrawn module keeps their values, trained or not."""
    shapes, _ = _named_shapes(network)
    return [name for name in shapes if _rule(name, shapes) == "keep"]


def _named_shapes(
    network: nn.Module | Mapping[str, Sequence[int]],
) -> tuple[dict[str, tuple[int, ...]], dict[str, Tensor]]:
    if isinstance(network, nn.Module):
        present = {name: value.detach() for name, value in network.named_parameters() if value.requires_grad}
        return {name: tuple(value.shape) for name, value in present.items()}, present
    return {name: tuple(shape) for name, shape in network.items()}, {}


def _rule(name: str, shapes: Mapping[str, tuple[int, ...]]) -> str:
    path, _, last = name.rpartition(".")
    prefix = f"{path}." if path else ""
    shape = shapes[name]
    if last == "in_proj_weight" and len(shape) == 2:
        return "xavier"
    attention = f"{prefix.removesuffix('out_proj.')}in_proj_weight" in shapes
    if last == "in_proj_bias" or (last == "bias" and prefix.endswith("out_proj.") and attention):
        return "zero"
    if last == "bias":
        weight = shapes.get(f"{prefix}weight")
        if weight is not None:
            return "bias" if len(weight) >= 2 else "zero"
    if len(shape) >= 2:
        embedding = last == "weight" and "emb" in name.lower() and f"{prefix}bias" not in shapes
        return "normal" if embedding and len(shape) == 2 else "weight"
    return "one" if last == "weight" and len(shape) == 1 else "keep"


def _draw(
    name: str, shapes: Mapping[str, tuple[int, ...]], present: Mapping[str, Tensor], generator: Generator
) -> Tensor:
    shape, start = shapes[name], _start(name, shapes)
    if start is None:
        if name not in present:
            raise BadInput(
                f"Parameter {name} has no weight beside it that would tell how to draw it; pass the module itself."
            )
        return present[name].float().cpu().clone()
    if start.distribution == "constant":
        return torch.full(shape, start.scale)
    if start.distribution == "normal":
        return torch.randn(shape, generator=generator)
    return torch.empty(shape).uniform_(-start.scale, start.scale, generator=generator)


def _start(name: str, shapes: Mapping[str, tuple[int, ...]]) -> Start | None:
    rule, shape = _rule(name, shapes), shapes[name]
    if rule == "keep":
        return None
    if rule in ("zero", "one"):
        return Start("constant", float(rule == "one"))
    if rule == "normal":
        return Start("normal", 1.0)
    if rule == "xavier":
        return Start("uniform", sqrt(6 / sum(shape)))
    weight = shape if rule == "weight" else shapes[f"{name.removesuffix('bias')}weight"]
    return Start("uniform", 1 / sqrt(max(prod(weight[1:]), 1)))
