"""The parameters of mode `data`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter


class DataParams(Params):
    """How many dimensions the points of a data set really fill: the distances between neighbours, the number of close
    pairs and the principal components are measured, and a dimension with its standard error comes out of each method,
    from the smallest scale to the largest."""

    mode: Literal["data"] = "data"
    target: str = parameter(
        "",
        title="Label column",
        description="Column of a table that holds labels and is left out; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    max_points: int = parameter(
        10_000,
        title="Most points",
        description="A larger data set is reduced to this many points, drawn at random; time grows with the square.",
        unit="points",
        main=True,
        minimum=10,
        maximum=200_000,
    )
    neighbours: int = parameter(
        128,
        title="Neighbours",
        description="Largest neighbourhood looked at; at most a quarter of the points are used.",
        unit="points",
        minimum=2,
        maximum=128,
    )
    standardise: bool = parameter(
        False,
        title="Standardise",
        description="Give each column unit variance first; needed where the columns have different units.",
        main=True,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Draws the points that are kept.",
        minimum=0,
        maximum=2**31 - 1,
    )
