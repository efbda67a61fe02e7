"""The local learning coefficient: Lau et al. 2023, arXiv:2308.12108, Definition 1 and section 4.

lambda = n beta (E[L(w)] - L(w*)), the mean over w near w* with density proportional to
exp(-n beta L(w) - gamma/2 |w - w*|^2); half the number of parameters where the minimum is regular, less where it is
degenerate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.landscape.curvature.batches import Batch, Loss, Parameters
from core.landscape.curvature.eigenvalues import hessian_eigenvalues
from core.landscape.degeneracy.chain_diagnostics import effective_draws, split_r_hat, standard_error
from core.landscape.degeneracy.data_loss import data_loss
from core.landscape.degeneracy.langevin import Dynamics, acceptance, noise_bound, slope_bound, walk

STEP_SHARE = 0.1  # of the safe step: the bias of a direction is at most 1/(1 - 0.1/4) - 1 = 2.6 %
UNSTABLE = 4.0  # a chain on a quadratic diverges where eps (n beta h + gamma) reaches this
MIXED = 1.05  # R-hat
FEWEST = 100  # effective draws
NOISE_SHARE = 0.05  # of the estimate
SLOPE_SHARE = 0.1  # of the estimate; the bound is that of a flat direction, others lose less
PART = 512  # samples whose graph the curvature is taken from at once: a few large ones cost less than many small ones


@dataclass(frozen=True, eq=False)
class LearningCoefficient:
    """An estimate with what is needed to judge it.

    Attributes:
        value: lambda, over the chains that did not diverge; NaN where all did.
        standard_error: of the sampling: by effective draws or by the spread of the chains' means, whichever is larger.
        of_chains: [chains] the estimate of each; NaN where it diverged.
        trace: [chains, burn_in + draws] n beta (L_B(w) - L_B(w*)) before each step: what a trace plot shows.
        burn_in: steps that are left out at the beginning.
        loss: L(w*).
        nbeta: n beta.
        gamma: strength of the pull towards w*.
        step: eps.
        largest_curvature: the largest eigenvalue of the Hessian, with the bound of its error added.
        stiffness: eps (n beta largest_curvature + gamma): safe up to 1, unstable from 4.
        noise_bound: at most so much of the estimate comes from the noise of mini-batches, see `noise_bound`.
        slope_bound: at most so much is missing because the model lies beside its minimum, see `slope_bound`.
        acceptance: of the last steps, had there been a Metropolis correction, see `acceptance`.
        r_hat: split R-hat over chains; 1 where they agree.
        effective_draws: independent draws that would do as well.
        notes: what the reader must know.
    """

    value: float
    standard_error: float
    of_chains: np.ndarray
    trace: np.ndarray
    burn_in: int
    loss: float
    nbeta: float
    gamma: float
    step: float
    largest_curvature: float
    stiffness: float
    noise_bound: float
    slope_bound: float
    acceptance: float
    r_hat: float
    effective_draws: float
    notes: tuple[str, ...]


def local_learning_coefficient(
    loss: Loss,
    parameters: Parameters,
    batches: Sequence[Batch],
    *,
    chains: int = 4,
    draws: int = 1000,
    burn_in: int = 1000,
    nbeta: float | None = None,
    gamma: float = 100.0,
    step: float | None = None,
    batch_size: int | None = None,
    seed: int = 0,
) -> LearningCoefficient:
    """Estimates the learning coefficient at a model by stochastic gradient Langevin dynamics.

    Example:
        >>> data = [(torch.zeros(50, 20, dtype=torch.float64),)]
        >>> bowl = lambda p, batch: ((p["w"] - batch[0]) ** 2).sum(dim=1).mean() / 2
        >>> w = {"w": torch.zeros(20, dtype=torch.float64)}
        >>> found = local_learning_coefficient(bowl, w, data, nbeta=900.0, chains=50, burn_in=100, draws=300)
        >>> abs(found.value / (20 / 2 * 900 / 1000) - 1) < 0.05  # half of 20 directions, each 900 / (900 + 100)
        True

    Args:
        loss: (parameters, batch) -> mean over the samples of a batch; a batch is a tuple of tensors whose first axis
            is the sample.
        parameters: w*, a trained model; nothing of it is changed.
        batches: all data.
        chains: at least two to see whether they agree; they run at once.
        draws: steps of each that count.
        burn_in: steps of each before, left out.
        nbeta: n / ln n by default, with n the number of samples (not of a batch).
        gamma: strength of the pull towards w*; directions whose n beta h is well below it do not count.
        step: a tenth of the safe step 1 / (n beta lambda_max + gamma) by default.
        batch_size: samples a gradient; that of the first batch by default.
        seed: of batches and noise.

    Raises:
        BadInput: the loss is not a finite mean over samples, or a number is out of its bounds.
    """
    problem = data_loss(loss, parameters, batches)
    if problem.samples < 2 and nbeta is None:
        raise BadInput("One sample has no n / ln n: hand in more samples, or nbeta.")
    _check({"chains": chains, "draws": draws, "gamma": gamma}, {"burn_in": burn_in})
    warmth = problem.samples / np.log(problem.samples) if nbeta is None else nbeta
    # Two, so that the bound of the first rests on a gap that was seen.
    top = hessian_eigenvalues(loss, parameters, problem.parts(PART), top=2, seed=seed)
    curvature = float(top.values[0] + top.errors[0])
    stiffest = warmth * max(curvature, 0.0) + gamma
    eps = STEP_SHARE / stiffest if step is None else step
    _check({"nbeta": warmth, "step": eps}, {})
    if eps * stiffest >= UNSTABLE:
        raise BadInput(
            f"The step {eps:.3g} is too large: with n beta = {warmth:.4g}, lambda_max = {curvature:.4g} and gamma = {gamma:.4g} "
            f"chains diverge from {UNSTABLE / stiffest:.3g} on; a step of at most {1 / stiffest:.3g} is safe."
        )
    size = min(len(batches[0][0]) if batch_size is None else batch_size, problem.samples)
    own = problem.of_samples()
    noise, slope = noise_bound(problem, warmth, eps, size), slope_bound(problem, warmth, gamma)
    dynamics = Dynamics(warmth, gamma, eps, size)
    walked = walk(problem, own, dynamics, chains, burn_in + draws, seed)
    trace = warmth * walked.excess
    alive: np.ndarray = np.array([bool(np.isfinite(chain).all()) for chain in trace])
    kept = np.where(alive[:, None], trace[:, burn_in:], np.nan)
    used = kept[alive] if alive.any() else np.full((1, draws), np.nan)
    value, mixed, effective = float(used.mean()), split_r_hat(used), effective_draws(used)
    return LearningCoefficient(
        value=value,
        standard_error=_standard_error(used),
        of_chains=kept.mean(axis=1),
        trace=trace,
        burn_in=burn_in,
        loss=float(own.mean()),
        nbeta=warmth,
        gamma=gamma,
        step=eps,
        largest_curvature=curvature,
        stiffness=eps * stiffest,
        noise_bound=noise,
        slope_bound=slope,
        acceptance=acceptance(problem, dynamics, walked.ends, seed),
        r_hat=mixed,
        effective_draws=effective,
        notes=tuple(_notes(alive, eps * stiffest, noise, slope, value, mixed, effective)),
    )


def _standard_error(draws: np.ndarray) -> float:
    """The noise of mini-batches hides slow moves of a chain from its autocorrelation, but not from the chains' means."""
    if len(draws) < 2:
        return standard_error(draws)
    between = float(draws.mean(axis=1).std(ddof=1) / np.sqrt(len(draws)))
    return float(np.fmax(standard_error(draws), between))


def _check(positive: dict[str, float], not_negative: dict[str, float]) -> None:
    for name, value in positive.items():
        if not (np.isfinite(value) and value > 0):
            raise BadInput(f"{name} is {value}; a number above 0 is expected.")
    for name, value in not_negative.items():
        if not value >= 0:
            raise BadInput(f"{name} is {value}; a number of at least 0 is expected.")


def _notes(
    alive: np.ndarray, stiffness: float, noise: float, slope: float, value: float, r_hat: float, effective: float
) -> list[str]:
    notes = []
    if not alive.all():
        notes.append(
            f"{(~alive).sum()} of {len(alive)} chains diverged: the step is too large for where they went; take a smaller one."
        )
    if stiffness > 1 + 1e-9:
        bias = 100 * (1 / (1 - stiffness / 4) - 1)
        notes.append(
            f"The step is {stiffness:.2g} times the safe one: the stiffest direction counts {bias:.0f} % too much."
        )
    if noise > NOISE_SHARE * abs(value):
        notes.append(
            f"The noise of mini-batches may add up to {noise:.3g} to the estimate: take larger batches or a smaller step."
        )
    if value < 0:
        notes.append("The estimate is negative: chains found lower losses, so the model is not at a minimum.")
    elif slope > SLOPE_SHARE * value:
        notes.append(
            f"The model lies beside its minimum, which may take up to {slope:.3g} from the estimate: train it longer, or raise gamma."
        )
    if not r_hat <= MIXED:
        notes.append(
            f"The chains have not mixed (R-hat {r_hat:.3f}, more than {MIXED}): take a longer burn-in and more draws."
        )
    if not effective >= FEWEST:
        notes.append(f"The draws are worth {effective:.0f} independent ones, fewer than {FEWEST}: take more.")
    return notes
