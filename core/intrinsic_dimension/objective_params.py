"""The parameters of mode `objective`, with their defaults and bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.analysis import Params, parameter

LEAST_SEARCH = 4  # trainings without which no search is begun

Rate = Annotated[float, Field(gt=0, le=1000)]
Units = Annotated[int, Field(ge=1, le=100_000)]


class ObjectiveParams(Params):
    """How many parameters a network needs for a task: it is trained in random subspaces of its parameters, and the
    smallest number of dimensions that reaches 90 % of the accuracy of ordinary training comes out, with an interval."""

    mode: Literal["objective"] = "objective"
    target: str = parameter(
        "",
        title="Label column",
        description="Column of a table that holds the classes; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    hidden: tuple[Units, ...] = parameter(
        (32,),
        title="Hidden layers",
        description="Units of each hidden layer of the network (linear layers with ReLU) where no model is chosen.",
        unit="units",
        main=True,
        max_length=16,
    )
    epochs: int = parameter(
        40,
        title="Epochs",
        description="Passes over the training rows, of every training; the rate falls to zero along half a cosine.",
        main=True,
        minimum=1,
        maximum=1000,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu", title="Device", description="Where the trainings run; gpu waits for a worker that has one.", main=True
    )
    batch_size: int = parameter(
        64, title="Batch size", description="Rows of one gradient.", unit="rows", minimum=1, maximum=100_000
    )
    fraction: float = parameter(
        0.9,
        title="Fraction of the baseline",
        description="How much of the baseline's performance counts as solved: 0.9 for d_int90, 1 for d_int100.",
        minimum=0.05,
        maximum=1.0,
    )
    global_baseline: float = parameter(
        1.0,
        title="Global baseline",
        description="A fixed accuracy to compare networks on one data set with, beside the network's own baseline.",
        minimum=0.01,
        maximum=1.0,
    )
    max_trainings: int = parameter(
        20,
        title="Most trainings",
        description="Subspace and direct trainings together; the search stops there, with the interval it has then.",
        unit="trainings",
        minimum=8,
        maximum=1000,
    )
    standard_error: float = parameter(
        0.03,
        title="Precision",
        description="Relative standard error of d_int90 at which the search stops early.",
        minimum=0.005,
        maximum=0.5,
    )
    first_guess: int = parameter(
        64,
        title="First guess",
        description="Subspace dimension at which the learning rate is chosen and the search begins.",
        minimum=1,
        maximum=10_000_000,
    )
    max_subspace: int | None = parameter(
        None,
        title="Largest subspace",
        description="The search goes no higher; none: the number of parameters of the network.",
        minimum=1,
        maximum=1_000_000_000,
    )
    projection: Literal["fastfood", "fastfood_global", "dense", "sparse", "tied"] = parameter(
        "fastfood",
        title="Projection",
        description="How random subspaces are drawn: fastfood in blocks (fast), fastfood_global (the paper's one transform), "
        "dense (Gaussian, at most 2 GB), sparse (signs at few places) or tied (each parameter reads one coordinate).",
    )
    baseline_trainings: int = parameter(
        3,
        title="Baseline trainings",
        description="Direct trainings at the chosen learning rate whose mean is the network's own baseline.",
        unit="trainings",
        minimum=3,
        maximum=50,
    )
    direct_learning_rates: tuple[Rate, ...] = parameter(
        (0.001, 0.005, 0.02),
        title="Learning rates, direct",
        description="Rates of Adam that direct training is tried with, once each; the best is kept.",
        max_length=10,
    )
    subspace_learning_rates: tuple[Rate, ...] = parameter(
        (0.1, 0.3, 1.0),
        title="Learning rates, subspace",
        description="Rates of Adam in the subspace, tried once each at the first guess; the best is kept.",
        max_length=10,
    )
    scaling: Literal["automatic", "columns", "common", "none"] = parameter(
        "automatic",
        title="Scaling",
        description="columns: each to mean 0 and variance 1; common: one mean and variance for all, as pixels need it; "
        "automatic: common for images, else columns.",
    )
    validation_fraction: float = parameter(
        0.2,
        title="Validation share",
        description="Share of the rows that performance is measured on; it is never learned from.",
        minimum=0.05,
        maximum=0.5,
    )
    most_rows: int = parameter(
        60_000,
        title="Most rows",
        description="A larger data set is reduced to this many rows, drawn at random.",
        unit="rows",
        minimum=20,
        maximum=10_000_000,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Draws the split; every training has a seed of its own that follows from it.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @model_validator(mode="after")
    def _affords_a_search(self) -> ObjectiveParams:
        if not self.direct_learning_rates or not self.subspace_learning_rates:
            raise ValueError("Learning rates: an empty list is not accepted; expected at least one rate, such as 0.1")
        if self.max_trainings < self.trainings_before_search + LEAST_SEARCH:
            raise ValueError(
                f"Most trainings: {self.max_trainings} is not accepted; baseline and learning rates take "
                f"{self.trainings_before_search} and a search at least {LEAST_SEARCH}: "
                f"expected at least {self.trainings_before_search + LEAST_SEARCH}"
            )
        return self

    @property
    def trainings_before_search(self) -> int:
        """Trainings that choose the learning rates and measure the baseline."""
        return len(self.direct_learning_rates) + self.baseline_trainings - 1 + len(self.subspace_learning_rates)
