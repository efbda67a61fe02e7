"""How items become features: the parameters that modes `vectorize` and `score` share."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.topology.topology_params import TopologyParams

RESOLUTION, RECTANGLE_RESOLUTION, MOST_OF_RECTANGLES = 20, 5, 10
INVARIANTS_OF = {  # the invariants that a vectorization of measures takes
    "convolution": ("hilbert", "euler"),
    "hilbert_grid": ("hilbert",),
    "euler_grid": ("euler",),
    "rectangles": ("rank",),
}


class VectorizationParams(TopologyParams):
    """The vectorization and its settings."""

    vectorization: Literal["convolution", "hilbert_grid", "euler_grid", "landscape", "s_cdr", "rectangles"] = parameter(
        "convolution",
        title="Vectorization",
        description="Gaussian images of signed measures, values of the Hilbert or Euler function on a grid, landscapes, stable "
        "representations of intervals, or images of the rank measure's rectangles.",
        main=True,
    )
    invariant: Literal["hilbert", "euler", "rank"] = parameter(
        "hilbert",
        title="Invariant",
        description="Of the signed measure: hilbert or euler for convolution, rank for rectangles. landscape and s_cdr come "
        "from the module itself and do not use it.",
        main=True,
    )
    resolution: int | None = parameter(
        None,
        title="Resolution",
        description=f"Grid values on each axis. Automatic: {RESOLUTION}, or {RECTANGLE_RESOLUTION} on the four axes of rectangles.",
        minimum=2,
        maximum=200,
    )
    kernel_bandwidth: float = parameter(
        0.1,
        title="Kernel bandwidth",
        description="Of the Gaussian of convolution and rectangles, as a share of the box; of s_cdr half its window.",
        minimum=1e-4,
        maximum=10.0,
    )
    reduction: Literal["sum", "mean"] = parameter(
        "sum",
        title="Reduction",
        description="sum is additive and stable; mean divides by the number of Diracs, as published code does.",
    )
    layers: int = parameter(
        2, title="Landscape layers", description="Of vectorization=landscape.", minimum=1, maximum=10
    )
    power: float = parameter(
        1.0, title="Power", description="Of the weights of vectorization=s_cdr.", minimum=0.0, maximum=10.0
    )

    @model_validator(mode="after")
    def _invariant_fits(self) -> Self:
        taken = INVARIANTS_OF.get(self.vectorization)
        if taken is not None and self.invariant not in taken:
            raise ValueError(
                f"Invariant: vectorization={self.vectorization} takes {' or '.join(taken)}, not {self.invariant}; choose "
                f"invariant={taken[0]}."
            )
        if self.vectorization == "rectangles" and (self.resolution or 0) > MOST_OF_RECTANGLES:
            raise ValueError(
                f"Resolution: rectangles have four axes, so at most {MOST_OF_RECTANGLES} values on each are accepted."
            )
        return self

    def grid(self) -> int:
        """The resolution, automatic or chosen."""
        return self.resolution or (RECTANGLE_RESOLUTION if self.vectorization == "rectangles" else RESOLUTION)

    def transformer_settings(self) -> dict[str, Any]:
        """The arguments of the transformer."""
        resolution: dict[str, Any] = {"resolution": self.grid()}
        if self.vectorization in ("convolution", "rectangles"):
            return {**resolution, "bandwidth": self.kernel_bandwidth, "reduction": self.reduction}
        if self.vectorization == "landscape":
            return {**resolution, "layers": self.layers}
        if self.vectorization == "s_cdr":
            return {**resolution, "delta": self.kernel_bandwidth, "p": self.power}
        return resolution
