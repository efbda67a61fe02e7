"""The parameters of mode `vectorize`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import parameter
from core.topology.vectorization_params import VectorizationParams

RANK_GRID, MOST_OF_RANK_GRID = 10, 60


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
