"""The parameters of mode `robustness`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.topology.topology_params import TopologyParams

SWEEPS = ("noise", "outliers", "subsample")
MOST_SIZES = 20
LARGEST_NOISE, LARGEST_SHARE = 10.0, 2.0


class RobustnessParams(TopologyParams):
    """How far noise, outliers and missing points move the invariants and features of one item, against the bound of the
    stability theorem and against how far apart the items of the file are."""

    mode: Literal["robustness"] = "robustness"
    item: int = parameter(
        1, title="Item", description="Its number in the file, from 1.", main=True, minimum=1, maximum=10_000_000
    )
    sweeps: tuple[str, ...] = parameter(
        SWEEPS,
        title="Sweeps",
        description="Some of noise, outliers, subsample. What the form of the data does not have is left out: graphs and distance "
        "matrices have no outliers, images no subsample.",
        main=True,
        max_length=len(SWEEPS),
    )
    invariant: Literal["hilbert", "euler"] = parameter(
        "hilbert",
        title="Invariant",
        description="Of the signed measure. euler is not for rips, where it sums over all cliques.",
        main=True,
    )
    noise: tuple[float, ...] = parameter(
        (0.005, 0.01, 0.02, 0.05, 0.1),
        title="Noise levels",
        description="Standard deviation of the noise on each coordinate, as a share of the diameter (of graphs and images: on "
        "each value, as a share of their range).",
        max_length=MOST_SIZES,
    )
    outliers: tuple[float, ...] = parameter(
        (0.02, 0.05, 0.1, 0.2),
        title="Shares of outliers",
        description="Points added evenly over the box around the item, as a share of its points; of images, pixels that are "
        "set to the lowest or highest value.",
        max_length=MOST_SIZES,
    )
    kept: tuple[float, ...] = parameter(
        (0.9, 0.75, 0.5),
        title="Shares kept",
        description="Of the points (vertices of a graph) in a random subsample.",
        max_length=MOST_SIZES,
    )
    repeats: int = parameter(5, title="Repeats", description="Draws of each size.", minimum=1, maximum=100)
    kernel_bandwidth: float = parameter(
        0.1,
        title="Kernel bandwidth",
        description="Of the Gaussian images that are the features, as a share of the box.",
        minimum=1e-3,
        maximum=10.0,
    )
    others: int = parameter(
        20,
        title="Other items",
        description="At most so many of the file's other items are compared with this one, as a yardstick; 0: none.",
        minimum=0,
        maximum=1_000,
    )
    most_points: int | None = parameter(
        150,
        title="Most points",
        description="Larger clouds are thinned out to so many before the complexes are built: the theorem's bound sums over all "
        "their triangles. The second parameter is computed on all points first.",
        unit="points",
        minimum=2,
        maximum=1_000,
    )
    seed: int = parameter(
        0, title="Seed", description="Of all draws, and of a random subsample.", minimum=0, maximum=2**31 - 1
    )

    @model_validator(mode="after")
    def _sweeps_and_sizes_fit(self) -> Self:
        wrong = [name for name in self.sweeps if name not in SWEEPS]
        if wrong:
            raise ValueError(f"Sweeps: {wrong[0]!r} is no sweep; name some of {', '.join(SWEEPS)}.")
        if not self.sweeps or len(set(self.sweeps)) < len(self.sweeps):
            raise ValueError(f"Sweeps: name at least one of {', '.join(SWEEPS)}, each once.")
        for title, sizes, most, included in (
            ("Noise levels", self.noise, LARGEST_NOISE, True),
            ("Shares of outliers", self.outliers, LARGEST_SHARE, True),
            ("Shares kept", self.kept, 1.0, False),
        ):
            if not sizes or len(set(sizes)) < len(sizes):
                raise ValueError(f"{title}: name at least one, each once, such as {sizes[0] if sizes else 0.5:g}.")
            if not all(0 < size < most or (included and size == most) for size in sizes):
                raise ValueError(
                    f"{title}: numbers above 0 and {'up to' if included else 'below'} {most:g} are expected."
                )
        if self.levels is not None:
            raise ValueError("Levels: robustness compares measures at every value, exactly; leave Levels empty.")
        if self.invariant == "euler" and self.filtration == "rips":
            raise ValueError(EULER_OF_RIPS)
        return self

    def sizes(self, sweep: str) -> tuple[float, ...]:
        """The sizes of a sweep, from the smallest change to the largest."""
        if sweep == "subsample":
            return tuple(sorted(self.kept, reverse=True))
        return tuple(sorted(self.noise if sweep == "noise" else self.outliers))


EULER_OF_RIPS = (
    "Invariant: the Euler measure of filtration=rips sums over all cliques, 2^n - 1 of n points, and so does the theorem's "
    "bound; choose invariant=hilbert, or filtration=alpha for points of up to 3 dimensions."
)
