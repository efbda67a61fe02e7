"""The step that samples the loss around one network: its learning coefficient, and what speaks for the chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.landscape.degeneracy.examined import Origin, examined


@dataclass(frozen=True)
class Sampling:
    """How chains are run; see `local_learning_coefficient`."""

    chains: int
    burn_in: int
    draws: int
    gamma: float
    nbeta: float | None
    step: float | None
    batch_size: int
    seed: int


def chains_step(origin: Origin, place: int, sampling: Sampling, device: str) -> dict[str, Any]:
    """The plain values of `LearningCoefficient` at one network.

    Raises:
        BadInput: a loss that is not finite, a step that is too large, or as `examined`.
    """
    from core.landscape.curvature.module_loss import module_loss
    from core.landscape.degeneracy.learning_coefficient import local_learning_coefficient

    network = examined(origin, place, device)
    loss, parameters = module_loss(network.module)
    found = local_learning_coefficient(
        loss,
        parameters,
        [(network.rows.features, network.rows.labels)],
        chains=sampling.chains,
        burn_in=sampling.burn_in,
        draws=sampling.draws,
        gamma=sampling.gamma,
        nbeta=sampling.nbeta,
        step=sampling.step,
        batch_size=sampling.batch_size,
        seed=sampling.seed,
    )
    return dict(vars(found))
