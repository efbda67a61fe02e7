"""The control tasks, as far as they can be told without a simulation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ControlTask:
    """One task.

    Attributes:
        name: as a parameter has it.
        observations: numbers that a policy sees.
        outputs: numbers that it gives.
        steps: of an episode, at most; each that is begun counts one.
        solved: mean reward over 100 episodes that counts as solved.
        start: every coordinate begins between minus and plus this.
        published: intrinsic dimension in Li et al. 2018 (arXiv:1804.08838), table 1.
        learner: with which they found it.
        seconds: of a generation on one core, measured; the length of episodes dominates.
    """

    name: str
    observations: int
    outputs: int
    steps: int
    solved: float
    start: float
    published: int
    learner: str
    seconds: float


CART_POLE = ControlTask("cart-pole", 4, 2, 200, 195.0, 0.05, 25, "DQN in a larger network", 0.12)
INVERTED_PENDULUM = ControlTask(
    "inverted pendulum", 4, 1, 1000, 950.0, 0.01, 4, "an evolution strategy in a policy of 562 parameters", 2.5
)
TASKS = {task.name: task for task in (CART_POLE, INVERTED_PENDULUM)}
