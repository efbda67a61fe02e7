"""Fisher-weighted averaging: Matena and Raffel 2022, arXiv:2111.09832, section 2.

A model whose predictions hinge on a weight has more say in it: theta = sum lambda F theta / sum lambda F, by entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from core.errors import BadInput
from core.landscape.averaging.architectures import State, check_alike
from core.landscape.averaging.weights import average

Logits = Callable[[Mapping[str, torch.Tensor], torch.Tensor], torch.Tensor]
LEAST = 1e-10
MOST_SAMPLES, MOST_SLOPES = (
    128,
    20_000_000,
)  # whose gradients for a class are held at once, and the entries of all of them


def fisher_diagonal(logits: Logits, parameters: State, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    """Diagonal of the Fisher information: the mean over x of sum_y p(y | x) (d log p(y | x) / d theta)^2.

    The sum runs over all classes, so no label is drawn and none is needed.

    Args:
        logits: (parameters, [n, ...]) -> [n, classes], samples on their own.
        parameters: theta.
        inputs: [n, ...].

    Raises:
        BadInput: there are no samples.
    """
    if not len(inputs):
        raise BadInput("There are no samples: the Fisher information is a mean over at least one.")
    entries = sum(tensor.numel() for tensor in parameters.values())
    total = {name: torch.zeros_like(tensor, dtype=torch.float64) for name, tensor in parameters.items()}

    def log_probabilities(own: dict[str, torch.Tensor], sample: torch.Tensor) -> torch.Tensor:
        return logits(own, sample[None])[0].log_softmax(dim=-1)

    for part in inputs.split(min(MOST_SAMPLES, max(1, MOST_SLOPES // max(entries, 1)))):
        copies = {  # one a sample, so that each has a gradient of its own
            name: tensor.detach().expand(len(part), *tensor.shape).clone().requires_grad_()
            for name, tensor in parameters.items()
        }
        with torch.enable_grad():
            found = torch.vmap(log_probabilities)(copies, part)  # [n, classes]
        shares = found.detach().exp().double()
        for number in range(found.shape[1]):
            slopes = torch.autograd.grad(
                found[:, number].sum(), list(copies.values()), retain_graph=number + 1 < found.shape[1]
            )
            for name, slope in zip(copies, slopes, strict=True):
                total[name] += torch.einsum("n,n...->...", shares[:, number], slope.double() ** 2)
    return {name: value / len(inputs) for name, value in total.items()}


def fisher_average(
    states: Sequence[State],
    fishers: Sequence[State],
    weights: Sequence[float] | None = None,
    least: float = LEAST,
) -> dict[str, torch.Tensor]:
    """The mean of models, each entry weighted by its Fisher information.

    Args:
        states: state dicts of one architecture.
        fishers: of each, as `fisher_diagonal` gives them. Tensors that have none (running statistics) are averaged
            by the weights alone.
        weights: lambda, of the models; equal by default.
        least: is added to each Fisher information, so that where no model cares about an entry its mean is the plain one.

    Raises:
        BadInput: the architectures differ, or a Fisher information does not fit its model.
    """
    if len(fishers) != len(states):
        raise BadInput(f"{len(states)} models need {len(states)} Fisher informations; {len(fishers)} came.")
    plain = average(states, weights)
    check_alike(fishers, [f"the Fisher information of model {place + 1}" for place in range(len(fishers))])
    shares = [1.0] * len(states) if weights is None else list(weights)
    for name in fishers[0]:
        if name not in states[0] or fishers[0][name].shape != states[0][name].shape:
            raise BadInput(f"The Fisher information has {name}, which is not in the models or has another shape there.")
        cares = [
            share * (fisher[name].double() + least) for share, fisher in zip(shares, fishers, strict=True) if share
        ]
        values = [state[name].detach().double() for share, state in zip(shares, states, strict=True) if share]
        mean = sum(care * value for care, value in zip(cares, values, strict=True)) / sum(cares)
        plain[name] = torch.as_tensor(mean).to(plain[name].dtype)
    return plain
