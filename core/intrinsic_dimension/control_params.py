"""The parameters of mode `control`, with their defaults and bounds."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.analysis import Params, parameter
from core.intrinsic_dimension.control.tasks import TASKS
from core.intrinsic_dimension.objective_params import Units

Dimension = Annotated[int, Field(ge=1, le=1000)]


class ControlParams(Params):
    """How many parameters a control task needs: a policy that balances a pole on a cart is sought in random subspaces by
    an evolution strategy, and the smallest dimension that solves the task comes out."""

    mode: Literal["control"] = "control"
    task: Literal["cart-pole", "inverted pendulum"] = parameter(
        "cart-pole",
        title="Task",
        description="cart-pole: pushed left or right, as CartPole-v0; inverted pendulum: driven by a motor, as InvertedPendulum.",
        main=True,
    )
    hidden: tuple[Units, ...] = parameter(
        (32, 32),
        title="Hidden layers",
        description="Units of each hidden layer of the policy (linear layers with ReLU).",
        unit="units",
        main=True,
        max_length=4,
    )
    subspace_dimensions: tuple[Dimension, ...] = parameter(
        (1, 2, 3, 4, 6, 8, 12, 25),
        title="Subspace dimensions",
        description="Dimensions that are tried; the first whose mean reward counts as solved is the answer.",
        main=True,
        max_length=30,
    )
    replicates: int = parameter(
        4,
        title="Searches a dimension",
        description="Each with its own start, subspace and episodes.",
        main=True,
        minimum=3,
        maximum=50,
    )
    generations: int = parameter(
        25,
        title="Generations",
        description="Steps of the evolution strategy in one attempt; it stops early once the task is solved.",
        minimum=1,
        maximum=1000,
    )
    attempts: int = parameter(
        2,
        title="Attempts",
        description="How often a subspace is searched: first from its origin, then from random places in it.",
        minimum=1,
        maximum=20,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Every search has a seed of its own that follows from it.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @model_validator(mode="after")
    def _subspaces_fit(self) -> ControlParams:
        if not self.subspace_dimensions:
            raise ValueError("Subspace dimensions: an empty list is not accepted; expected at least one, such as 4")
        if max(self.subspace_dimensions) > self.full_dimension:
            raise ValueError(
                f"Subspace dimensions: {max(self.subspace_dimensions)} is more than the {self.full_dimension:,} parameters of the "
                "policy; give smaller ones, or a larger policy"
            )
        return self

    @property
    def full_dimension(self) -> int:
        """D: parameters of the policy, from observations to outputs."""
        widths = (TASKS[self.task].observations, *self.hidden, TASKS[self.task].outputs)
        return sum((before + 1) * after for before, after in pairwise(widths))
