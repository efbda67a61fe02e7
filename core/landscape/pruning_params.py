"""The parameters of mode `pruning`, with their defaults and bounds."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.analysis import Params, parameter
from core.landscape.training_params import TrainingParams, Value

TEMPERATURES = {
    "learning_rate": (0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
    "batch_size": (256.0, 128.0, 64.0, 32.0, 16.0, 8.0),
    "epochs": (64.0, 32.0, 16.0, 8.0, 4.0, 2.0),
    "weight_decay": (0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    "sam_rho": (0.0, 0.05, 0.1, 0.2, 0.3, 0.4),
}
DENSITIES = (0.08, 0.12, 0.18, 0.26, 0.4)
WIDTHS = (12, 16, 24, 32)

Density = Annotated[float, Field(gt=0, le=1)]
Width = Annotated[int, Field(ge=2, le=4096)]


class StudyParams(Params):
    """What is asked of pruned networks; a class of its own, so that the form begins with it."""

    study: Literal["map", "direction", "choice", "tuning"] = parameter(
        "map",
        title="Study",
        description="map: the regimes of all temperatures and densities; direction: should the present temperature be raised or "
        "lowered for one density; choice: which dense network of several widths and temperatures should be pruned to one "
        "density; tuning: the best temperature for each density, of SAM's rho with the temperature sam_rho.",
        main=True,
    )


class PruningParams(TrainingParams, StudyParams):
    """Networks are trained here at several temperatures, pruned by magnitude to several densities, and retrained; each
    cell gets its regime of pruning and what to turn in dense training for a better network of that density."""

    mode: Literal["pruning"] = "pruning"
    architecture: Literal["mlp", "cnn", "resnet"] = parameter(
        "mlp",
        title="Architecture",
        description="mlp: two hidden layers; cnn: two convolutions; resnet: 8 layers with batch normalisation. Networks are "
        "trained together, which pays for mlp.",
        main=True,
    )
    width: int = parameter(
        32, title="Width", description="Of the first layer.", unit="units", main=True, minimum=2, maximum=4096
    )
    widths: tuple[Width, ...] = parameter(
        WIDTHS,
        title="Widths",
        description="Of the family in the study choice; the other studies take the one width above.",
        max_length=30,
    )
    densities: tuple[Density, ...] = parameter(
        DENSITIES,
        title="Densities",
        description="Shares of the weights of each layer that are kept; the study choice takes the one density below.",
        main=True,
        max_length=100,
    )
    density: float = parameter(
        0.12,
        title="Density goal",
        description="The density that you want, in the studies direction and choice.",
        main=True,
        minimum=0.0001,
        maximum=1.0,
    )
    present: float | None = parameter(
        None,
        title="Present value",
        description="Of the temperature, in the study direction; it joins the others. Empty: the coldest of them.",
        minimum=0.0,
        maximum=1e6,
    )
    seeds: int = parameter(
        5,
        title="Dense seeds",
        description="Dense networks of each temperature; the advice is checked across them, which takes two.",
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
        0.3,
        title="Retraining rate",
        description="Learning rate of each twin at the start. With small batches it makes the noise that parts twins.",
        minimum=1e-6,
        maximum=1000.0,
    )
    retraining_batch_size: int = parameter(
        64,
        title="Retraining batch size",
        description="Rows of one gradient of each twin.",
        unit="rows",
        minimum=1,
        maximum=100_000,
    )
    validation_fraction: float = parameter(
        0.5,
        title="Test share",
        description="Share of the rows that test error is measured on; it is never learned from. Differences between retrained "
        "networks are small, so many rows are needed to see them.",
        minimum=0.05,
        maximum=0.9,
    )

    @model_validator(mode="after")
    def _values_fit_their_knobs(self) -> Self:
        values = self.temperatures or TEMPERATURES[self.temperature]
        if any(len(set(found)) < len(found) for found in (values, self.densities, self.widths)):
            raise ValueError("Temperatures, densities and widths: each value once, please")
        if not self.densities:
            raise ValueError("Densities: name at least one, such as 0.1")
        if not self.widths:
            raise ValueError("Widths: name at least one, such as 16")
        values = self.temperature_values()
        if self.temperature in ("batch_size", "epochs") and any(value < 1 or value != int(value) for value in values):
            raise ValueError(f"Temperatures: {self.temperature} takes whole numbers from 1 on")
        if self.temperature == "learning_rate" and any(value <= 0 for value in values):
            raise ValueError("Temperatures: learning_rate takes numbers above 0")
        if self.study != "map" and len(values) < 2:
            raise ValueError(f"Temperatures: the study {self.study} compares several, and one was named")
        return self

    def temperature_values(self) -> tuple[Value, ...]:
        """The values of the temperature's knob, ascending."""
        values = self.temperatures or TEMPERATURES[self.temperature]
        also = () if self.present is None or self.study != "direction" else (self.present,)
        return tuple(sorted({*values, *also}))

    def density_values(self) -> tuple[float, ...]:
        """The densities that networks are pruned to, ascending."""
        if self.study == "choice":
            return (self.density,)
        return tuple(sorted({*self.densities, *((self.density,) if self.study == "direction" else ())}))

    def width_values(self) -> tuple[int, ...]:
        """The widths of the networks, ascending."""
        return tuple(sorted(self.widths)) if self.study == "choice" else (self.width,)
