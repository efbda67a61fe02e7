"""The parameters of mode `describe`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import parameter
from core.topology.topology_params import TopologyParams


class DescribeParams(TopologyParams):
    """What components and loops one item has at every radius and every level of the second parameter."""

    mode: Literal["describe"] = "describe"
    item: int = parameter(
        1, title="Item", description="Its number in the file, from 1.", main=True, minimum=1, maximum=10_000_000
    )
    resolution: int = parameter(
        100,
        title="Resolution",
        description="Values on each axis of the grid at which Hilbert functions are sampled, exactly.",
        minimum=2,
        maximum=500,
    )
    landscape_resolution: int = parameter(
        40,
        title="Landscape resolution",
        description="Values on each axis of the landscapes, each diagonal of whose grid takes a barcode.",
        minimum=2,
        maximum=200,
    )
    layers: int = parameter(
        2, title="Landscape layers", description="How many landscapes are shown.", minimum=1, maximum=5
    )
