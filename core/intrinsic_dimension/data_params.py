"""The parameters of mode `data`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter


class DataParams(Params):
    """How many dimensions the points of a data set really fill: the distances between neighbours, the number of close
    pairs and the principal components are measured, and a dimension with its standard error comes out of each method,
    from the smallest scale to the largest. With a network, the same is asked of what each of its layers makes of them."""

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
    network_epochs: int = parameter(
        20,
        title="Epochs of the network",
        description="Passes over the training rows by which a network without weights of its own is trained on the data first.",
        minimum=1,
        maximum=1000,
    )
    network_points: int = parameter(
        2_000,
        title="Points in the network",
        description="So many of the points are looked at in each layer of the network.",
        unit="points",
        minimum=10,
        maximum=20_000,
    )
    network_scaling: Literal["automatic", "columns", "common", "none"] = parameter(
        "automatic",
        title="Scaling for the network",
        description="columns: each to mean 0 and variance 1; common: one mean and variance for all; automatic: what suits the data "
        "where the network is trained here, none where it was brought with its weights.",
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Draws the points that are kept, and the start of a network that is trained.",
        minimum=0,
        maximum=2**31 - 1,
    )
