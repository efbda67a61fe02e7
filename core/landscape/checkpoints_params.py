"""The parameters of mode `checkpoints`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter


class CheckpointsParams(Params):
    """Checkpoints that you trained: curvature of each, how they are connected and how alike they are, what averaging their
    weights gains, the surface around the first with the others in it, and, with a table of load and temperature, their
    phases."""

    mode: Literal["checkpoints"] = "checkpoints"
    target: str = parameter(
        "",
        title="Label column",
        description="Column of the data set that holds the classes; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    architecture: str = parameter(
        "",
        title="Architecture",
        description='JSON such as {"architecture": "cnn", "channels": 1, "width": 8, "classes": 10}, where neither the files nor '
        "their tensors say it.",
        main=True,
        max_length=2000,
    )
    scaling: Literal["none", "automatic", "columns", "common"] = parameter(
        "none",
        title="Scaling",
        description="What your training did to the features first: none; columns: each to mean 0 and variance 1; common: one mean "
        "and variance for all; automatic: common for images, else columns.",
        main=True,
    )
    averaging: bool = parameter(
        True,
        title="Average weights",
        description="Plain, greedy, Fisher-weighted and aligned averages of each cell and of all checkpoints, beside their members.",
        main=True,
    )
    pretrained: str = parameter(
        "",
        title="Pretrained checkpoint",
        description="File from which the others were fine-tuned, for the line from it to each of them (WiSE-FT); empty: the one that "
        "a column pretrained of the table marks, if any.",
        max_length=300,
    )
    choosing_share: float = parameter(
        0.3,
        title="Share to choose by",
        description="Of the held-out rows (without such data: of all rows), by which greedy averages, the best member and alpha are "
        "chosen; the others are what is reported.",
        minimum=0.01,
        maximum=0.9,
    )
    fisher_rows: int = parameter(
        200,
        title="Rows for Fisher weights",
        description="Rows that the Fisher information of each checkpoint is taken over, the first ones.",
        unit="rows",
        minimum=1,
        maximum=100_000,
    )
    line_points: int = parameter(
        11,
        title="Points of a line",
        description="Values of alpha from the pretrained checkpoint to a fine-tuned one, an odd number.",
        minimum=3,
        maximum=101,
    )
    statistics: Literal["eval", "batch statistics"] = parameter(
        "eval",
        title="Statistics",
        description="What batch normalisation uses while curvature is measured: its running statistics, or those of the batch.",
    )
    eigenvalues: int = parameter(
        5, title="Eigenvalues", description="The largest of each Hessian.", minimum=1, maximum=50
    )
    products: int = parameter(
        60,
        title="Hessian products",
        description="The most matrix-vector products for trace and eigenvalues of one checkpoint.",
        minimum=20,
        maximum=5000,
    )
    curvature_rows: int = parameter(
        2000,
        title="Rows for curvature",
        description="Rows that the Hessian and CKA are taken over, the first ones.",
        unit="rows",
        minimum=10,
        maximum=1_000_000,
    )
    most_pairs: int = parameter(
        15,
        title="Most pairs",
        description="Pairs of checkpoints that are connected and compared; pairs of one cell of the table come first.",
        minimum=0,
        maximum=1000,
    )
    curve_epochs: int = parameter(
        20, title="Curve epochs", description="Of the training of each curve.", minimum=1, maximum=1000
    )
    curve_learning_rate: float = parameter(
        0.02, title="Curve learning rate", description="Of that training.", minimum=1e-6, maximum=100.0
    )
    batch_size: int = parameter(
        128, title="Batch size", description="Of that training.", unit="rows", minimum=1, maximum=100_000
    )
    surface_points: int = parameter(
        21,
        title="Surface points",
        description="On each axis of the plane, an odd number, so that the first checkpoint lies in the centre.",
        minimum=3,
        maximum=101,
    )
    most_rows: int = parameter(
        10_000,
        title="Most rows",
        description="A larger data set is reduced to its first rows.",
        unit="rows",
        minimum=20,
        maximum=10_000_000,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu", title="Device", description="Where everything is measured; gpu waits for a worker that has one."
    )
    seed: int = parameter(
        0, title="Seed", description="Of probes, curves and directions.", minimum=0, maximum=2**31 - 1
    )
