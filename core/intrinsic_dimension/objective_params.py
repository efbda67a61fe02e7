"""The parameters of mode `objective`, with their defaults and bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.analysis import Params, parameter
from core.intrinsic_dimension.plan import trainings_before_search
from core.intrinsic_dimension.usual_params import (
    BATCH_SIZE,
    DEVICE,
    FRACTION,
    MOST_ROWS,
    SCALING,
    SEED,
    SUBSPACE_LEARNING_RATES,
    TARGET,
    VALIDATION_FRACTION,
)

LEAST_SEARCH = 4  # trainings without which no search is begun

Rate = Annotated[float, Field(gt=0, le=1000)]
Dimension = Annotated[int, Field(ge=1, le=10_000_000)]
Units = Annotated[int, Field(ge=1, le=100_000)]


class ObjectiveParams(Params):
    """How many parameters a network needs for a task: it is trained in random subspaces of its parameters, and the
    smallest number of dimensions that reaches 90 % of the accuracy of ordinary training comes out, with an interval."""

    mode: Literal["objective"] = "objective"
    target: str = TARGET
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
    device: Literal["cpu", "gpu"] = DEVICE
    batch_size: int = BATCH_SIZE
    baseline: Literal["own", "global"] = parameter(
        "own",
        title="Baseline to reach",
        description="own: what the network itself reaches by ordinary training; global: the fixed accuracy below, by which "
        "the papers compare networks on one data set. Both numbers are shown; the search is most exact for this one.",
    )
    global_baseline: float = parameter(
        1.0,
        title="Global baseline",
        description="A fixed accuracy to compare networks on one data set with, beside the network's own baseline.",
        minimum=0.01,
        maximum=1.0,
    )
    fraction: float = FRACTION
    metric: Literal["validation", "training"] = parameter(
        "validation",
        title="Accuracy that counts",
        description="validation: on rows that are not learned from; training: on those that are, as memorising shuffled "
        "labels needs it.",
    )
    search: Literal["adaptive", "grid"] = parameter(
        "adaptive",
        title="Search",
        description="adaptive: trainings are placed around the crossing, few are needed; grid: every dimension of the grid is "
        "trained, and the first one whose mean passes is the answer, as in the paper.",
    )
    max_trainings: int = parameter(
        20,
        title="Most trainings",
        description="Subspace and direct trainings together; the adaptive search stops there, with the interval it has then.",
        unit="trainings",
        minimum=8,
        maximum=1000,
    )
    d_int100: bool = parameter(
        False,
        title="Search d_int100 too",
        description="A second adaptive search, for the whole baseline, with as many trainings again; without it d_int100 is "
        "read off the trainings that there are, where they reach so far.",
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
        description="The adaptive search goes no higher; none: the number of parameters of the network.",
        minimum=1,
        maximum=1_000_000_000,
    )
    grid: tuple[Dimension, ...] = parameter(
        (10, 20, 30, 40, 60, 80, 100, 125, 150, 200, 300),
        title="Grid",
        description="Subspace dimensions that a grid search trains at.",
        max_length=200,
    )
    replicates: int = parameter(
        3,
        title="Replicates",
        description="Trainings at each dimension of the grid, each with its own start, subspace and data order.",
        unit="trainings",
        minimum=1,
        maximum=50,
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
    subspace_learning_rates: tuple[Rate, ...] = SUBSPACE_LEARNING_RATES
    learning_rate_sweep: bool = parameter(
        False,
        title="Sweep the rate at each d",
        description="Every subspace dimension is tried with all rates and keeps its best, which takes as many times more "
        "trainings; otherwise the rate of the first guess is scaled by sqrt(first guess / d).",
    )
    shuffled_labels: float = parameter(
        0.0,
        title="Shuffled labels",
        description="Share of the training rows that exchange their labels at random, to see what memorising takes.",
        minimum=0.0,
        maximum=1.0,
    )
    shuffled_pixels: bool = parameter(
        False,
        title="Shuffle pixels",
        description="Puts the pixels (or columns) of every sample into one and the same random order, which convolutions can't use.",
    )
    scaling: Literal["automatic", "columns", "common", "none"] = SCALING
    validation_fraction: float = VALIDATION_FRACTION
    most_rows: int = MOST_ROWS
    seed: int = SEED

    @model_validator(mode="after")
    def _affords_a_search(self) -> ObjectiveParams:
        if not self.direct_learning_rates or not self.subspace_learning_rates:
            raise ValueError("Learning rates: an empty list is not accepted; expected at least one rate, such as 0.1")
        if self.search == "grid" and not self.grid:
            raise ValueError("Grid: an empty list is not accepted; expected at least one dimension, such as 100")
        each = len(self.subspace_learning_rates) if self.learning_rate_sweep else 1
        least = self.trainings_before_search + LEAST_SEARCH * each
        if self.search == "adaptive" and self.max_trainings < least:
            raise ValueError(
                f"Most trainings: {self.max_trainings} is not accepted; baseline and learning rates take "
                f"{self.trainings_before_search} and a search at least {LEAST_SEARCH * each}: expected at least {least}"
            )
        return self

    @property
    def trainings_before_search(self) -> int:
        """Trainings that choose the learning rates and measure the baseline."""
        return trainings_before_search(self)
