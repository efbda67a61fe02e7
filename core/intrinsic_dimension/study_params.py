"""The parameters of mode `study`, with their defaults and bounds."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.analysis import Params, parameter
from core.intrinsic_dimension.objective_params import Rate, Units
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

MOST_NETWORKS = 60

Layers = Annotated[int, Field(ge=1, le=16)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class StudyParams(Params):
    """Whether the intrinsic dimension of a task depends on the size of the network: many networks are measured side by
    side, and a slope of d_int against the number of parameters comes out, with an interval and a test."""

    mode: Literal["study"] = "study"
    target: str = TARGET
    widths: tuple[Units, ...] = parameter(
        (16, 32, 64, 128),
        title="Widths",
        description="Units of a hidden layer; each width is combined with each depth into an MLP with ReLU.",
        unit="units",
        main=True,
        max_length=20,
    )
    depths: tuple[Layers, ...] = parameter(
        (1, 2),
        title="Depths",
        description="Numbers of hidden layers.",
        unit="layers",
        main=True,
        max_length=16,
    )
    networks: tuple[Name, ...] = parameter(
        (),
        title="Other networks",
        description="Built-in networks by name besides the MLPs, such as lenet5 or resnet20, which need images.",
        main=True,
        max_length=10,
    )
    datasets: tuple[Name, ...] = parameter(
        (),
        title="Other data sets",
        description="Built-in data sets by name besides the one chosen, such as wine; every network learns each of them.",
        main=True,
        max_length=10,
    )
    epochs: int = parameter(
        20,
        title="Epochs",
        description="Passes over the training rows, of every training; the rate falls to zero along half a cosine.",
        main=True,
        minimum=1,
        maximum=1000,
    )
    device: Literal["cpu", "gpu"] = DEVICE
    tolerance: float = parameter(
        0.25,
        title="Slope that counts as little",
        description="d_int varies little where it grows more slowly than this power of the number of parameters: at 0.25, ten "
        "times as many parameters raise it by less than 1.8 times.",
        minimum=0.01,
        maximum=1.0,
    )
    batch_size: int = BATCH_SIZE
    fraction: float = FRACTION
    global_baseline: float = parameter(
        1.0,
        title="Global baseline",
        description="A fixed accuracy that all networks are compared at, beside each network's own baseline.",
        minimum=0.01,
        maximum=1.0,
    )
    max_trainings: int = parameter(
        20,
        title="Most trainings",
        description="Of each network, direct ones included; its search stops there, with the interval it has then.",
        unit="trainings",
        minimum=8,
        maximum=1000,
    )
    standard_error: float = parameter(
        0.03,
        title="Precision",
        description="Relative standard error of a network's d_int90 at which its search stops early.",
        minimum=0.005,
        maximum=0.5,
    )
    first_guess: int = parameter(
        64,
        title="First guess",
        description="Subspace dimension at which the learning rates are chosen and the searches begin.",
        minimum=1,
        maximum=10_000_000,
    )
    max_subspace: int | None = parameter(
        None,
        title="Largest subspace",
        description="The searches go no higher; none: the number of parameters of each network.",
        minimum=1,
        maximum=1_000_000_000,
    )
    direct_learning_rates: tuple[Rate, ...] = parameter(
        (0.001, 0.005, 0.02),
        title="Learning rates, direct",
        description="Rates of Adam that direct training of each network is tried with, once each; the best is kept.",
        max_length=10,
    )
    subspace_learning_rates: tuple[Rate, ...] = SUBSPACE_LEARNING_RATES
    scaling: Literal["automatic", "columns", "common", "none"] = SCALING
    validation_fraction: float = VALIDATION_FRACTION
    most_rows: int = MOST_ROWS
    seed: int = SEED

    @model_validator(mode="after")
    def _compares_something(self) -> StudyParams:
        count = (len(self.hidden_layers) + len(set(self.networks))) * (1 + len(set(self.datasets)))
        if count < 2:
            raise ValueError(
                f"Widths: a study compares networks, and these settings name {count}: give at least two widths or depths, "
                "another network, or another data set"
            )
        if count > MOST_NETWORKS:
            raise ValueError(
                f"Widths: {count} searches are asked for (networks times data sets); expected at most {MOST_NETWORKS}"
            )
        return self

    @property
    def hidden_layers(self) -> tuple[tuple[int, ...], ...]:
        """The hidden layers of each MLP of the family, without repeats, shallow ones first."""
        return tuple(dict.fromkeys((width,) * depth for depth, width in product(self.depths, self.widths)))
