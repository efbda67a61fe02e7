"""Effective parameter count: how many directions of the parameters change what the network does.

Behavioural loss (Bushnaq et al. 2024, section 2): L_B(w) = mean |f(w) - f(w*)|^2, whose Hessian at w* is exactly
(2/n) J'J, J the Jacobian of all outputs. N_eff = 2 lambda, with lambda the learning coefficient of L_B: to second order
the sum of h / (h + cutoff) over the eigenvalues h; beyond it, by sampling L_B with `local_learning_coefficient`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from core.errors import TooLarge
from core.landscape.curvature.batches import Batch, Loss, Parameters
from core.training.parameters import Layout

Outputs = Callable[[dict[str, torch.Tensor], torch.Tensor], torch.Tensor]
MOST_ENTRIES = 100_000_000  # of the Jacobian: 1.2 GB in both precisions
CHUNK = 32  # samples whose Jacobian is taken at once


def behavioural_spectrum(outputs: Outputs, parameters: Parameters, inputs: torch.Tensor) -> np.ndarray:
    """Eigenvalues of the Hessian of L_B at w*, largest first: min(n x outputs, parameters) of them, the rest are zero.

    Args:
        outputs: (parameters, [n, ...]) -> [n, outputs], samples on their own.
        parameters: w*.
        inputs: [n, ...].

    Raises:
        TooLarge: the Jacobian has more than 1e8 entries.
    """
    layout = Layout(tuple(parameters), tuple(tuple(tensor.shape) for tensor in parameters.values()))
    center = layout.join({name: tensor.detach() for name, tensor in parameters.items()})
    with torch.no_grad():
        width = outputs(layout.views(center), inputs[:1]).numel()
    entries = len(inputs) * width * len(center)
    if entries > MOST_ENTRIES:
        raise TooLarge(
            f"The Jacobian of {len(inputs)} samples x {width} outputs x {len(center)} parameters has {entries:,} entries, more than "
            f"{MOST_ENTRIES:,}: take fewer samples, or sample the behavioural loss instead."
        )

    def of_sample(vector: torch.Tensor, sample: torch.Tensor) -> torch.Tensor:
        return outputs(layout.views(vector), sample[None]).reshape(-1)

    jacobian = torch.func.vmap(torch.func.jacrev(of_sample), in_dims=(None, 0))
    rows = torch.cat([jacobian(center, part).detach().flatten(0, 1) for part in inputs.split(CHUNK)]).double()
    gram = rows @ rows.T if rows.shape[0] <= rows.shape[1] else rows.T @ rows
    values = torch.linalg.eigvalsh(gram * (2 / len(inputs))).flip(0).clamp(min=0)
    return values.cpu().numpy()


def most_rows(outputs: int, parameters: int) -> int:
    """How many samples a spectrum can be taken over.

    >>> most_rows(10, 1_000)
    20000
    """
    return MOST_ENTRIES // (outputs * parameters)


def effective_parameter_count(spectrum: np.ndarray, cutoff: float) -> float:
    """The sum of h / (h + cutoff): directions with h well above the cutoff count 1, those well below count 0.

    This is twice the learning coefficient of the quadratic with these curvatures, at gamma / (n beta) = cutoff.

    Example:
        >>> effective_parameter_count(np.array([9.0, 1.0, 0.0]), 1.0)
        1.4

    Args:
        spectrum: eigenvalues of the Hessian of the behavioural loss.
        cutoff: curvature that counts half, above 0.
    """
    return float((spectrum / (spectrum + cutoff)).sum())


def behavioural_loss(outputs: Outputs, parameters: Parameters, batches: list[torch.Tensor]) -> tuple[Loss, list[Batch]]:
    """L_B as a loss over batches, for `local_learning_coefficient`; N_eff is twice its value.

    Args:
        outputs: see `behavioural_spectrum`.
        parameters: w*.
        batches: [n, ...] each.
    """
    with torch.no_grad():
        fixed = {name: tensor.detach().clone() for name, tensor in parameters.items()}
        pairs: list[Batch] = [(batch, outputs(fixed, batch)) for batch in batches]

    def loss(named: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
        return (outputs(named, batch[0]) - batch[1]).square().flatten(1).sum(dim=1).mean()

    return loss, pairs
