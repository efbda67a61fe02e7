"""What the modes that train networks here share: the task, the recipe, and the knob that is the temperature."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.analysis import Params, parameter

Value = Annotated[float, Field(ge=0, le=1e6)]


class TrainingParams(Params):
    """Networks that are trained by SGD with momentum at several temperatures."""

    target: str = parameter(
        "",
        title="Label column",
        description="Column of a table that holds the classes; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    temperature: Literal["learning_rate", "batch_size", "epochs", "weight_decay", "sam_rho"] = parameter(
        "learning_rate",
        title="Temperature",
        description="The knob that says how noisy training is. Small batches and few epochs are hot; sam_rho is the radius of "
        "sharpness-aware minimisation (SAM), large is hot.",
        main=True,
    )
    temperatures: tuple[Value, ...] = parameter(
        (),
        title="Temperatures",
        description="Values of the temperature; empty: some of a usual range.",
        max_length=100,
    )
    epochs: int = parameter(
        40, title="Epochs", description="Passes over the training rows.", main=True, minimum=1, maximum=10_000
    )
    batch_size: int = parameter(
        64, title="Batch size", description="Rows of one gradient.", unit="rows", minimum=1, maximum=100_000
    )
    learning_rate: float = parameter(
        0.05,
        title="Learning rate",
        description="Of SGD at the start; it falls to 0 along half a cosine.",
        minimum=1e-6,
        maximum=1000.0,
    )
    weight_decay: float = parameter(
        0.0,
        title="Weight decay",
        description="Half of it times the squared weights is added.",
        minimum=0.0,
        maximum=10.0,
    )
    sam_rho: float = parameter(
        0.0,
        title="SAM's rho",
        description="Radius of sharpness-aware minimisation, where each step costs two gradients; 0 is plain SGD.",
        minimum=0.0,
        maximum=1000.0,
    )
    momentum: float = parameter(0.9, title="Momentum", description="Of SGD.", minimum=0.0, maximum=0.9999)
    scaling: Literal["automatic", "columns", "common", "none"] = parameter(
        "automatic",
        title="Scaling",
        description="columns: each to mean 0 and variance 1; common: one mean and variance for all, as pixels need it; "
        "automatic: common for images, else columns.",
    )
    validation_fraction: float = parameter(
        0.2,
        title="Test share",
        description="Share of the rows that test error is measured on; it is never learned from.",
        minimum=0.05,
        maximum=0.5,
    )
    most_rows: int = parameter(
        10_000,
        title="Most rows",
        description="A larger data set is reduced to this many rows, drawn at random.",
        unit="rows",
        minimum=20,
        maximum=10_000_000,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu", title="Device", description="Where the trainings run; gpu waits for a worker that has one."
    )
    seed: int = parameter(0, title="Seed", description="Draws split, starts and orders.", minimum=0, maximum=2**31 - 1)
