"""The largest eigenvalues of a Hessian alone, with as few products as they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.landscape.curvature.batches import Batch, Loss, Parameters
from core.landscape.curvature.lanczos import Lanczos
from core.landscape.curvature.probes import Rademacher
from core.landscape.curvature.products import MEMORY, HessianProducts

MOST_STEPS = 240
START_STREAM = 0


@dataclass(frozen=True)
class Eigenvalues:
    """The largest eigenvalues, from the top, and bounds of their errors.

    Attributes:
        values: [top].
        errors: a true eigenvalue lies at most so far from each, [top].
        converged: whether all are known to a relative error of 1e-5.
        products: Hessian-vector products that were used.
    """

    values: np.ndarray
    errors: np.ndarray
    converged: bool
    products: int


def hessian_eigenvalues(
    loss: Loss, parameters: Parameters, batches: Sequence[Batch], top: int = 5, seed: int = 0, memory: int = MEMORY
) -> Eigenvalues:
    """The `top` largest eigenvalues of the Hessian of the mean loss.

    Args:
        loss: (parameters, batch) -> mean over the batch, a scalar tensor.
        parameters: floating tensors by name.
        batches: tuples of tensors whose first dimension is the sample.
        top: how many; all of them where there are fewer parameters.
        seed: of the start vector.
        memory: bytes of gradient graphs that may be kept.

    Raises:
        BadInput: as `HessianProducts`, or top is below 1.
    """
    check_top(top)
    product = HessianProducts(loss, parameters, batches, memory)
    lanczos = start_lanczos(product, seed)
    until_settled(lanczos, top, MOST_STEPS)
    ritz = lanczos.ritz()
    settled = lanczos.settled(min(top, lanczos.size))
    return Eigenvalues(ritz.values[:top], ritz.errors[:top], settled, product.count)


def check_top(top: int) -> None:
    """Refuses to look for no eigenvalues.

    Raises:
        BadInput: top is below 1.
    """
    if top < 1:
        raise BadInput(f"top is {top}; at least 1 eigenvalue is looked for.")


def start_lanczos(product: HessianProducts, seed: int) -> Lanczos:
    """A Lanczos run from a random vector of a seed."""
    return Lanczos(product, Rademacher(seed, START_STREAM, product.layout.size, product.dtype, product.device))


def until_settled(
    lanczos: Lanczos, top: int, most: int, say: Callable[[float, str], None] = report, least: int = 0
) -> None:
    """Steps until the top eigenvalues have converged, or the steps are used up.

    Args:
        lanczos: is stepped.
        top: how many eigenvalues must converge.
        most: steps at most.
        say: told the fraction of `most`.
        least: steps at least, unless all eigenvalues are known before.
    """
    top = min(top, lanczos.size)
    while lanczos.steps < most and not lanczos.exhausted:
        if lanczos.steps >= max(least, top) and lanczos.settled(top):
            return
        lanczos.step()
        say(lanczos.steps / most, "curvature")
