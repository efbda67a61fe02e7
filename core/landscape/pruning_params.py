"""The parameters of mode `pruning`, with their defaults and bounds."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.analysis import parameter
from core.landscape.training_params import TrainingParams

TEMPERATURES = {
    "learning_rate": (0.003, 0.01, 0.02, 0.05, 0.1, 0.2),
    "batch_size": (256.0, 128.0, 64.0, 32.0, 16.0, 8.0),
    "epochs": (64.0, 32.0, 16.0, 8.0, 4.0, 2.0),
    "weight_decay": (0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    "sam_rho": (0.1, 0.2, 0.3, 0.4, 0.6, 0.8),
}
DENSITIES = (0.03, 0.05, 0.08, 0.12, 0.2, 0.35)

Density = Annotated[float, Field(gt=0, le=1)]


class PruningParams(TrainingParams):
    """Networks are trained here at several temperatures, pruned by magnitude to several densities, and retrained; each
    cell gets its regime of pruning and what to turn in dense training for a better network of that density."""

    mode: Literal["pruning"] = "pruning"
    architecture: Literal["mlp", "cnn"] = parameter(
        "mlp",
        title="Architecture",
        description="mlp: two hidden layers; cnn: two convolutions. Networks are trained together, which pays for mlp.",
        main=True,
    )
    width: int = parameter(
        32, title="Width", description="Of the first layer.", unit="units", main=True, minimum=2, maximum=4096
    )
    densities: tuple[Density, ...] = parameter(
        DENSITIES,
        title="Densities",
        description="Shares of the weights of each layer that are kept.",
        main=True,
        max_length=100,
    )
    seeds: int = parameter(
        3,
        title="Dense seeds",
        description="Dense networks of each temperature.",
        unit="networks",
        minimum=1,
        maximum=20,
    )
    twins: int = parameter(
        3,
        title="Twins",
        description="Retrainings of each pruned network; pairs of them say how connected and how alike they are.",
        unit="networks",
        minimum=2,
        maximum=20,
    )
    epochs: int = parameter(20, title="Epochs", description="Of dense training.", main=True, minimum=1, maximum=10_000)
    retraining_epochs: int = parameter(
        40, title="Retraining epochs", description="Of each twin.", minimum=1, maximum=10_000
    )
    retraining_rate: float = parameter(
        0.2,
        title="Retraining rate",
        description="Learning rate of each twin at the start.",
        minimum=1e-6,
        maximum=1000.0,
    )

    @model_validator(mode="after")
    def _values_fit_their_knobs(self) -> Self:
        values = self.temperature_values()
        if len(set(values)) < len(values) or len(set(self.densities)) < len(self.densities):
            raise ValueError("Temperatures and densities: each value once, please")
        if not self.densities:
            raise ValueError("Densities: name at least one, such as 0.1")
        if self.temperature in ("batch_size", "epochs") and any(value < 1 or value != int(value) for value in values):
            raise ValueError(f"Temperatures: {self.temperature} takes whole numbers from 1 on")
        if self.temperature == "learning_rate" and any(value <= 0 for value in values):
            raise ValueError("Temperatures: learning_rate takes numbers above 0")
        return self

    def temperature_values(self) -> tuple[float, ...]:
        """The values of the temperature's knob, ascending."""
        return tuple(sorted(self.temperatures or TEMPERATURES[self.temperature]))

    def density_values(self) -> tuple[float, ...]:
        """The densities, ascending."""
        return tuple(sorted(self.densities))
