"""An evolution strategy in a random subspace, with restarts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from core.analysis import report
from core.intrinsic_dimension.control.covariance_adaptation import CovarianceAdaptation
from core.intrinsic_dimension.control.policies import Policies
from core.intrinsic_dimension.control.tasks import TASKS

POPULATION, EPISODES = 32, 4  # of a generation: policies, and episodes in which each is tried
TRIAL = 100  # episodes of the mean reward that counts
SPREAD = 2.0  # of the first generation, in parts of the start's length


def search_subspace(
    task: str, hidden: list[int], generations: int, attempts: int, subspace_dimension: int, seed: int
) -> dict[str, Any]:
    """Searches one random subspace for a policy that solves a task.

    theta = theta0 + P theta_d, and theta_d is sought by CMA-ES (see `CovarianceAdaptation`). Lengths are stated in parts of
    ||theta0|| and divided by sqrt(d), as P has unit columns. In each generation the centre is tried in 100 episodes; where
    their mean counts as solved it is tried in 100 others, and those decide.

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

    def weights(points: np.ndarray) -> torch.Tensor:
        return start + torch.from_numpy(points).float() @ columns

    best, best_weights, used = -1.0, start, 0
    for attempt in range(attempts):
        centre = torch.randn(subspace_dimension, generator=generator) * (length if attempt else 0.0)
        strategy = CovarianceAdaptation(centre.double().numpy(), SPREAD * length, POPULATION)
        for generation in range(generations):
            at = weights(strategy.centre)
            rewards, reward = _generation(policies, weights(strategy.ask(generator)), at, generator)
            used += 1
            if reward > best:
                best, best_weights = reward, at
            if best >= policies.task.solved:
                confirmed = _trial(policies, best_weights, generator)
                if confirmed >= policies.task.solved:
                    return _found(policies, confirmed, used)
                best = confirmed
            strategy.tell(rewards)
            report((attempt + (generation + 1) / generations) / attempts, f"{subspace_dimension} dimensions")
    return _found(policies, _trial(policies, best_weights, generator), used)


search_subspace.version = 3  # type: ignore[attr-defined]  # 3: CMA-ES


def _generation(
    policies: Policies, tried: torch.Tensor, centre: torch.Tensor, generator: torch.Generator
) -> tuple[np.ndarray, float]:
    """Mean reward of each policy over the same few episodes, and of the centre over many others; all are played at once."""
    copies = TRIAL // EPISODES
    few = policies.episodes(EPISODES, generator).expand(len(tried), -1, -1)
    many = policies.episodes(TRIAL, generator).unflatten(0, (copies, EPISODES))
    rewards = policies.rewards(torch.cat([tried, centre.expand(copies, -1)]), torch.cat([few, many])).mean(1)
    return rewards[: len(tried)].double().numpy(), float(rewards[len(tried) :].mean())


def _trial(policies: Policies, weights: torch.Tensor, generator: torch.Generator) -> float:
    return float(policies.rewards(weights[None], policies.episodes(TRIAL, generator)).mean())


def _found(policies: Policies, reward: float, used: int) -> dict[str, Any]:
    return {
        "performance": reward,
        "solved": reward >= policies.task.solved,
        "generations": used,
        "episodes": used * (TRIAL + POPULATION * EPISODES),
    }
