"""What all modes of topology share: how the data are read, made into items, and filtered by two parameters."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from core.analysis import Inputs, Params, parameter
from core.topology.asked import Asked

HIGHEST_DEGREE = 3
LARGEST = 1e12  # of lengths and bandwidths


class TopologyParams(Params):
    """Items, and the two parameters that filter them."""

    filtration: Literal["auto", "rips", "alpha", "graph", "cubical"] = parameter(
        "auto",
        title="Filtration",
        description="rips: edges by their length; alpha: unions of balls by their diameter, up to 3 dimensions; graph; cubical "
        "for images. auto: rips for points, graph and cubical for the others.",
        main=True,
    )
    second: Literal[
        "auto",
        "codensity",
        "dtm",
        "eccentricity",
        "column",
        "degree",
        "closeness",
        "heat_kernel",
        "fiedler",
        "ricci",
        "edge_length",
        "attribute",
    ] = parameter(
        "auto",
        title="Second parameter",
        description="Of points and images: codensity (low where points are dense), dtm (distance to a measure), eccentricity or "
        "column (values of your own); the others are for graphs. auto: codensity, of graphs degree.",
        main=True,
    )
    degrees: tuple[int, ...] = parameter(
        (0, 1),
        title="Degrees",
        description="Of homology: 0 counts components, 1 loops, 2 voids.",
        main=True,
        max_length=HIGHEST_DEGREE + 1,
    )
    bandwidth: float = parameter(
        -0.2,
        title="Bandwidth",
        description="Of the codensity, as a length; below 0 a share of the diameter, -0.2 a fifth of it.",
        minimum=-LARGEST,
        maximum=LARGEST,
    )
    mass: float = parameter(
        0.1, title="Mass", description="Of the distance to a measure: a share of the points.", minimum=0.0, maximum=1.0
    )
    first: Literal["heat_kernel", "degree", "closeness", "fiedler", "ricci", "edge_length", "attribute"] = parameter(
        "heat_kernel", title="First parameter of graphs", description="The function on the first axis of graphs."
    )
    heat_time: float = parameter(
        10.0, title="Heat time", description="Of the heat kernel signature.", minimum=1e-6, maximum=1e6
    )
    attribute: str = parameter(
        "", title="Attribute", description="Of vertices, by name; empty: the first.", max_length=200
    )
    levels: int | None = parameter(
        None,
        title="Levels",
        description="Quantiles of the second parameter that are told apart; fewer cost less. Automatic: every value, exactly.",
        minimum=1,
        maximum=100_000,
    )
    threshold: float | None = parameter(
        None,
        title="Threshold",
        description="Of rips: longer edges are left out, which cuts classes of sparse levels. Automatic: the full range.",
        minimum=0.0,
        maximum=LARGEST,
    )
    dimension: int = parameter(
        3, title="Embedding dimension", description="Of the delay embedding of series.", minimum=1, maximum=100
    )
    delay: int = parameter(
        1, title="Delay", description="Steps between the embedding's coordinates.", minimum=1, maximum=100_000
    )
    skip: int = parameter(1, title="Skip", description="Steps between its points.", minimum=1, maximum=100_000)
    most_points: int | None = parameter(
        500,
        title="Most points",
        description="Larger clouds are thinned out to so many, and the result says how well these cover the rest. The second "
        "parameter is computed on all points first. Empty: never.",
        unit="points",
        minimum=2,
        maximum=100_000,
    )
    sampling: Literal["landmarks", "random"] = parameter(
        "landmarks", title="Sampling", description="landmarks cover the cloud evenly; random keeps its density."
    )
    form: Literal["auto", "cloud", "clouds", "series", "graphs", "distances", "images"] = parameter(
        "auto", title="Form", description="What the file holds, where it does not say so itself."
    )
    label: str = parameter(
        "",
        title="Label column",
        description="Empty: the one called y, label, target or class.",
        max_length=300,
    )
    function: str = parameter(
        "",
        title="Function column",
        description="One value a point, for second=column; empty: the one called function.",
        max_length=300,
    )
    seed: int = parameter(0, title="Seed", description="Of a random subsample.", minimum=0, maximum=2**31 - 1)

    @model_validator(mode="after")
    def _choices_fit_each_other(self) -> Self:
        if not self.degrees or len(set(self.degrees)) < len(self.degrees):
            raise ValueError("Degrees: name at least one degree, each once, such as 0, 1.")
        if any(not 0 <= degree <= HIGHEST_DEGREE for degree in self.degrees):
            raise ValueError(f"Degrees: whole numbers from 0 to {HIGHEST_DEGREE} are expected, such as 0, 1.")
        if self.bandwidth == 0:
            raise ValueError("Bandwidth: 0 is no bandwidth; give a length, or a number below 0 for a share.")
        if self.threshold is not None and self.filtration in ("alpha", "graph", "cubical"):
            raise ValueError("Threshold is for filtration=rips; the others have the full range at no cost.")
        return self

    def preparation(self) -> dict[str, Any]:
        """Fields of `core.topology.inputs.Preparation`."""
        return {
            "dimension": self.dimension,
            "delay": self.delay,
            "skip": self.skip,
            "most_points": self.most_points,
            "sampling": self.sampling,
            "seed": self.seed,
        }

    def asked(self, inputs: Inputs) -> Asked:
        """What each step is told of the data and the two parameters."""
        return Asked(
            data=inputs["data"],
            function=inputs.get("function"),
            labels=inputs.get("labels"),
            reading={"form": self.form, "function": self.function, "label": self.label},
            preparation=self.preparation(),
            filtering={
                "filtration": self.filtration,
                "second": self.second,
                "first": self.first,
                "threshold": self.threshold,
            },
            settings={
                "bandwidth": self.bandwidth,
                "mass": self.mass,
                "time": self.heat_time,
                "attribute": self.attribute,
            },
            levels=self.levels,
        )
