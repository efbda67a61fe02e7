"""The parameters of mode `vectorize`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.topology.vectorization_params import VectorizationParams

RANK_GRID, MOST_OF_RANK_GRID = 10, 60
OF_PEER = ("s_cdr", "rectangles")


class VectorizeParams(VectorizationParams):
    """Features of every item that a classifier can use, of the same length for all; grid and bandwidth are fitted to the
    training part where the file names one."""

    mode: Literal["vectorize"] = "vectorize"
    rank_grid: int = parameter(
        RANK_GRID,
        title="Rank grid",
        description="Of vectorization=rectangles: values on each axis at which ranks are computed, evenly between the lowest "
        "and the highest grade of the training part; levels are not used then. Twice as many cost four times as much.",
        minimum=2,
        maximum=MOST_OF_RANK_GRID,
    )
    engine: Literal["assay", "multipers"] = parameter(
        "assay",
        title="Engine",
        description="multipers 2.3.2, where it is installed, may compute s_cdr (bars matched by their vineyard) and rectangles "
        "of filtration=rips, in a process of its own.",
    )

    @model_validator(mode="after")
    def _engine_fits(self) -> Self:
        if self.engine == "multipers" and self.vectorization not in OF_PEER:
            raise ValueError(
                f"Engine: multipers computes vectorization={' or '.join(OF_PEER)}, not {self.vectorization}; choose "
                "engine=assay."
            )
        return self
