"""Gram matrices of what goes into each layer, and of the gradients that come back to it.

A weight matrix is degenerate in as many directions as its inputs are linearly dependent over the data, and in as many
as the gradients of the outputs with respect to its results are: Bushnaq et al. 2024, arXiv:2405.10927, sections 3.1, 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from core.errors import BadInput

CHUNK = 256  # samples a pass
MOST_OUTPUTS = 32  # beyond, as many random combinations of the outputs stand for all


@dataclass(frozen=True, eq=False)
class LayerGrams:
    """One linear or convolutional layer.

    Attributes:
        name: of the module.
        activations: [in, in] mean of a a', with a what a row of the weight meets: the input, or the patch of an image,
            and a 1 at the end where there is a bias; float64.
        gradients: [out, out] mean of g g', with g the gradient of an output of the network by the layer's results.
        activation_rows: how many a went into it.
        gradient_rows: how many g.
    """

    name: str
    activations: torch.Tensor
    gradients: torch.Tensor
    activation_rows: int
    gradient_rows: int


def layer_grams(model: nn.Module, inputs: torch.Tensor, seed: int = 0) -> list[LayerGrams]:
    """The Gram matrices of all linear and convolutional layers, in the order in which they are met.

    The model is run in evaluation mode; flags, gradients and parameters are as before afterwards.

    Args:
        model: [n, ...] -> [n, outputs].
        inputs: [n, ...], of a floating-point kind.
        seed: of the random combinations of more than 32 outputs.

    Raises:
        BadInput: there is no such layer, a layer is met twice, convolves by groups, or gives what is not finite.
    """
    sums: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    counts: dict[str, tuple[int, int]] = {}
    generator = torch.Generator().manual_seed(seed)
    with evaluating(model):
        for part in inputs.split(CHUNK):
            met, outputs = _run(model, part)
            probes = _probes(outputs, generator)
            kept = list(met)
            pulled = [
                torch.autograd.grad((outputs * probe).sum(), [met[name][1] for name in kept], retain_graph=True)
                for probe in probes
            ]
            for place, name in enumerate(kept):
                activations = _activations(name, model.get_submodule(name), met[name][0].detach()).double()
                gradients = torch.cat([_rows(found[place]) for found in pulled]).double()
                own = activations.T @ activations, gradients.T @ gradients
                before, seen = sums.get(name), counts.get(name, (0, 0))
                sums[name] = own if before is None else (before[0] + own[0], before[1] + own[1])
                counts[name] = seen[0] + len(activations), seen[1] + len(gradients)
    found = [LayerGrams(name, a / counts[name][0], g / counts[name][1], *counts[name]) for name, (a, g) in sums.items()]
    for layer in found:
        if not (torch.isfinite(layer.activations).all() and torch.isfinite(layer.gradients).all()):
            raise BadInput(
                f"Layer {layer.name}: activations or gradients are not finite, so their rank is not defined."
            )
    return found


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Within this block the model is in evaluation mode; each module gets its own flag back."""
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, flag in flags:
            module.training = flag


def _run(model: nn.Module, part: torch.Tensor) -> tuple[dict[str, tuple[torch.Tensor, torch.Tensor]], torch.Tensor]:
    """Input and result of each layer, and the outputs, with a graph even where no parameter asks for one."""
    met: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, given: tuple[torch.Tensor, ...], result: torch.Tensor) -> None:
            if name in met:
                raise BadInput(f"Layer {name} is met more than once in a pass: its ranks are not defined.")
            met[name] = given[0], result

        return hook

    handles = [
        module.register_forward_hook(keep(name))
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d)
    ]
    try:
        with torch.enable_grad():
            outputs = model(part.detach().requires_grad_())
    finally:
        for handle in handles:
            handle.remove()
    if not met:
        raise BadInput("The model has no linear or convolutional layer: there are no activations to compare.")
    return met, outputs.flatten(1)


def _probes(outputs: torch.Tensor, generator: torch.Generator) -> list[torch.Tensor]:
    """What the outputs are weighed by: one after the other, or at random with unit covariance where they are many."""
    count = outputs.shape[1]
    if count <= MOST_OUTPUTS:
        return list(torch.eye(count, dtype=outputs.dtype, device=outputs.device))
    return [torch.randn(outputs.shape, generator=generator).to(outputs) for _ in range(MOST_OUTPUTS)]


def _activations(name: str, layer: nn.Module, given: torch.Tensor) -> torch.Tensor:
    """[rows, in] what the weight is multiplied with, a 1 appended for the bias."""
    if isinstance(layer, nn.Conv2d):
        if layer.groups != 1 or isinstance(layer.padding, str) or layer.padding_mode != "zeros":
            raise BadInput(
                f"Layer {name} convolves by groups or with a padding other than zeros: its ranks are not computed."
            )
        patches = nn.functional.unfold(given, layer.kernel_size, layer.dilation, layer.padding, layer.stride)
        rows = patches.transpose(1, 2).flatten(0, 1)
    else:
        rows = given.flatten(0, -2)
    return rows if layer.bias is None else torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)


def _rows(gradient: torch.Tensor) -> torch.Tensor:
    """[n, out] or [n, out, height, width] -> [rows, out]."""
    return gradient.movedim(1, -1).flatten(0, -2) if gradient.ndim == 4 else gradient.flatten(0, -2)
