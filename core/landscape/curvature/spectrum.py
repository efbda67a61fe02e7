"""Eigenvalues, spectral density and trace of a Hessian, with errors, from one pass of products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.landscape.curvature.batches import Batch, Loss, Parameters
from core.landscape.curvature.density import SpectralDensity, spectral_density
from core.landscape.curvature.eigenvalues import MOST_STEPS, check_top, start_lanczos, until_settled
from core.landscape.curvature.lanczos import Lanczos
from core.landscape.curvature.probes import Rademacher
from core.landscape.curvature.products import MEMORY, HessianProducts
from core.landscape.curvature.trace import DeflatedTrace
from core.training.parameters import Layout

PRODUCTS = 60
GOAL = 0.005  # standard error of the trace, as a part of it
BOTTOM = 2  # smallest eigenvalues that are reported
PILOTS = 4  # probes before the first choice between a probe and a Lanczos step
LEAST_PROBES = 12  # fewer have no trustworthy standard error
RECENT = 3  # Lanczos steps whose gain is averaged
PROBE_STREAM = 1
AS_GIVEN = "as given"


@dataclass(frozen=True)
class LayerTrace:
    """The trace of the diagonal block of one layer."""

    layer: str
    parameters: int
    trace: float
    standard_error: float


@dataclass(frozen=True)
class HessianSpectrum:
    """What one pass of Hessian-vector products tells. Eigenvalues are sorted from the top.

    Attributes:
        eigenvalues: the largest, [top].
        eigenvalue_errors: a true eigenvalue lies at most so far from each, [top].
        converged: whether all of them are known to a relative error of 1e-5.
        bottom: the smallest, from the lowest.
        bottom_errors: as `eigenvalue_errors`. They converge later than the largest.
        trace: estimate; may be negative.
        trace_standard_error: of it; 0 where the trace is exact.
        layers: trace of each layer.
        density: all eigenvalues as a distribution.
        loss: mean over the samples.
        products: Hessian-vector products in all.
        lanczos_steps: those of them that built the Krylov basis.
        probes: those of them that were spent on the trace of the rest.
        samples: number of them.
        parameters: number of them.
        mode: what batch normalisation did ("eval" or "batch statistics"); "as given" for a loss that does not say.
    """

    eigenvalues: np.ndarray
    eigenvalue_errors: np.ndarray
    converged: bool
    bottom: np.ndarray
    bottom_errors: np.ndarray
    trace: float
    trace_standard_error: float
    layers: tuple[LayerTrace, ...]
    density: SpectralDensity
    loss: float
    products: int
    lanczos_steps: int
    probes: int
    samples: int
    parameters: int
    mode: str


def hessian_spectrum(
    loss: Loss,
    parameters: Parameters,
    batches: Sequence[Batch],
    top: int = 5,
    seed: int = 0,
    *,
    products: int = PRODUCTS,
    goal: float = GOAL,
    memory: int = MEMORY,
) -> HessianSpectrum:
    """The spectrum of the Hessian of the mean loss over all samples of all batches.

    One Lanczos run gives the eigenvalues and the density; its basis is the low-rank part of the trace, whose rest comes
    from random probes (`DeflatedTrace`). After the eigenvalues have converged, each product goes where it lowers the
    variance of the trace more, into another Lanczos step or another probe. Nothing that is handed in is changed, and
    the same call gives the same answer.

    Args:
        loss: (parameters, batch) -> mean over the batch, a scalar tensor; see `module_loss` for modules.
        parameters: floating tensors by name, on one device.
        batches: tuples of tensors whose first dimension is the sample; they may differ in length.
        top: how many of the largest eigenvalues; all of them where there are fewer parameters.
        seed: of the random vectors.
        products: Hessian-vector products that are spent. More are used only where the largest eigenvalues have not
            converged by then.
        goal: the standard error, as a part of the trace, at which it stops before.
        memory: bytes of gradient graphs that may be kept; batches beyond it are differentiated anew for each product.

    Raises:
        BadInput: no parameters or batches, parameters that are not floating, a loss that is not finite or uses an
            operator without second derivative (which is named), or numbers out of range.
    """
    check_top(top)
    if products <= LEAST_PROBES or goal <= 0:
        raise BadInput(
            f"products is {products} and goal {goal}; more than {LEAST_PROBES} products and a goal above 0 are expected."
        )
    product = HessianProducts(loss, parameters, batches, memory)
    lanczos = start_lanczos(product, seed)
    trace = DeflatedTrace(lanczos)
    until_settled(lanczos, top, max(products - LEAST_PROBES, MOST_STEPS), _say_nothing, least=min(products // 4, 15))
    _until_exact_enough(product, lanczos, trace, seed, products, goal)
    return _collected(product, lanczos, trace, top, getattr(loss, "mode", AS_GIVEN))


def _until_exact_enough(
    product: HessianProducts, lanczos: Lanczos, trace: DeflatedTrace, seed: int, products: int, goal: float
) -> None:
    """Spends what is left of the products where each lowers the variance of the trace most.

    A Lanczos step takes alpha^2 + 2 beta^2 out of |A|_F^2. Where K probes will be needed for the goal, of variance
    2 |A|_F^2 each, it saves more than one of them if that is more than |A|_F^2 / K. Where the products do not suffice
    for the goal, K is all probes that they allow.
    """
    draw = Rademacher(seed, PROBE_STREAM, product.layout.size, product.dtype, product.device)
    gains = list(lanczos.diagonal**2 + 2 * lanczos.off_diagonal**2)
    while not lanczos.exhausted:
        probes, left = len(trace.probes), products - product.count
        if left <= 0 and probes >= LEAST_PROBES:
            return
        if probes >= LEAST_PROBES:
            value, error = trace.total()
            if error <= goal * abs(value):
                return
        if probes >= PILOTS and left > LEAST_PROBES - probes and _step_pays(trace, gains, goal, probes + left):
            lanczos.step()
            gains.append(lanczos.diagonal[-1] ** 2 + 2 * lanczos.off_diagonal[-1] ** 2)
        else:
            probe = draw()
            trace.add(probe, product(probe))
        report(min(product.count / products, 1.0), "curvature")


def _step_pays(trace: DeflatedTrace, gains: list[float], goal: float, most: int) -> bool:
    """Whether a Lanczos step is worth more than a probe."""
    energy, (value, _) = trace.energy(), trace.total()
    needed = 2 * energy / (goal * value) ** 2 if value else np.inf
    return needed > LEAST_PROBES and float(np.mean(gains[-RECENT:])) > energy / min(needed, most)


def _collected(
    product: HessianProducts, lanczos: Lanczos, trace: DeflatedTrace, top: int, mode: str
) -> HessianSpectrum:
    names, sizes = layers_of(product.layout)
    parts = trace.groups(sizes)
    total, error = parts.total
    ritz = lanczos.ritz()
    lowest = slice(None, -BOTTOM - 1, -1)
    return HessianSpectrum(
        eigenvalues=ritz.values[:top],
        eigenvalue_errors=ritz.errors[:top],
        converged=lanczos.settled(min(top, lanczos.size)),
        bottom=ritz.values[lowest],
        bottom_errors=ritz.errors[lowest],
        trace=total,
        trace_standard_error=error,
        layers=tuple(
            LayerTrace(name, size, float(value), float(spread))
            for name, size, value, spread in zip(names, sizes, *parts.groups, strict=True)
        ),
        density=spectral_density(ritz, lanczos.size),
        loss=product.loss,
        products=product.count,
        lanczos_steps=lanczos.steps,
        probes=len(trace.probes),
        samples=product.samples,
        parameters=lanczos.size,
        mode=mode,
    )


def layers_of(layout: Layout) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Names and sizes of layers: neighbouring parameters whose names share all but the last part."""
    named = [(name.rpartition(".")[0] or name, size) for name, size in zip(layout.names, layout.sizes, strict=True)]
    layers = [(layer, sum(size for _, size in parts)) for layer, parts in groupby(named, key=lambda pair: pair[0])]
    return tuple(layer for layer, _ in layers), tuple(size for _, size in layers)


def _say_nothing(fraction: float, message: str) -> None:
    """The pass as a whole reports, not its first part."""
