"""The parameters of mode `sweep`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.landscape.training_params import TrainingParams, Value

MOST_CELLS = 10_000
LOADS = {
    "width": (2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 48.0),
    "data": (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0),
    "label_noise": (0.0, 0.1, 0.2, 0.3, 0.45, 0.6),
}
TEMPERATURES = {
    "learning_rate": (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    "batch_size": (512.0, 256.0, 128.0, 64.0, 32.0, 16.0, 8.0),
    "epochs": (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0),
    "weight_decay": (0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1),
    "sam_rho": (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6),
}
WHOLE = ("width", "batch_size", "epochs")


class SweepParams(TrainingParams):
    """Networks are trained here at every load and temperature, with several seeds each; each cell of the plane gets its
    phase, how sure that is, and what to turn next."""

    mode: Literal["sweep"] = "sweep"
    architecture: Literal["mlp", "cnn", "resnet"] = parameter(
        "mlp",
        title="Architecture",
        description="mlp: two hidden layers; cnn: two convolutions; resnet: 8 layers with batch normalisation. Networks of "
        "one load are trained together, which pays for mlp.",
        main=True,
    )
    load: Literal["width", "data", "label_noise"] = parameter(
        "width",
        title="Load",
        description="The knob on the first axis: width of the layers, share of the training rows, or share of wrong labels.",
        main=True,
    )
    loads: tuple[Value, ...] = parameter(
        (),
        title="Loads",
        description="Values of the load; empty: eight widths from 2 to 48, seven shares of the data, or six of wrong labels.",
        max_length=100,
    )
    seeds: int = parameter(
        3,
        title="Seeds",
        description="Networks of each cell; pairs of them say how connected and how alike they are.",
        unit="networks",
        main=True,
        minimum=3,
        maximum=20,
    )
    width: int = parameter(
        16, title="Width", description="Of the first layer, where the load is something else.", minimum=1, maximum=4096
    )
    curve_epochs: int = parameter(
        15,
        title="Curve epochs",
        description="Of the training of the curve between two networks; too few leave it a little above its valley.",
        minimum=1,
        maximum=1000,
    )
    curve_learning_rate: float = parameter(
        0.05, title="Curve learning rate", description="Of that training.", minimum=1e-6, maximum=100.0
    )
    curvature_rows: int = parameter(
        2000,
        title="Rows for curvature",
        description="Training rows that the Hessian is taken over, the first ones.",
        unit="rows",
        minimum=10,
        maximum=1_000_000,
    )
    products: int = parameter(
        60,
        title="Hessian products",
        description="The most matrix-vector products for trace and eigenvalues of one network.",
        minimum=20,
        maximum=5000,
    )

    @model_validator(mode="after")
    def _values_fit_their_knobs(self) -> Self:
        for knob, values, title in (
            (self.load, self.load_values(), "Loads"),
            (self.temperature, self.temperature_values(), "Temperatures"),
        ):
            if len(set(values)) < len(values):
                raise ValueError(f"{title}: each value once, please")
            if knob in WHOLE and any(value < 1 or value != int(value) for value in values):
                raise ValueError(f"{title}: {knob} takes whole numbers from 1 on")
            if knob in ("data", "label_noise") and any(value > 1 for value in values):
                raise ValueError(f"{title}: {knob} is a share, from 0 to 1")
            if knob in ("data", "learning_rate") and any(value <= 0 for value in values):
                raise ValueError(f"{title}: {knob} takes numbers above 0")
        if len(self.load_values()) * len(self.temperature_values()) > MOST_CELLS:
            raise ValueError(f"Loads and temperatures: at most {MOST_CELLS:,} cells are accepted")
        return self

    def load_values(self) -> tuple[float, ...]:
        """The loads, ascending."""
        return tuple(sorted(self.loads or LOADS[self.load]))

    def temperature_values(self) -> tuple[float, ...]:
        """The values of the temperature's knob, ascending."""
        return tuple(sorted(self.temperatures or TEMPERATURES[self.temperature]))
