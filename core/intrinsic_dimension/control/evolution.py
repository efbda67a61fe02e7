"""An evolution strategy in a random subspace, with restarts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from core.analysis import report
from core.intrinsic_dimension.control.policies import Policies
from core.intrinsic_dimension.control.tasks import TASKS

PAIRS, EPISODES = 16, 4  # of a generation: antithetic pairs, and episodes in which each policy is tried
TRIAL = 100  # episodes of the mean reward that counts
NOISE = 0.5  # spread of the policies that are tried, in parts of the start's length
STEP = 1.0  # of the centre, in spreads


def search_subspace(
    task: str, hidden: list[int], generations: int, attempts: int, subspace_dimension: int, seed: int
) -> dict[str, Any]:
    """Searches one random subspace for a policy that solves a task.

    theta = theta0 + P theta_d, and theta_d is moved by an evolution strategy (Salimans et al. 2017, arXiv:1703.03864):
    antithetic normal perturbations, centred ranks of the rewards, a step along their weighted mean. Lengths are stated in
    parts of ||theta0|| and divided by sqrt(d), as P has unit columns. After each generation the centre is tried in 100
    episodes; where their mean counts as solved it is tried in 100 others, and those decide.

    Args:
        task: its name.
        hidden: units of the hidden layers.
        generations: of one attempt, at most.
        attempts: in the same subspace, the first from its origin.
        subspace_dimension: d.
        seed: of start, projection and search.

    Returns:
        performance: mean reward over 100 fresh episodes of the best centre, solved: whether it is enough,
        generations and episodes that were used.
    """
    from core.intrinsic_dimension.projections.kinds import projection

    policies = Policies(TASKS[task], hidden)
    drawn = [int(word) for word in np.random.SeedSequence(seed).generate_state(3)]
    start = policies.start(drawn[0])
    one = projection("fastfood", policies.parameters, subspace_dimension, drawn[1])
    columns = torch.stack([one.forward(unit) for unit in torch.eye(subspace_dimension)])  # [d, D]
    generator = torch.Generator().manual_seed(drawn[2])
    length = float(start.norm()) / subspace_dimension**0.5
    best, best_centre, used = -1.0, torch.zeros(subspace_dimension), 0
    for attempt in range(attempts):
        centre = torch.zeros(subspace_dimension)
        if attempt:
            centre = length * torch.randn(subspace_dimension, generator=generator)
        for generation in range(generations):
            reward = _trial(policies, start + centre @ columns, generator)
            used += 1
            if reward > best:
                best, best_centre = reward, centre.clone()
            if best >= policies.task.solved:
                confirmed = _trial(policies, start + best_centre @ columns, generator)
                if confirmed >= policies.task.solved:
                    return _found(policies, confirmed, used)
                best = confirmed
            centre = _next_centre(policies, start, columns, centre, length, generator)
            report((attempt + (generation + 1) / generations) / attempts, f"{subspace_dimension} dimensions")
    return _found(policies, _trial(policies, start + best_centre @ columns, generator), used)


search_subspace.version = 2  # type: ignore[attr-defined]  # 2: other gains of Fastfood


def _next_centre(
    policies: Policies,
    start: torch.Tensor,
    columns: torch.Tensor,
    centre: torch.Tensor,
    length: float,
    generator: torch.Generator,
) -> torch.Tensor:
    """One generation: the centre moved along the rank-weighted mean of the perturbations."""
    half = torch.randn(PAIRS, len(centre), generator=generator)
    noise = torch.cat([half, -half])
    tried = start + (centre + NOISE * length * noise) @ columns
    rewards = policies.rewards(tried, policies.episodes(EPISODES, generator)).mean(1)
    ranks = _centred_ranks(rewards)
    along = ranks @ noise / len(noise)
    norm = along.norm()
    return centre if norm == 0 else centre + STEP * NOISE * length * len(centre) ** 0.5 * along / norm


def _centred_ranks(rewards: torch.Tensor) -> torch.Tensor:
    """Ranks from -0.5 to 0.5; equal rewards share their mean rank, so that ties pull nowhere."""
    from scipy.stats import rankdata

    ranks = rankdata(rewards.numpy())
    return torch.from_numpy((ranks - 1) / (len(ranks) - 1) - 0.5).float()


def _trial(policies: Policies, weights: torch.Tensor, generator: torch.Generator) -> float:
    return float(policies.rewards(weights[None], policies.episodes(TRIAL, generator)).mean())


def _found(policies: Policies, reward: float, used: int) -> dict[str, Any]:
    return {
        "performance": reward,
        "solved": reward >= policies.task.solved,
        "generations": used,
        "episodes": used * (TRIAL + 2 * PAIRS * EPISODES),
    }
