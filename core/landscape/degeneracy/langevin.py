"""Stochastic gradient Langevin dynamics (Welling and Teh 2011) of many chains at once.

w <- w - eps/2 (n beta grad L_B(w) + gamma (w - w*)) + sqrt(eps) N(0, 1)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.analysis import report
from core.landscape.degeneracy.data_loss import Batch, DataLoss
from core.landscape.degeneracy.traced import traced

WORTH_TRACING = 1000  # steps, below which taking the list of operations costs more than it saves
FEW_SAMPLES = 256  # that stand for all where a sum over the data is not worth its time
ACCEPTANCE_STEPS = 4  # from each place
NOISE_CHUNK = 16  # gradients that are held at once


@dataclass(frozen=True)
class Dynamics:
    """What is sampled: exp(-n beta L(w) - gamma/2 |w - w*|^2), and by what steps.

    Attributes:
        nbeta: inverse temperature times samples.
        gamma: strength of the pull towards the centre.
        step: eps.
        batch_size: samples a gradient; all of them are taken in order where it is no smaller than their number.
    """

    nbeta: float
    gamma: float
    step: float
    batch_size: int


@dataclass(frozen=True, eq=False)
class Walk:
    """Where chains have been.

    Attributes:
        excess: [chains, steps] L_B(w) - L_B(w*) before each step, float64; not finite after a chain diverged.
        ends: [chains, D] where they stand after the last step.
    """

    excess: np.ndarray
    ends: torch.Tensor


def walk(problem: DataLoss, own: torch.Tensor, dynamics: Dynamics, chains: int, steps: int, seed: int) -> Walk:
    """Lets chains walk, and notes the excess loss before each step on the mini-batch of that step.

    Samples are drawn independently at each step: in passes without replacement a batch would be correlated with where
    the earlier ones of its pass have led the chain, and the mean of its loss would be too large.
    Taking the loss at the centre on the same samples leaves the mean as it is and takes most of the noise of the
    mini-batches away; it costs one pass over the data, before the first step.

    Args:
        problem: loss, centre and data.
        own: [n] the loss of each sample at the centre.
        dynamics: of the chains.
        chains: number; they start at the centre, and each draws its own samples and noise.
        steps: number.
        seed: of samples and noise.
    """
    device = problem.center.device
    generator = torch.Generator(device).manual_seed(seed)
    whole = dynamics.batch_size >= problem.samples
    gradient = torch.func.vmap(torch.func.grad_and_value(problem.at), in_dims=(0, None if whole else 0))
    w = problem.center.expand(chains, -1).clone()
    noise = torch.empty_like(w)
    kept = torch.empty(steps, chains, dtype=torch.float64, device=device)
    batch, base = problem.data, own.mean()
    if steps >= WORTH_TRACING:
        gradient = traced(gradient, *_examples(problem, dynamics, chains, generator))
    for step in range(steps):
        if not whole:
            chosen = _chosen(problem, dynamics, chains, generator)
            batch, base = tuple(tensor[chosen] for tensor in problem.data), own[chosen].mean(dim=1)
        slope, loss = gradient(w, batch)
        kept[step] = loss.detach() - base
        noise.normal_(generator=generator)
        pull = (w - problem.center).mul_(dynamics.gamma)
        w.sub_(pull.add_(slope, alpha=dynamics.nbeta), alpha=dynamics.step / 2).add_(noise, alpha=dynamics.step**0.5)
        if step % 50 == 0:
            report(step / steps, f"step {step} of {steps}, {chains} chains")
    return Walk(kept.T.cpu().numpy(), w)


def acceptance(problem: DataLoss, dynamics: Dynamics, places: torch.Tensor, seed: int) -> float:
    """Mean probability that a Metropolis correction would accept a step of the chains: near 1 where the step is small enough.

    Roberts and Tweedie 1996, of the same potential n beta L + gamma/2 |w - w*|^2 with L the loss of up to 256 samples,
    spread evenly over the data: what is asked is whether the step follows the potential, so the noise of mini-batches is
    left out. NaN where no place is finite.

    Args:
        problem: loss, centre and data.
        dynamics: of the chains.
        places: [chains, D] where the steps begin.
        seed: of the steps.
    """
    places = places[torch.isfinite(places).all(dim=1)]
    if not len(places):
        return float("nan")
    some = _spread(problem)
    batch = tuple(tensor[some] for tensor in problem.data)
    gradient = torch.func.vmap(torch.func.grad_and_value(problem.at), in_dims=(0, None))

    def potential(w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        slope, loss = gradient(w, batch)
        away = (w - problem.center).double()
        value = dynamics.nbeta * loss.double() + dynamics.gamma / 2 * away.square().sum(dim=1)
        return value.detach(), dynamics.nbeta * slope.detach().double() + dynamics.gamma * away

    generator = torch.Generator(places.device).manual_seed(seed)
    half, accepted = dynamics.step / 2, []
    before, slope = potential(places)
    for _ in range(ACCEPTANCE_STEPS):
        noise = torch.empty_like(places).normal_(generator=generator)
        moved = (places - half * slope + dynamics.step**0.5 * noise).to(places.dtype)
        after, back = potential(moved)
        there = (moved.double() - places + half * slope).square().sum(dim=1)
        here = (places.double() - moved + half * back).square().sum(dim=1)
        accepted.append((before - after + (there - here) / (2 * dynamics.step)).clamp(max=0).exp())
    return float(torch.stack(accepted).mean())


def _spread(problem: DataLoss) -> torch.Tensor:
    """Up to 256 samples, spread evenly over the data."""
    count = min(problem.samples, FEW_SAMPLES)
    return torch.linspace(0, problem.samples - 1, count).long().to(problem.center.device)


def _chosen(problem: DataLoss, dynamics: Dynamics, chains: int, generator: torch.Generator) -> torch.Tensor:
    """[chains, batch] samples, drawn independently."""
    size = chains, dynamics.batch_size
    return torch.randint(problem.samples, size, generator=generator, device=problem.center.device)


def _examples(
    problem: DataLoss, dynamics: Dynamics, chains: int, generator: torch.Generator
) -> list[tuple[torch.Tensor, Batch]]:
    """Two sets of vectors and batches as the steps will meet them: at the centre, and at its distance of a step."""
    found = []
    for scale in (0.0, dynamics.step**0.5):
        noise = torch.empty(chains, len(problem.center), dtype=problem.center.dtype, device=problem.center.device)
        batch = problem.data
        if dynamics.batch_size < problem.samples:
            chosen = _chosen(problem, dynamics, chains, generator)
            batch = tuple(tensor[chosen] for tensor in problem.data)
        found.append((problem.center + scale * noise.normal_(generator=generator), batch))
    return found


def noise_bound(problem: DataLoss, nbeta: float, step: float, batch_size: int) -> float:
    """What the noise of mini-batches adds to n beta E[L(w) - L(w*)] at most: eps (n beta)^2 tr(C) / (8 B).

    C is the covariance of the samples' gradients at the centre. On a quadratic that noise widens a direction with
    a = n beta h + gamma by eps (n beta)^2 C_ii / (4 B a), which counts n beta h / 2 times; n beta h / a is below 1.

    Args:
        problem: loss, centre and data; up to 256 samples, spread evenly over the data, stand for all.
        nbeta: n beta.
        step: eps.
        batch_size: B; no noise is left where it is the number of samples.
    """
    if batch_size >= problem.samples:
        return 0.0
    some = _spread(problem)
    count, squares, total = len(some), 0.0, torch.zeros_like(problem.center)
    slope = torch.func.vmap(torch.func.grad(problem.at), in_dims=(None, 0))
    for part in some.split(NOISE_CHUNK):
        gradients = slope(problem.center, tuple(tensor[part].unsqueeze(1) for tensor in problem.data)).detach()
        squares += float((gradients**2).sum())
        total += gradients.sum(dim=0)
    variance = squares / count - float((total / count).square().sum())
    return step * nbeta**2 * max(variance, 0.0) / (8 * batch_size)


def slope_bound(problem: DataLoss, nbeta: float, gamma: float) -> float:
    """What a slope at the centre takes from the estimate at most: (n beta)^2 |grad L|^2 / gamma.

    On a quadratic with curvature h and slope g chains settle at -n beta g / a, a = n beta h + gamma, which lowers
    n beta E[L(w) - L(w*)] by (n beta g)^2 (a + gamma) / (2 a^2): the most where h is 0.

    Args:
        problem: loss, centre and data.
        nbeta: n beta.
        gamma: strength of the pull.
    """
    slope = torch.func.grad(problem.at)
    total = torch.zeros_like(problem.center, dtype=torch.float64)
    for part in problem.parts(FEW_SAMPLES):
        total += slope(problem.center, part).detach() * (len(part[0]) / problem.samples)
    return nbeta**2 * float(total.square().sum()) / gamma
