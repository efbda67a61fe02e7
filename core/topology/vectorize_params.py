"""The parameters of mode `vectorize`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.topology.vectorization_params import VectorizationParams


class VectorizeParams(VectorizationParams):
    """Features of every item that a classifier can use, of the same length for all; grid and bandwidth are fitted to the
    training part where the file names one."""

    mode: Literal["vectorize"] = "vectorize"
