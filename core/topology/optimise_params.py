"""The parameters of mode `optimise`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.topology.topology_params import TopologyParams


class OptimiseParams(TopologyParams):
    """Moves the points of one cloud, or their second parameter, downhill on a loss of its topology, by exact derivatives."""

    mode: Literal["optimise"] = "optimise"
    loss: Literal["open_loops", "remove_clutter", "localized", "norm", "target"] = parameter(
        "open_loops",
        title="Loss",
        description="open_loops widens the largest loop at each radius and level; remove_clutter draws points that lie in sparse "
        "places at the start to their neighbours; localized lets features of dense places live longer; norm moves what begins "
        "to the origin and what ends away from it; target brings the signed measure near that of a circle or another item.",
        main=True,
    )
    variables: Literal["points", "function"] = parameter(
        "points",
        title="What moves",
        description="points, whose second parameter follows; or function, the values of the second parameter alone.",
        main=True,
    )
    iterations: int = parameter(
        100,
        title="Iterations",
        description="Of Adam. 0 only checks the gradient.",
        main=True,
        minimum=0,
        maximum=10_000,
    )
    degrees: tuple[int, ...] = parameter(
        (1,),
        title="Degrees",
        description="Of norm, localized and target; remove_clutter is about degree 0 and open_loops about degree 1.",
        max_length=3,
    )
    learning_rate: float = parameter(
        0.005,
        title="Learning rate",
        description="Of Adam: about how far a point moves in an iteration, as a share of the diameter (a value: of their range).",
        minimum=1e-6,
        maximum=1.0,
    )
    item: int = parameter(1, title="Item", description="Its number in the file, from 1.", minimum=1, maximum=10_000_000)
    target: Literal["circle", "item"] = parameter(
        "circle",
        title="Target",
        description="Of loss=target: a circle with as many points and the same mean radius, or another item.",
    )
    target_item: int = parameter(
        2, title="Target item", description="Of target=item: its number in the file.", minimum=1, maximum=10_000_000
    )
    loss_level: float = parameter(
        0.8,
        title="Level of the loss",
        description="Share of the points that lie below it at the start: remove_clutter moves points above it, localized "
        "counts features below it.",
        minimum=0.0,
        maximum=1.0,
    )
    box_weight: float = parameter(
        1.0,
        title="Box",
        description="Weight of a penalty for leaving the box of the start, a tenth of the diameter wider; 0: none.",
        minimum=0.0,
        maximum=1e6,
    )
    anchor_weight: float = parameter(
        0.1,
        title="Anchor",
        description="Weight of a penalty for moving away from the start at all; 0: none.",
        minimum=0.0,
        maximum=1e6,
    )
    starts: int = parameter(
        1,
        title="Starts",
        description="The first is the data as they are, the others add noise; the one with the lowest loss is shown.",
        minimum=1,
        maximum=20,
    )
    noise: float = parameter(
        0.02,
        title="Noise of starts",
        description="Standard deviation, as a share of the diameter (of values: of their range).",
        minimum=0.0,
        maximum=1.0,
    )
    check_gradient: int = parameter(
        8,
        title="Gradient check",
        description="So many derivatives, drawn by the seed, are compared with central differences before and after; 0: none.",
        minimum=0,
        maximum=1_000,
    )
    resolution: int = parameter(
        60,
        title="Resolution",
        description="Values on each axis of the grid of the Hilbert functions before and after.",
        minimum=2,
        maximum=200,
    )
    most_points: int | None = parameter(
        300,
        title="Most points",
        description="Larger clouds are thinned out to so many before anything is computed. Empty: never.",
        unit="points",
        minimum=2,
        maximum=100_000,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Of a random subsample, of the noise of starts, and of what the gradient check draws.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @model_validator(mode="after")
    def _derivatives_exist(self) -> Self:
        if self.levels is not None:
            raise ValueError(
                "Levels: mode optimise tells all values of the second parameter apart, since given levels have no derivatives; "
                "leave it empty."
            )
        if self.loss == "target" and self.target == "item" and self.target_item == self.item:
            raise ValueError("Target item: it is the item itself, so the loss is 0 from the start; name another one.")
        return self

    def loss_degrees(self) -> tuple[int, ...]:
        """The degrees of homology that the loss looks at."""
        return {"remove_clutter": (0,), "open_loops": (1,)}.get(self.loss, self.degrees)
